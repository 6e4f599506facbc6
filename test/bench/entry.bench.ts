// What loading and activating the entry bundle costs a fresh extension host, beside an empty bundle.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, printFigure } from './figure';

const rounds = 15;

/** Stands in for the editor's API: whatever is asked of it, it is a function that answers with itself. */
const probe = `
const Module = require('node:module');
const anything = new Proxy(function () {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => '' : key === 'then' ? undefined : anything),
  apply: () => anything, construct: () => anything,
});
const load = Module._load;
Module._load = (name, ...rest) => (name === 'vscode' ? anything : load(name, ...rest));
const start = performance.now();
const { activate } = require(process.argv[1]);
activate({ subscriptions: [], extension: { packageJSON: {} }, globalStorageUri: anything, secrets: anything });
process.stdout.write(String(performance.now() - start));
process.exit();
`;

function measure(bundle: string): number {
  return Number(execFileSync(process.execPath, ['-e', probe, bundle], { encoding: 'utf8' }));
}

const folder = mkdtempSync(join(tmpdir(), 'flux-promote-bench-'));
try {
  const empty = join(folder, 'empty.js');
  writeFileSync(empty, 'exports.activate = () => undefined;');
  const entry = join(__dirname, '../../dist/extension.js');
  const pairs = Array.from({ length: rounds }, () => [measure(empty), measure(entry)] as const);
  printFigure({
    name: 'entry bundle: load and activate',
    value: median(pairs.map(([, value]) => value)),
    unit: 'ms',
    baseline: { name: 'an empty extension', value: median(pairs.map(([value]) => value)) },
    limit: 10,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
