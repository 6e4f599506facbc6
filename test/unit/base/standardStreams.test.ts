import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'mocha';
import { standardInput } from '../../../src/base/standardStreams';

async function linesOf(...chunks: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of standardInput(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))) lines.push(line);
  return lines;
}

describe('standardInput', () => {
  it('cuts at line feeds, whatever the chunks', async () => {
    assert.deepEqual(await linesOf('a\r\nb', 'c\n', '\nd'), ['a', 'bc', '', 'd']);
  });

  it('drops a byte order mark in front, and only there', async () => {
    assert.deepEqual(await linesOf('\ufeffa\n\ufeffb'), ['a', '\ufeffb']);
  });
});
