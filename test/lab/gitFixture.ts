// Real Git repositories in temporary folders, made with the plain program.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type GitProgram, gitRun } from '../../src/base/git/run';
import { silentLogger } from '../../src/base/logger';

/** No configuration of the machine, a fixed author, no editor. */
export const gitEnvironment: Readonly<Record<string, string | undefined>> = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.test',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.test',
};

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'flux-promote-git-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', [...args], {
    cwd: folder,
    env: gitEnvironment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trimEnd();
}

export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Writes the files and commits them; the commit's hash. */
export function commit(folder: string, message: string, files: Readonly<Record<string, string>>): string {
  write(folder, files);
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '--allow-empty', '-m', message);
  return git(folder, 'rev-parse', 'HEAD');
}

/** `remote.git`, bare, and its clone `clone` with one commit on main. */
export function remoteAndClone(folder: string): { readonly remote: string; readonly clone: string } {
  const remote = join(folder, 'remote.git');
  const clone = join(folder, 'clone');
  git(folder, 'init', '-q', '--bare', '-b', 'main', remote);
  git(folder, 'clone', '-q', remote, clone);
  git(clone, 'checkout', '-q', '-B', 'main');
  commit(clone, 'Begin', { 'README.md': 'hello\n' });
  git(clone, 'push', '-q', '-u', 'origin', 'main');
  git(clone, 'remote', 'set-head', 'origin', 'main');
  return { remote, clone };
}

export function run(folder: string, program: Partial<GitProgram> = {}): ReturnType<typeof gitRun> {
  return gitRun({ folder, environment: gitEnvironment, logger: silentLogger, ...program });
}
