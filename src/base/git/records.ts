// Git's machine-readable output as values: tree listings, batches of blobs, commits, patches, blame. Pure.
import type { Commit } from '../../model/facts';

export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly hash: string;
}

/** `ls-tree -r -z`: blobs only. */
export function parseTree(output: string): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (const record of output.split('\0')) {
    const tab = record.indexOf('\t');
    const [mode, type, hash] = record.slice(0, tab).split(' ');
    if (tab > 0 && type === 'blob' && mode !== undefined && hash !== undefined) {
      entries.push({ path: record.slice(tab + 1), mode, hash });
    }
  }
  return entries;
}

export interface Blob {
  /** In bytes. */
  readonly size: number;
  /** Undefined when larger than asked for. */
  readonly text: string | undefined;
}

/** `cat-file --batch`, in the order asked; undefined for what does not exist or is no blob. */
export function parseBatch(output: Buffer, maxBytesEach: number): readonly (Blob | undefined)[] {
  const blobs: (Blob | undefined)[] = [];
  let offset = 0;
  while (offset < output.length) {
    const newline = output.indexOf(10, offset);
    if (newline < 0) break;
    const header = output.toString('utf8', offset, newline);
    const [, type, length] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(header) ?? [];
    offset = newline + 1;
    if (length === undefined) {
      blobs.push(undefined);
      continue;
    }
    const size = Number(length);
    const text = size <= maxBytesEach ? output.toString('utf8', offset, offset + size) : undefined;
    blobs.push(type === 'blob' ? { size, text } : undefined);
    offset += size + 1;
  }
  return blobs;
}

/** Fields end with 0x1f and the message with 0x1e, which no commit message holds in practice. */
export const commitFormat = '%x1e%H%x1f%P%x1f%an%x1f%ae%x1f%ct%x1f%B%x1f';

/** One record of `commitFormat`, without its leading 0x1e, and what follows it (patch or names). */
export function parseCommit(record: string): { readonly commit: Commit; readonly rest: string } | undefined {
  const [hash, parents, name, email, time, message, ...rest] = record.split('\x1f');
  if (hash === undefined || parents === undefined || name === undefined || email === undefined) return undefined;
  if (time === undefined || message === undefined) return undefined;
  const text = message.trimEnd();
  return {
    commit: {
      hash,
      author: { name, email },
      at: Number(time) * 1000,
      subject: text.split('\n', 1)[0] ?? '',
      message: text,
      parents: parents === '' ? [] : parents.split(' '),
    },
    rest: rest.join('\x1f'),
  };
}

export function parseLog(output: string): readonly { readonly commit: Commit; readonly rest: string }[] {
  return output
    .split('\x1e')
    .map(parseCommit)
    .filter((entry) => entry !== undefined);
}

/** A run of changed lines. Line numbers are one-based; `added[i]` stands in line `newStart + i`. */
export interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** The hunks of one file's patch (`-U0`); line ends are cut. */
export function parsePatch(patch: string): readonly Hunk[] {
  const hunks: { oldStart: number; newStart: number; removed: string[]; added: string[] }[] = [];
  for (const line of patch.split('\n')) {
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    const hunk = hunks.at(-1);
    if (header !== null) {
      hunks.push({ oldStart: Number(header[1]), newStart: Number(header[2]), removed: [], added: [] });
    } else if (hunk !== undefined && line.startsWith('-')) {
      hunk.removed.push(line.slice(1).replace(/\r$/, ''));
    } else if (hunk !== undefined && line.startsWith('+')) {
      hunk.added.push(line.slice(1).replace(/\r$/, ''));
    }
  }
  return hunks;
}

/** `blame --porcelain` of one line: the commit that wrote it and the line's number and file there. */
export function parseBlame(
  output: string,
): { readonly hash: string; readonly line: number; readonly file: string } | undefined {
  const [, hash, line] = /^([0-9a-f]{40,64}) (\d+) /.exec(output) ?? [];
  const [, file] = /^filename (.*)$/m.exec(output) ?? [];
  return hash === undefined || file === undefined ? undefined : { hash, line: Number(line), file };
}
