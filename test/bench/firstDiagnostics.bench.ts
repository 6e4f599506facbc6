// From nothing to the first findings of an opened ImagePolicy: a fresh process loads what diagnostics need, bundled as it is
// shipped, and checks one file, as the editor does before it has read the folder.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { median, printFigure } from './figure';
import { policyText } from './gitOpsFiles';

const rounds = 11;
const source = join(__dirname, '../../src').replaceAll('\\', '/');

const program = `
import { createCheckedRepository } from '${source}/checks/checkedRepository';
import { checkFile } from '${source}/checks/checkFile';
import { readManifests } from '${source}/manifests/repository';
import { treeOf } from '${source}/manifests/tree';
import { defaultSettings } from '${source}/model/settings';
export function findings(file, text) {
  const tree = treeOf({ [file]: text });
  return checkFile(createCheckedRepository(tree, readManifests(tree), defaultSettings), file, text);
}
`;

const probe = `
const [, bundle, text] = process.argv;
const start = performance.now();
const found = require(bundle).findings('policy.yaml', text);
process.stdout.write(JSON.stringify({ ms: performance.now() - start, found: found.map(({ rule }) => rule) }));
`;

interface Answer {
  readonly ms: number;
  readonly found: readonly string[];
}

function measure(bundle: string, text: string): Answer {
  return JSON.parse(execFileSync(process.execPath, ['-e', probe, bundle, text], { encoding: 'utf8' })) as Answer;
}

const folder = mkdtempSync(join(tmpdir(), 'flux-promote-bench-'));
try {
  const entry = join(folder, 'entry.ts');
  writeFileSync(entry, program);
  const bundle = join(folder, 'checks.js');
  const options = { bundle: true, minify: true, keepNames: true, format: 'cjs', platform: 'node' } as const;
  buildSync({ ...options, entryPoints: [entry], outfile: bundle, nodePaths: [join(source, '../node_modules')] });
  const empty = join(folder, 'empty.js');
  writeFileSync(empty, 'exports.findings = () => [];');
  const broken = policyText('backend', 'production').replace('$ts', '$stamp');
  const pairs = Array.from({ length: rounds }, () => [measure(empty, broken), measure(bundle, broken)] as const);
  const missed = pairs.filter(([, { found }]) => !found.includes('extract-unknown-group'));
  if (missed.length > 0) throw new Error('The planted fault was not found');
  printFigure({
    name: 'first findings of an opened ImagePolicy, bundle loaded',
    value: median(pairs.map(([, { ms }]) => ms)),
    unit: 'ms',
    baseline: { name: 'an empty bundle', value: median(pairs.map(([{ ms }]) => ms)) },
    limit: 150,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
