import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  isRelevant,
  lineOf,
  maximumFileSize,
  parseDocuments,
  problemOfFile,
  scalarAt,
} from '../../../src/manifests/documents';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';

describe('parseDocuments', () => {
  it('gives values, ranges and styles', () => {
    const text = '# head\na: &x "1"\nb: *x\n---\nlist:\n  - name: web\n    tag: 1.10 # why\n';
    const { documents, problems } = parseDocuments('x.yaml', text);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      documents.map(({ value }) => value),
      [{ a: '1', b: '1' }, { list: [{ name: 'web', tag: 1.1 }] }],
    );
    const [first, second] = documents;
    assert.ok(first && second);
    const quoted = scalarAt(first, ['b']);
    assert.equal(quoted && text.slice(quoted.range.start, quoted.range.end), '"1"');
    assert.equal(quoted?.isPlain, false);
    const tag = scalarAt(second, ['list', 0, 'tag']);
    assert.equal(tag?.text, '1.10');
    assert.equal(tag.isPlain, true);
    assert.equal(lineOf(text, tag.range.start), 7);
    assert.equal(scalarAt(second, ['list', 1, 'tag']), undefined);
    assert.equal(scalarAt(second, ['list']), undefined);
  });

  it('says where a file is broken and keeps the sound documents', () => {
    const parsed = parseDocuments('a/x.yaml', 'a: 1\n---\nb: [\n');
    assert.equal(parsed.documents[0]?.problems.length, 0);
    assert.equal(parsed.documents[1]?.value, undefined);
    assert.equal(problemOfFile(parsed)?.code, 'yaml-broken');
  });

  it('refuses bombs and huge files', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
      .join('\n')}\n`;
    assert.equal(parseDocuments('bomb.yaml', bomb).problems[0]?.code, 'alias-bomb');
    assert.equal(parseDocuments('huge.yaml', ' '.repeat(maximumFileSize + 1)).problems[0]?.code, 'file-too-large');
  });

  it('refuses what is nested beyond any sense, before the parser ends the process', () => {
    for (const text of ['['.repeat(20_000), '- '.repeat(10_000), ' '.repeat(5000) + 'a: b\n']) {
      assert.equal(parseDocuments('deep.yaml', text).problems[0]?.code, 'yaml-broken');
    }
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('ab:-{}[]&*!|>#"\'\n\t %@`,?.0~<')), maxLength: 60 }),
        (text) => {
          parseDocuments('x.yaml', text);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('isRelevant', () => {
  it('lets pass what matters', () => {
    assert.ok(isRelevant('apiVersion: image.toolkit.fluxcd.io/v1\n'));
    assert.ok(isRelevant('kind: Kustomization\n'));
    assert.ok(isRelevant('image: a:1 # {"$imagepolicy": "a:b"}\n'));
    assert.ok(!isRelevant('kind: ConfigMap\n'));
  });
});

describe('readManifests', () => {
  it('names a relevant file that is too large, and reads the others', () => {
    const policy = 'apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImagePolicy\nmetadata: { name: a, namespace: b }\n';
    const huge = `${policy}---\n${'key: value\n'.repeat(1_000_000)}`;
    const { objects, problems } = readManifests(treeOf({ 'huge.yaml': huge, 'small.yaml': policy }));
    assert.deepEqual(
      objects.map(({ file }) => file),
      ['small.yaml'],
    );
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['file-too-large'],
    );
    assert.match(
      problems[0]?.message ?? '',
      /^huge\.yaml: This file is larger than 5 MB and was not read; split it\.$/,
    );
  });
});
