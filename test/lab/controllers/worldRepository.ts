// The GitOps repository of a small world: a work tree of somebody who pushes, and questions to the remote.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runGit } from '../../../src/lab/git/labGit';

export interface WorldRepository {
  /** Edits files on the newest `main`, pushes and nudges the GitRepository; returns the commit. */
  push(message: string, edits: Readonly<Record<string, (text: string) => string>>): Promise<string>;
  /** Of the remote's `main`, newest first: `author: subject`. */
  log(range?: string, format?: string): Promise<readonly string[]>;
  /** Of a file on the remote's `main`. */
  remoteText(path: string, branch?: string): Promise<string>;
  /** What production's overlay says there. */
  writtenTag(): Promise<string>;
  /** The whole message of the newest commit. */
  lastMessage(): Promise<string>;
}

export interface RepositoryToMake {
  /** The work tree, not there yet. */
  readonly folder: string;
  /** The bare repository's folder. */
  readonly remote: string;
  readonly gitUrl: string;
  readonly rename: { out(text: string): string; back(text: string): string };
  /** Of the first commit. */
  readonly files: Readonly<Record<string, string>>;
  readonly pushed: () => Promise<void>;
}

export async function makeRepository(wanted: RepositoryToMake): Promise<WorldRepository> {
  const { folder, gitUrl, rename } = wanted;
  await runGit(['clone', '-q', gitUrl, folder]);
  const here = (...args: readonly string[]): Promise<string> => runGit(args, { cwd: folder });
  const remote = (...args: readonly string[]): Promise<string> => runGit(['--git-dir', wanted.remote, ...args]);
  await here('checkout', '-q', '-B', 'main');
  await here('config', 'user.name', 'Ada');
  await here('config', 'user.email', 'ada@example.invalid');
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), rename.out(text));
  };
  const read = async (path: string): Promise<string> =>
    rename.back(await readFile(join(folder, path), 'utf8').catch(() => ''));
  const commit = async (message: string): Promise<string> => {
    await here('add', '-A');
    await here('commit', '-q', '--allow-empty', '-m', message);
    await here('push', '-q', 'origin', 'HEAD:main');
    return (await here('rev-parse', 'HEAD')).trim();
  };
  for (const [path, text] of Object.entries(wanted.files)) await write(path, text);
  await commit('first');
  const remoteText = async (path: string, branch = 'main'): Promise<string> =>
    rename.back(await remote('show', `${branch}:${path}`));
  return {
    push: async (message, edits) => {
      for (let attempt = 1; ; attempt += 1) {
        await here('fetch', '-q', 'origin', 'main');
        await here('reset', '-q', '--hard', 'FETCH_HEAD');
        for (const [path, edit] of Object.entries(edits)) await write(path, edit(await read(path)));
        try {
          const pushed = await commit(message);
          await wanted.pushed();
          return pushed;
        } catch (error) {
          if (attempt === 5) throw error; // the automation was faster
        }
      }
    },
    log: async (range = 'main', format = '%an: %s') =>
      (await remote('log', '--date-order', `--format=${format}`, range)).trim().split('\n'),
    remoteText,
    writtenTag: async () => /newTag: (\S+)/.exec(await remoteText('apps/production/kustomization.yaml'))?.[1] ?? '',
    lastMessage: async () => (await remote('log', '-1', '--format=%B', 'main')).replace(/\n\n$/, '\n'),
  };
}
