// What a container says, line by line, as it says it.
import type { KubeReader, LogPart } from './client';

export interface LogSource {
  readonly namespace: string;
  readonly pod: string;
}

/** A line that does not end is cut here, and the rest of it left out. */
const maxLineBytes = 16_384;

/** Ends with the container, with the signal, or at once where only what there is was asked for. */
export async function* streamLog(
  reader: Pick<KubeReader, 'log'>,
  { namespace, pod }: LogSource,
  part: LogPart,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let pending = Buffer.alloc(0);
  for await (const chunk of await reader.log(namespace, pod, part, signal)) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield lineOf(pending, chunk.subarray(start, end));
      pending = Buffer.alloc(0);
      start = end + 1;
    }
    if (pending.length < maxLineBytes) pending = Buffer.concat([pending, chunk.subarray(start)]);
  }
  if (pending.length > 0) yield lineOf(pending, Buffer.alloc(0));
}

function lineOf(begun: Buffer, rest: Buffer): string {
  const line = Buffer.concat([begun, rest]);
  return line.subarray(0, maxLineBytes).toString('utf8').replace(/\r$/, '');
}
