// From nothing to the first findings of an opened ImagePolicy: a fresh process loads what diagnostics need, bundled as it is
// shipped, and checks one file, as the editor does before it has read the folder.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from './bundle';
import { median, printFigure } from './figure';
import { policyText } from './gitOpsFiles';

const rounds = 11;

/** What the editor does with a file before it has read the folder. */
const program = `
import { createCheckedRepository } from './src/checks/checkedRepository';
import { checkFile } from './src/checks/checkFile';
import { readManifests } from './src/manifests/repository';
import { treeOf } from './src/manifests/tree';
import { defaultSettings } from './src/model/settings';
export function findings(file, text) {
  const tree = treeOf({ [file]: text });
  return checkFile(createCheckedRepository(tree, readManifests(tree), defaultSettings), file, text);
}
`;

const probe = `
const [, bundle, text] = process.argv;
const start = process.cpuUsage();
const found = require(bundle).findings('policy.yaml', text);
const { user, system } = process.cpuUsage(start);
process.stdout.write(JSON.stringify({ ms: (user + system) / 1000, found: found.map(({ rule }) => rule) }));
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
  const bundle = bundleProgram(folder, program);
  const empty = join(folder, 'empty.js');
  writeFileSync(empty, 'exports.findings = () => [];');
  const broken = policyText('backend', 'production').replace('$ts', '$stamp');
  const pairs = Array.from({ length: rounds }, () => [measure(empty, broken), measure(bundle, broken)] as const);
  const missed = pairs.filter(([, { found }]) => !found.includes('extract-unknown-group'));
  if (missed.length > 0) throw new Error('The planted fault was not found');
  printFigure({
    name: 'first findings of an opened ImagePolicy, bundle loaded',
    value: median(pairs.map(([, { ms }]) => ms)),
    unit: 'ms cpu',
    baseline: { name: 'an empty bundle', value: median(pairs.map(([{ ms }]) => ms)) },
    limit: 150,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
