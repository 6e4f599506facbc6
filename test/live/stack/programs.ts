// The programs of the stack, built from their Go modules and kept outside the repository. The pins stand in go.mod; the folder is
// named after them, so a changed pin, Go version or flag is another folder, and a work tree or `git clean` loses nothing.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../../scripts/paths';
import { run } from '../../../scripts/process';
import { findOnPath } from '../../../scripts/programs';
import { withBuildLock } from './buildLock';
import { StackUnavailable } from './stackUnavailable';

export type ProgramName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kubectl'
  | 'kwok'
  | 'source-controller'
  | 'kustomize-controller'
  | 'image-reflector-controller'
  | 'image-automation-controller'
  | 'registry';

export interface Programs {
  path(name: ProgramName): string;
  /** YAML with the custom resource definitions of Flux. */
  readonly crds: string;
}

/** Where Flux's definitions come from; each module has them in `config/crd/bases`. */
const fluxModules = ['source', 'kustomize', 'image-reflector', 'image-automation'].map(
  (name) => `github.com/fluxcd/${name}-controller`,
);
const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false'];
const minutes = 60_000;

/** The built programs; builds them where they are not there yet. Throws StackUnavailable where that is impossible here. */
export async function ensurePrograms(say: (line: string) => void): Promise<Programs> {
  const folder = await ensureBuilt({ module: __dirname, flags, build, say });
  return { path: (name) => join(folder, name), crds: join(folder, 'crds.yaml') };
}

export interface BuildPlan {
  /** The folder of a go.mod. */
  readonly module: string;
  readonly flags: readonly string[];
  /** Fills the folder. */
  readonly build: (folder: string) => Promise<void>;
  readonly say: (line: string) => void;
}

/** The cache's folder with what the plan builds; half a build is never taken for a whole one. */
export async function ensureBuilt({ module, flags, build, say }: BuildPlan): Promise<string> {
  const folder = join(cacheFolder(), 'live', await keyOf(module, flags, await goVersion(module)));
  if (existsSync(folder)) return folder;
  await mkdir(join(cacheFolder(), 'live'), { recursive: true });
  await withBuildLock(`${folder}.lock`, say, async () => {
    if (existsSync(folder)) return;
    say(`Building ${module} from its Go modules: some 15 minutes the first time, seconds from then on ...`);
    const start = performance.now();
    const unfinished = `${folder}.unfinished`;
    await rm(unfinished, { recursive: true, force: true }); // of one that was killed
    await mkdir(unfinished);
    try {
      await build(unfinished);
      await rename(unfinished, folder);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    say(`Built in ${Math.round((performance.now() - start) / 1000)} s, into ${folder}`);
  });
  return folder;
}

/** Of a module's folder: `go1.26.8`. Throws StackUnavailable where there is no Go, or none that is new enough. */
async function goVersion(module: string): Promise<string> {
  const wanted = /^go (\S+)$/m.exec(await readFile(join(module, 'go.mod'), 'utf8'))?.[1] ?? '';
  const need = `The live stack is built with Go ${wanted} or newer`;
  if (findOnPath(['go']) === undefined) {
    throw new StackUnavailable('no-go', `${need}, and there is no go on the PATH. Install it, then run this again.`);
  }
  const { code, output } = await go(module, ['env', 'GOVERSION'], 5 * minutes);
  if (code !== 0) {
    throw new StackUnavailable('no-go', `${need}, and the one on the PATH does not do: ${output.trim()}`);
  }
  return output.trim();
}

/** What decides whether two builds are the same. */
async function keyOf(module: string, flags: readonly string[], version: string): Promise<string> {
  const pins = await Promise.all(['go.mod', 'go.sum'].map((file) => readFile(join(module, file), 'utf8')));
  const parts = [...pins, version, process.platform, process.arch, ...flags];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}

function go(cwd: string, args: readonly string[], deadlineMs: number, env: Record<string, string> = {}) {
  return run('go', args, { cwd, deadlineMs, output: 'keep', env: { CGO_ENABLED: '0', GOFLAGS: '', ...env } });
}

/** Runs `go` and gives its output; throws StackUnavailable where the module proxy has no such version. */
export async function goOrFail(...[cwd, args, deadlineMs, env]: Parameters<typeof go>): Promise<string> {
  const { code, output } = await go(cwd, args, deadlineMs, env);
  if (code === 0) return output;
  const refusal = /^.*: (?:reading|downloading) \S+: (?:403|404|410)\b.*$/m.exec(output)?.[0];
  if (refusal !== undefined) {
    throw new StackUnavailable('refused', `The module proxy refuses a version that ${cwd} pins: ${refusal.trim()}`);
  }
  throw new Error(`go ${args.join(' ')} ended with ${code}:\n${output.slice(-4000)}`);
}

async function build(folder: string): Promise<void> {
  await goOrFail(__dirname, ['mod', 'download', ...fluxModules], 20 * minutes);
  await goOrFail(__dirname, ['build', ...flags, '-ldflags', await linkerFlags(), '-o', folder, 'tool'], 50 * minutes);
  // Go names a program after its package's folder.
  await rename(join(folder, 'server'), join(folder, 'etcd'));
  await writeFile(join(folder, 'crds.yaml'), await readDefinitions());
}

/** Without these Kubernetes calls itself v0.0.0, and clients judge it by that. */
async function linkerFlags(): Promise<string> {
  const version = (
    await goOrFail(__dirname, ['list', '-m', '-f', '{{.Version}}', 'k8s.io/kubernetes'], minutes)
  ).trim();
  const [major = '', minor = ''] = version.slice(1).split('.');
  const stamps = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const set = Object.entries(stamps).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ['-s', '-w', ...set].join(' ');
}

async function readDefinitions(): Promise<string> {
  const folders = await goOrFail(__dirname, ['list', '-m', '-f', '{{.Dir}}', ...fluxModules], minutes);
  const texts: string[] = [];
  for (const folder of folders.trim().split('\n')) {
    const bases = join(folder, 'config', 'crd', 'bases');
    for (const file of await readdir(bases)) texts.push(await readFile(join(bases, file), 'utf8'));
  }
  return texts.join('---\n');
}
