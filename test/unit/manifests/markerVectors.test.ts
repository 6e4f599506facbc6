// 0 differences against image-automation-controller 1.2.4's own setter code.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { applyEdits } from '../../../src/manifests/edits';
import { applySetters, type SetterPolicy } from '../../../src/manifests/setters';
import { type MarkerVector, readMarkerVectors } from './vectors';

function policiesOf(vector: MarkerVector): readonly SetterPolicy[] {
  return vector.policies.map(({ Namespace, Name, Image, Tag, Digest }) => ({
    namespace: Namespace,
    name: Name,
    latestRef: { name: Image, tag: Tag, ...(Digest === '' ? {} : { digest: Digest }) },
  }));
}

function formatChanges(vector: MarkerVector): readonly string[] {
  return applySetters(vector.file, vector.before, policiesOf(vector))
    .changes.map((change) => `${change.marker.isStray ? '' : vector.file}|${change.setter}|${change.old}|${change.new}`)
    .sort();
}

describe('markers against image-automation-controller', () => {
  // The second file holds odder YAML than people write: comments everywhere, nested lists, tabs, directives. The third holds
  // what breaks a file: unclosed quotes, directives and end marks that the reader cuts off, text behind separators. The fourth
  // holds what a marker's own text can be.
  for (const name of [
    'markers.jsonl.gz',
    'markers-adversarial.jsonl.gz',
    'markers-hostile.jsonl.gz',
    'markers-texts.jsonl.gz',
  ]) {
    it(`makes the same changes in every vector of ${name}`, () => {
      for (const vector of readMarkerVectors(name)) {
        assert.deepEqual(formatChanges(vector), vector.changes, vector.before);
      }
    });

    it(`leaves nothing to change after its own edits in ${name}`, () => {
      for (const vector of readMarkerVectors(name)) {
        const policies = policiesOf(vector);
        const once = applySetters(vector.file, vector.before, policies);
        const after = applyEdits(vector.before, once.edits);
        const again = applySetters(vector.file, after, policies).changes.filter(({ marker }) => !marker.isStray);
        assert.deepEqual(again, [], after);
      }
    });
  }
});
