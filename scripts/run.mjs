// Runs one of the project's scripts, on a fresh clone too: `node scripts/run.mjs scripts/test.ts ...`. Without a script it only
// installs what is missing.
// Only Node's own modules may be used here, because nothing else is installed yet when it starts.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The versions that a lock file names, by folder. Optional packages depend on the platform and are left out. */
function lockedVersions(file) {
  const { packages } = JSON.parse(readFileSync(file, 'utf8'));
  const wanted = Object.entries(packages).filter(([folder, entry]) => folder !== '' && entry.optional !== true);
  return new Map(wanted.map(([folder, entry]) => [folder, entry.version]));
}

// Compared by content: a checkout gives every file a new time, whatever is in it.
function isInstalled() {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = lockedVersions(installedFile);
  return [...lockedVersions(join(root, 'package-lock.json'))].every(
    ([folder, version]) => installed.get(folder) === version,
  );
}

if (!isInstalled()) {
  process.stdout.write('Installing the npm packages that package-lock.json names (npm ci) ...\n');
  const install = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (install.status !== 0) {
    process.stderr.write('npm ci failed. It needs Node 20.19 or newer and the npm registry.\n');
    process.exit(1);
  }
}

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) process.exit(0);
const child = spawn(process.execPath, ['--require', 'tsx/cjs', join(root, script), ...rest], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
