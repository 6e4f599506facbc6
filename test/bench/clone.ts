// A clone with a long history, written by git fast-import: its remote-tracking branch holds the commits, the work tree none.
import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { between, seededRandom } from '../../src/lab/content/random';
import { buildTag, environments, overlayFile, overlayText, serviceName } from './gitOpsFiles';

export interface CloneSize {
  readonly services: number;
  readonly commits: number;
}

const plain: ExecFileSyncOptions = {
  env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  maxBuffer: 512_000_000,
};

/** What a plain Git program prints in the clone. */
export function runPlainGit(folder: string, args: readonly string[], input?: string): Buffer {
  const options = { ...plain, cwd: folder, ...(input === undefined ? {} : { input }) };
  return Buffer.from(execFileSync('git', [...args], options) ?? '');
}

/** `files` come with the first commit; of the others four in five are write-backs of the automation. */
export function writeClone(folder: string, files: ReadonlyMap<string, string>, size: CloneSize): void {
  runPlainGit(folder, ['init', '-q', '-b', 'main']);
  runPlainGit(folder, ['fast-import', '--quiet'], formatHistory(files, size));
  runPlainGit(folder, ['config', 'remote.origin.url', 'https://git.acme.test/acme/fleet.git']);
  runPlainGit(folder, ['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main']);
  runPlainGit(folder, ['update-ref', 'refs/heads/main', 'refs/remotes/origin/main']);
  runPlainGit(folder, ['repack', '-adq']);
}

function formatHistory(files: ReadonlyMap<string, string>, { services, commits }: CloneSize): string {
  const random = seededRandom('history');
  const builds = new Map<string, number>();
  const parts = [formatCommit(0, 'ada', 'Begin')];
  for (const [path, text] of files) parts.push(formatFile(path, text));
  for (let commit = 1; commit < commits; commit++) {
    const environment = environments[between(random, 0, environments.length - 1)] ?? 'develop';
    const service = serviceName(between(random, 0, services - 1));
    if (random() > 0.8) {
      parts.push(formatCommit(commit, 'ada', `Describe ${service}`));
      parts.push(formatFile(`docs/${service}.md`, `# ${service}\n\nEdition ${commit}.\n`));
      continue;
    }
    const key = `${service}/${environment}`;
    const build = (builds.get(key) ?? 0) + 1;
    builds.set(key, build);
    const tag = buildTag(environment, build);
    parts.push(formatCommit(commit, 'fluxcdbot', `Update ${service} to ${tag}`));
    parts.push(formatFile(overlayFile(service, environment), overlayText(service, environment, tag)));
  }
  return parts.join('');
}

function formatCommit(index: number, author: string, subject: string): string {
  const person = `${author} <${author}@acme.test> ${1_700_000_000 + index * 300} +0000`;
  return `commit refs/remotes/origin/main\nauthor ${person}\ncommitter ${person}\n${formatText(subject)}`;
}

function formatFile(path: string, text: string): string {
  return `M 100644 inline ${path}\n${formatText(text)}`;
}

function formatText(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
