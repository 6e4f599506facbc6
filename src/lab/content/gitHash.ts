// The names that Git gives to what it stores, so that a history can be planned, tags and all, before it is written.
// Format: gitformat "Git Objects" (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects), SHA-1 repositories.

import { createHash } from 'node:crypto';
import type { CommitToWrite } from './fastImport';

interface Folder {
  readonly files: Map<string, string>;
  readonly folders: Map<string, Folder>;
}

/** `parent` is undefined for the first commit. */
export function hashCommit({ author, at, message, files }: CommitToWrite, parent: string | undefined): string {
  const person = `${author.name} <${author.email}> ${Math.floor(at / 1000)} +0000`;
  const parentLine = parent === undefined ? '' : `parent ${parent}\n`;
  const text = `tree ${hashTree(files)}\n${parentLine}author ${person}\ncommitter ${person}\n\n${message}`;
  return hashObject('commit', Buffer.from(text)).toString('hex');
}

function hashTree(files: ReadonlyMap<string, string>): string {
  const root = emptyFolder();
  for (const [path, content] of files) {
    const segments = path.split('/');
    const name = segments.pop() ?? '';
    let folder = root;
    for (const segment of segments) {
      const next = folder.folders.get(segment) ?? emptyFolder();
      folder.folders.set(segment, next);
      folder = next;
    }
    folder.files.set(name, content);
  }
  return hashFolder(root).toString('hex');
}

function hashFolder({ files, folders }: Folder): Buffer {
  const entries = [
    ...[...files].map(([name, content]) => ({
      mode: '100644',
      name,
      order: name,
      hash: hashObject('blob', Buffer.from(content)),
    })),
    // Git sorts a folder as if its name ended with a slash.
    ...[...folders].map(([name, folder]) => ({ mode: '40000', name, order: `${name}/`, hash: hashFolder(folder) })),
  ].sort((one, other) => Buffer.compare(Buffer.from(one.order), Buffer.from(other.order)));
  return hashObject(
    'tree',
    Buffer.concat(entries.flatMap(({ mode, name, hash }) => [Buffer.from(`${mode} ${name}\0`), hash])),
  );
}

function hashObject(kind: string, content: Buffer): Buffer {
  return createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest();
}

function emptyFolder(): Folder {
  return { files: new Map(), folders: new Map() };
}
