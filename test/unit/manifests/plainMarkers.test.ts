// The quick way to markers says what the whole reader says, on the recorded files and on what becomes of them when a line is
// taken out, moved to the right, or pushed away from its comment.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readMarkerFile } from '../../../src/manifests/markerFile';
import { findMarkers, markersAmong, visitParts } from '../../../src/manifests/markers';
import { readMarkerVectors } from './vectors';

function changed(text: string): readonly string[] {
  const lines = text.split('\n');
  const withLine = (index: number, line: readonly string[]): string =>
    [...lines.slice(0, index), ...line, ...lines.slice(index + 1)].join('\n');
  return lines.flatMap((line, index) => [
    withLine(index, []),
    withLine(index, [`  ${line}`]),
    withLine(index, [line.replace(/\s+#/, '   #')]),
    withLine(index, line.split(/(?<=:) /)),
  ]);
}

describe('findMarkers', () => {
  it('finds in plain files what the whole reader finds', () => {
    let found = 0;
    const vectors = ['markers.jsonl.gz', 'markers-adversarial.jsonl.gz'].flatMap(readMarkerVectors);
    for (const { file, before } of vectors.filter((_, index) => index % 40 === 0)) {
      for (const text of [before, ...changed(before)]) {
        const whole = markersAmong(visitParts(file, text, readMarkerFile(file, text).parts));
        assert.deepEqual(findMarkers(file, text), whole, text);
        found += whole.length;
      }
    }
    assert.ok(found > 200);
  });
});
