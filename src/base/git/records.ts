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

export interface Remote {
  readonly name: string;
  readonly url: string;
}

/** `remote -v`: where each remote is fetched from. A name that could be taken for an option is left out. */
export function parseRemotes(output: string): readonly Remote[] {
  return output.split('\n').flatMap((line) => {
    const [, name, url] = /^([^-\t][^\t]*)\t(.*) \(fetch\)/.exec(line) ?? [];
    return name === undefined || url === undefined ? [] : [{ name, url }];
  });
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

export interface FilePatch {
  /** Where the file is after the commit, or was when the commit removed it. */
  readonly path: string;
  readonly hunks: readonly Hunk[];
}

/** A patch of any number of files made with `-U0 --no-renames`; line ends are cut. */
export function parsePatch(patch: string): readonly FilePatch[] {
  const files: { path: string; hunks: { oldStart: number; newStart: number; removed: string[]; added: string[] }[] }[] =
    [];
  let left = 0;
  for (const line of patch.split('\n')) {
    const hunks = files.at(-1)?.hunks;
    const hunk = hunks?.at(-1);
    if (left > 0 && hunk !== undefined && (line.startsWith('-') || line.startsWith('+'))) {
      (line.startsWith('-') ? hunk.removed : hunk.added).push(line.slice(1).replace(/\r$/, ''));
      left -= 1;
      continue;
    }
    const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (header !== null) {
      hunks?.push({ oldStart: Number(header[1]), newStart: Number(header[3]), removed: [], added: [] });
      left = Number(header[2] ?? 1) + Number(header[4] ?? 1);
    } else if (line.startsWith('diff --git ')) {
      files.push({ path: '', hunks: [] });
    } else {
      const named = /^(?:---|\+\+\+) (?:"?[ab]\/)(.*?)"?\t?$/.exec(line)?.[1];
      const file = files.at(-1);
      if (named !== undefined && file !== undefined) file.path = named;
    }
  }
  return files;
}

export interface BlamedLine {
  readonly hash: string;
  readonly line: number;
  readonly file: string;
}

/** `blame --porcelain` of one line: the commit that wrote it and the line's number and file there. */
export function parseBlame(output: string): BlamedLine | undefined {
  const [, hash, line] = /^([0-9a-f]{40,64}) (\d+) /.exec(output) ?? [];
  const [, file] = /^filename (.*)$/m.exec(output) ?? [];
  return hash === undefined || file === undefined ? undefined : { hash, line: Number(line), file };
}
