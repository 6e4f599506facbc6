// Files as they lie on the disk, read and never written. Folders behind symbolic links are not entered, so no walk is endless.
import { constants } from 'node:fs';
import { access, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '../model/problem';

/**
 * Paths of all files at and below a folder, relative to it, with forward slashes, in byte order. Rejects with `too-large`
 * for more of them: somebody has named the root of a disk.
 */
export async function listFolder(
  folder: string,
  isEntered: (name: string) => boolean,
  maxFiles: number,
): Promise<readonly string[]> {
  const found: string[] = [];
  const waiting = [''];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const entry of await entriesOf(join(folder, path))) {
      const child = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (isEntered(entry.name)) waiting.push(child);
      } else if (entry.isFile() || entry.isSymbolicLink()) found.push(child);
    }
    if (found.length > maxFiles) {
      const message = `${folder} holds more than ${maxFiles} files. Name the folder of your GitOps repository.`;
      throw new ProblemError({ code: 'too-large', message });
    }
  }
  return found.sort();
}

/** Names of the files in a folder, not of those below. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  return (await entriesOf(folder)).flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]));
}

/** Those of the named files in a folder that can be executed. */
export async function listPrograms(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(names.map(async (name) => await isProgram(join(folder, name))));
  return names.filter((_, index) => found[index]);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  }
}

/** A folder that vanishes while it is read has no entries. */
async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return [];
  }
}

export type SmallFile =
  | { readonly state: 'read'; readonly text: string }
  | { readonly state: 'too-large'; readonly bytes: number }
  /** No file, not readable, or gone meanwhile. */
  | { readonly state: 'none' };

export async function readSmallFile(path: string, maxBytes: number): Promise<SmallFile> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return { state: 'none' };
    if (found.size > maxBytes) return { state: 'too-large', bytes: found.size };
    return { state: 'read', text: await readFile(path, 'utf8') };
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return { state: 'none' };
  }
}

/** The text of a file that somebody named. Rejects with `file-vanished`. */
export async function readNamedFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw notReadable(path, error);
  }
}

/** Where a named file or folder really is. Rejects with `file-vanished`. */
export async function locate(path: string): Promise<{ readonly path: string; readonly isFolder: boolean }> {
  try {
    const real = await realpath(path);
    return { path: real, isFolder: (await stat(real)).isDirectory() };
  } catch (error) {
    throw notReadable(path, error);
  }
}

function notReadable(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  const message = `${path} cannot be read (${reasons[code] ?? code}). Name a file or folder that can.`;
  return new ProblemError({ code: 'file-vanished', message });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'access is denied',
  ELOOP: 'its symbolic links go round in circles',
};

/** The system's own code; undefined for anything that is no trouble with a file. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
