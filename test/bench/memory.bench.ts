// The most memory that a process takes which reads and checks 10,000 files once, as the command line does.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from './bundle';
import { median, printFigure } from './figure';

const rounds = 5;

const program = `
import { createCheckedRepository } from './src/checks/checkedRepository';
import { checkRepository } from './src/checks/checkFile';
import { readManifests } from './src/manifests/repository';
import { defaultSettings } from './src/model/settings';
import { checkedSize, gitOpsFiles } from './test/bench/gitOpsFiles';
const texts = gitOpsFiles(checkedSize);
const tree = { list: () => [...texts.keys()], read: (path) => texts.get(path) };
if (process.argv[2] === 'check') {
  const findings = checkRepository(createCheckedRepository(tree, readManifests(tree), defaultSettings));
  if (findings.length > 0) throw new Error(findings[0].message);
}
process.stdout.write(String(process.resourceUsage().maxRSS / 1024));
`;

const folder = mkdtempSync(join(tmpdir(), 'flux-promote-bench-'));
try {
  const bundle = bundleProgram(folder, program);
  const measure = (what: string): number =>
    Number(execFileSync(process.execPath, [bundle, what], { encoding: 'utf8' }));
  printFigure({
    name: 'most memory while 10,000 files are read and checked',
    value: median(Array.from({ length: rounds }, () => measure('check'))),
    unit: 'MiB',
    baseline: {
      name: 'Node with the texts alone',
      value: median(Array.from({ length: rounds }, () => measure('nothing'))),
    },
    limit: 150,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
