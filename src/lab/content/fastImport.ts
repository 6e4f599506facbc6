// Writes a whole history in one go. Format: git-fast-import(1).

import { runGit } from '../git/labGit';
import type { Person } from './names';

export interface CommitToWrite {
  readonly author: Person;
  /** Milliseconds since 1970; Git keeps seconds. */
  readonly at: number;
  readonly message: string;
  /** The complete tree: path → content. */
  readonly files: ReadonlyMap<string, string>;
}

/** An annotated tag. */
export interface TagToWrite {
  readonly name: string;
  /** Index of the commit. */
  readonly commit: number;
  readonly author: Person;
  readonly at: number;
  readonly message: string;
}

export interface HistoryToWrite {
  /** First to last, on `main`. */
  readonly commits: readonly CommitToWrite[];
  readonly tags: readonly TagToWrite[];
}

/** Into an empty repository. */
export async function importHistory(repository: string, history: HistoryToWrite): Promise<void> {
  await runGit(['fast-import', '--quiet'], { cwd: repository, input: formatFastImport(history) });
}

export function formatFastImport({ commits, tags }: HistoryToWrite): string {
  const parts: string[] = [];
  let before: ReadonlyMap<string, string> = new Map();
  for (const [index, commit] of commits.entries()) {
    parts.push(
      `commit refs/heads/main\nmark :${index + 1}\n`,
      `author ${formatPerson(commit)}\ncommitter ${formatPerson(commit)}\n`,
      formatText(commit.message),
      formatChanges(before, commit.files),
      '\n',
    );
    before = commit.files;
  }
  for (const tag of tags) {
    parts.push(`tag ${tag.name}\nfrom :${tag.commit + 1}\ntagger ${formatPerson(tag)}\n`, formatText(tag.message));
  }
  return parts.join('');
}

function formatChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string {
  const removed = [...before.keys()].filter((path) => !after.has(path)).map((path) => `D ${path}\n`);
  const written = [...after]
    .filter(([path, content]) => before.get(path) !== content)
    .map(([path, content]) => `M 100644 inline ${path}\n${formatText(content)}`);
  return [...removed, ...written].join('');
}

function formatPerson({ author, at }: { readonly author: Person; readonly at: number }): string {
  return `${author.name} <${author.email}> ${Math.floor(at / 1000)} +0000`;
}

function formatText(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
