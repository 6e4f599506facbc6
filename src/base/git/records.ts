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
  return parseObjects(output).map((object) => {
    if (object?.type !== 'blob') return undefined;
    const { length: size } = object.content;
    return { size, text: size <= maxBytesEach ? object.content.toString('utf8') : undefined };
  });
}

export interface GitObject {
  readonly type: string;
  readonly content: Buffer;
}

/** `cat-file --batch`, in the order asked; undefined for what does not exist. */
export function parseObjects(output: Buffer): readonly (GitObject | undefined)[] {
  const objects: (GitObject | undefined)[] = [];
  let offset = 0;
  while (offset < output.length) {
    const newline = output.indexOf(10, offset);
    if (newline < 0) break;
    const header = output.toString('utf8', offset, newline);
    const [, type, length] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(header) ?? [];
    offset = newline + 1;
    if (type === undefined) {
      objects.push(undefined);
      continue;
    }
    objects.push({ type, content: output.subarray(offset, offset + Number(length)) });
    offset += Number(length) + 1;
  }
  return objects;
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
  /** Where it was before, when the commit renamed it. */
  readonly from?: string;
  /** The file came with this commit. */
  readonly isNew?: true;
  /** Of a merge only what none of its parents has. */
  readonly hunks: readonly Hunk[];
}

interface OpenPatch {
  path: string;
  from?: string;
  isNew?: true;
  readonly hunks: { oldStart: number; newStart: number; removed: string[]; added: string[] }[];
}

/** A patch of any number of files made with `-U0`, with or without `-M` and `--cc`; line ends are cut. */
export function parsePatch(patch: string): readonly FilePatch[] {
  const files: OpenPatch[] = [];
  let left = 0;
  let parents = 1;
  for (const line of patch.split('\n')) {
    const file = files.at(-1);
    const hunk = file?.hunks.at(-1);
    if (hunk !== undefined && (parents === 1 ? left > 0 && /^[-+]/.test(line) : isCombinedLine(line, parents))) {
      addLine(hunk, line, parents);
      left -= 1;
      continue;
    }
    const header = /^(@@+)((?: -\d+(?:,\d+)?)+) \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (header !== null) {
      const [, marks = '', olds = '', start = '', added = '1'] = header;
      const [, oldStart = '', removed = '1'] = /^ -(\d+)(?:,(\d+))?/.exec(olds) ?? [];
      parents = marks.length - 1;
      left = Number(removed) + Number(added);
      file?.hunks.push({ oldStart: Number(oldStart), newStart: Number(start), removed: [], added: [] });
    } else if (/^diff --(?:git|cc|combined) /.test(line)) {
      parents = 1;
      files.push({ path: '', hunks: [] });
    } else if (file !== undefined) readFileHeader(file, line);
  }
  return files;
}

/** In a merge's patch every line has a column for each parent. */
function isCombinedLine(line: string, parents: number): boolean {
  return line.length >= parents && /^[-+ ]+$/.test(line.slice(0, parents)) && /[-+]/.test(line.slice(0, parents));
}

/** A merge's own line is one that no parent has; what it took from one of them is not its own. */
function addLine(hunk: OpenPatch['hunks'][number], line: string, parents: number): void {
  const columns = line.slice(0, parents);
  const text = line.slice(parents).replace(/\r$/, '');
  if (columns.includes('-')) hunk.removed.push(text);
  else if (!columns.includes(' ')) hunk.added.push(text);
}

function readFileHeader(file: OpenPatch, line: string): void {
  const [, from] = /^rename from (.*)$/.exec(line) ?? [];
  const [, to] = /^rename to (.*)$/.exec(line) ?? [];
  if (from !== undefined) file.from = from;
  if (to !== undefined) file.path = to;
  if (line === '--- /dev/null') file.isNew = true;
  const named = /^(?:---|\+\+\+) (?:"?[ab]\/)(.*?)"?\t?$/.exec(line)?.[1];
  if (named !== undefined) file.path = named;
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
