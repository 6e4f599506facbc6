import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Records made by the original Go code, one JSON object a line (`test/fixtures/vectors`). */
export function readVectors<T>(name: string, isVector: (value: unknown) => value is T): readonly T[] {
  const packed = readFileSync(join(__dirname, '../../fixtures/vectors', name));
  const lines = gunzipSync(packed).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const value: unknown = JSON.parse(line);
    if (!isVector(value)) throw new TypeError(`${name}: ${line}`);
    return value;
  });
}
