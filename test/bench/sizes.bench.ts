// What is shipped: each bundle, and the package that holds them, beside their sources' size.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePackage } from '../../scripts/package';
import { printFigure } from './figure';

const dist = join(__dirname, '../../dist');
/** As in esbuild.mjs, which refuses to build more. */
const limits: Readonly<Record<string, number>> = {
  extension: 8,
  main: 800,
  lab: 500,
  cluster: 1000,
  cli: 500,
  re2js: 200,
  yaml: 200,
};

async function measure(folder: string): Promise<void> {
  const bundles = readdirSync(dist).map((file) => ({ file, kilobytes: statSync(join(dist, file)).size / 1000 }));
  const all = bundles.reduce((sum, { kilobytes }) => sum + kilobytes, 0);
  const baseline = { name: 'all bundles', value: all };
  for (const { file, kilobytes } of bundles) {
    const limit = limits[file.replace('.js', '')];
    if (limit === undefined) throw new Error(`No limit is set for dist/${file}`);
    printFigure({ name: `dist/${file}`, value: kilobytes, unit: 'kB', baseline, limit });
  }
  const bytes = await writePackage(join(folder, 'flux-promote.vsix'));
  printFigure({ name: 'the .vsix', value: bytes / 1000, unit: 'kB', baseline, limit: 1000 });
}

const folder = mkdtempSync(join(tmpdir(), 'flux-promote-bench-'));
void measure(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
