import { mkdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root, tool } from './paths';
import { runOrFail, runScript } from './process';

const largestPackageBytes = 1_000_000;

export async function build(): Promise<void> {
  await runOrFail(process.execPath, [join(root, 'esbuild.mjs')], { deadlineMs: 120_000 });
}

/** Packs what dist/ holds into a .vsix that VS Code can install. Returns its size in bytes. */
export async function writePackage(file: string): Promise<number> {
  mkdirSync(dirname(file), { recursive: true });
  const args = ['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
  await runOrFail(process.execPath, [tool('@vscode/vsce/vsce'), ...args, '--out', file], { deadlineMs: 120_000 });
  const bytes = statSync(file).size;
  if (bytes >= largestPackageBytes) {
    throw new Error(`${relative(root, file)} has ${bytes} bytes; it must stay under ${largestPackageBytes}.`);
  }
  return bytes;
}

if (require.main === module) {
  runScript(async () => {
    await build();
    const bytes = await writePackage(join(root, 'flux-promote.vsix'));
    process.stdout.write(`flux-promote.vsix: ${Math.round(bytes / 1000)} kB\n`);
  });
}
