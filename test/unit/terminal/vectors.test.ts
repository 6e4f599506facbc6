// `--batch` takes the recorded vectors as they are, and answers as the original Go code did.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, it } from 'mocha';
import { batch } from './paper';

type Vector = Readonly<Record<string, unknown>>;

function readVectors(name: string): readonly Vector[] {
  const packed = readFileSync(join(__dirname, '../../fixtures/vectors', `${name}.jsonl.gz`));
  const lines = gunzipSync(packed).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Vector);
}

/** Every vector that is answered differently, beside its answer. */
async function differences(
  given: readonly string[],
  vectors: readonly Vector[],
  isSame: (vector: Vector, answer: Vector) => boolean,
): Promise<readonly unknown[]> {
  const answers = (await batch([...given, '--batch'], vectors)) as readonly Vector[];
  assert.equal(answers.length, vectors.length);
  return vectors.flatMap((vector, index) => {
    const answer = answers[index];
    return answer !== undefined && isSame(vector, answer) ? [] : [{ vector, answer }];
  });
}

describe('the recorded vectors through --batch', function () {
  this.timeout(60_000);

  it('select', async () => {
    const isSame = ({ anyOf, errorAnyOf }: Vector, { tag, tags, error }: Vector): boolean => {
      if (Array.isArray(errorAnyOf)) return errorAnyOf.includes(error);
      const ours: readonly unknown[] = Array.isArray(tags) ? tags : [tag];
      return Array.isArray(anyOf) && anyOf.every((one) => ours.includes(one));
    };
    assert.deepEqual(await differences(['select'], readVectors('select'), isSame), []);
  });

  it('markers', async () => {
    const isSame = ({ changes }: Vector, answer: Vector): boolean =>
      JSON.stringify(answer) === JSON.stringify({ changes });
    assert.deepEqual(await differences(['markers'], readVectors('markers'), isSame), []);
  });

  it('images', async () => {
    const isSame = ({ root, images, error }: Vector, answer: Vector): boolean => {
      if (error !== undefined) return JSON.stringify(answer) === JSON.stringify({ dir: root, error });
      assert.ok(Array.isArray(images));
      const wanted = images.map((image: Record<string, string>) => ({
        kind: image['Kind'],
        name: image['Name'],
        namespace: image['Namespace'],
        container: image['Container'],
        image: image['Image'],
      }));
      return JSON.stringify(answer) === JSON.stringify({ dir: root, images: wanted });
    };
    assert.deepEqual(await differences(['images'], readVectors('overlays'), isSame), []);
  });

  for (const [given, recorded, none] of [
    [['prove'], 'shortestWitnessUpTo6', 'included'],
    [['prove', '--overlap'], 'shortestOverlapUpTo6', 'disjoint'],
  ] as const) {
    it(given.join(' '), async () => {
      const isSame = ({ [recorded]: length }: Vector, answer: Vector): boolean => {
        const { witness } = answer;
        // A witness of other characters than the recorded six may be shorter, or be there where none was found.
        if (typeof witness === 'string') return length === -1 || witness.length <= Number(length);
        return length === -1 && answer[none] === true;
      };
      assert.deepEqual(await differences(given, readVectors('prove'), isSame), []);
    });
  }
});
