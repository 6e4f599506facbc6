import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findFieldLine } from '../../../src/manifests/fieldLine';

const text = `# Two policies
kind: ImagePolicy
metadata: {name: one}
spec: {filterTags: {pattern: one}}
---
apiVersion: v1
kind: ImagePolicy
spec:
  filterTags: &filter

    # Why.
    "pattern": >-
      two
`;

const cases: readonly (readonly [name: string, line: number, path: string, found: number | undefined])[] = [
  ['a flow mapping', 2, 'spec.filterTags.pattern', 4],
  ['of the second document', 7, 'spec.filterTags.pattern', 12],
  ['the first line of the second document', 6, 'spec.filterTags.pattern', 12],
  ['a mapping', 7, 'spec.filterTags', 9],
  ['what is not written', 7, 'spec.filterTags.extract', undefined],
  ['below a scalar', 2, 'kind.name', undefined],
  ['beyond the end', 99, 'spec', 8],
];

describe('findFieldLine', () => {
  for (const [name, line, path, found] of cases) {
    it(name, () => {
      assert.equal(findFieldLine(text, line, path.split('.')), found);
      assert.equal(findFieldLine(text.replaceAll('\n', '\r\n'), line, path.split('.')), found);
    });
  }

  it('finds nothing in a file that cannot be read', () => {
    assert.equal(findFieldLine('spec: [\n', 1, ['spec']), undefined);
    assert.equal(findFieldLine('', 1, ['spec']), undefined);
  });
});
