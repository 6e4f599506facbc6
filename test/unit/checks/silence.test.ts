import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createCheckedRepository } from '../../../src/checks/checkedRepository';
import { checkFile } from '../../../src/checks/checkFile';
import { editSilence } from '../../../src/checks/silence';
import { applyEdits } from '../../../src/manifests/edits';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import { defaultSettings } from '../../../src/model/settings';

const file = 'policy.yaml';
const policy = `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: backend
  namespace: flux-system
spec:
  imageRepositoryRef:
    name: backend
  filterTags:
    pattern: '['
    extract: '$nothing'
  policy:
    numerical:
      order: asc
`;

function findingsIn(text: string) {
  const tree = treeOf({ [file]: text });
  return checkFile(createCheckedRepository(tree, readManifests(tree), defaultSettings), file, text);
}

/** Silences everything, one by one. */
function silenceAll(text: string): string {
  let now = text;
  for (let [finding] = findingsIn(now); finding !== undefined; [finding] = findingsIn(now)) {
    const edit = editSilence(file, now, finding);
    assert.ok(edit, finding.rule);
    now = applyEdits(now, [edit]);
  }
  return now;
}

describe('silencing a finding', () => {
  it('writes the comment above the line, indented like it', () => {
    assert.match(silenceAll(policy), /\n {4}# flux-promote-disable-next-line pattern-refused\n {4}pattern: '\['/);
  });

  it('keeps the line ends of the file', () => {
    const silenced = silenceAll(policy.replaceAll('\n', '\r\n'));
    assert.equal(silenced.replaceAll('\r\n', '').includes('\n'), false);
    assert.match(silenced, /disable-next-line pattern-refused\r\n/);
  });

  it('adds a rule to the comment that is there', () => {
    const [found] = findingsIn(policy);
    assert.ok(found);
    const commented = policy.replace('    pattern', '    # flux-promote-disable-next-line keys-collide\n    pattern');
    const edit = editSilence(file, commented, { ...found, range: { start: commented.indexOf("'["), end: 0 } });
    assert.ok(edit);
    const text = applyEdits(commented, [edit]);
    assert.match(text, /disable-next-line keys-collide, pattern-refused\n/);
    assert.equal(
      findingsIn(text).some(({ rule }) => rule === 'pattern-refused'),
      false,
    );
  });

  it('refuses where the comment would become part of a text', () => {
    const text = 'data:\n  key: |\n    one\n    two\n';
    assert.equal(
      editSilence(file, text, { rule: 'keys-collide', range: { start: text.indexOf('two'), end: 0 } }),
      undefined,
    );
  });

  it('refuses where the comment would come between a marker and its scalar', () => {
    const text = 'images:\n  # {"$imagepolicy": "flux-system:backend"}\n  - one:1\n';
    assert.equal(
      editSilence(file, text, { rule: 'marker-type-trap', range: { start: text.indexOf('one'), end: 0 } }),
      undefined,
    );
  });

  it('works in the first line', () => {
    const edit = editSilence(file, 'kind: A\n', { rule: 'digest-interval', range: { start: 0, end: 4 } });
    assert.deepEqual(edit, {
      range: { start: 0, end: 0 },
      text: '# flux-promote-disable-next-line digest-interval\n',
    });
  });
});
