// Standard input by lines and standard output with patience: memory stays small however long the stream is.
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';

/**
 * Lines without their ends, each as soon as it is whole. Only a line feed ends a line: other breaks may stand in JSON. A byte
 * order mark, which editors and shells on Windows put in front, is no part of the first.
 */
export async function* standardInput(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let isFirst = true;
  for await (const chunk of stream) {
    const decoded = typeof chunk === 'string' ? chunk : decoder.write(chunk);
    const lines = (isFirst ? decoded.replace(/^\ufeff/, '') : decoded).split('\n');
    if (decoded !== '') isFirst = false;
    parts.push(lines[0] ?? '');
    for (const next of lines.slice(1)) {
      yield withoutReturn(parts.join(''));
      parts = [next];
    }
  }
  const last = parts.join('') + decoder.end();
  if (last !== '') yield withoutReturn(last);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Resolves when the reader has room again. A reader that went away (`| head`) ends the process in silence. */
export function standardOutput(stream: NodeJS.WriteStream): (text: string) => Promise<void> {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  return async (text) => {
    if (!stream.write(text)) await once(stream, 'drain');
  };
}
