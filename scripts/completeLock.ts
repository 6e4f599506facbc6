// `npm run lock`, after a change of dependencies: writes the lock file and completes it. A registry mirror may lack
// the packages of other platforms; npm then leaves them out, and `npm ci` refuses the file that npm has written.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths';
import { runOrFail, runScript } from './process';

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** What npm reads from a package's own manifest, as its name says it: `@biomejs/cli-linux-x64-musl`. */
function platformOf(name: string): { os?: string[]; cpu?: string[]; libc?: string[] } {
  const [, os, cpu, rest = ''] =
    /[/-](android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(.*)$/.exec(name) ?? [];
  if (os === undefined || cpu === undefined) throw new Error(`${name} does not say its platform: add it by hand.`);
  const libc = rest.includes('musl') ? ['musl'] : ['glibc'];
  return { cpu: [cpu], ...(os === 'linux' && rest !== '' ? { libc } : {}), os: [os] };
}

runScript(async () => {
  await runOrFail('npm', ['install', '--package-lock-only', '--ignore-scripts'], { deadlineMs: 300_000 });
  const file = join(root, 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Locked> };
  const before = Object.keys(lock.packages).length;
  for (const [folder, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (lock.packages[`node_modules/${name}`] ?? lock.packages[`${folder}/node_modules/${name}`]) continue;
      const flags = entry['dev'] === true ? { dev: true, optional: true } : { optional: true };
      lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), ...flags };
    }
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, undefined, 2)}\n`);
  process.stdout.write(`package-lock.json: ${sorted.length - before} packages of other platforms added\n`);
});
