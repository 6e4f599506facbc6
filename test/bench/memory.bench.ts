// The most memory that the command line takes to read and check a repository of 10,000 files, as it is shipped.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { median, printFigure } from './figure';
import { checkedSize, gitOpsFiles } from './gitOpsFiles';

const rounds = 5;
const commandLine = join(__dirname, '../../dist/cli.js');

/** Loaded before a program: says on standard error, when it ends, how much memory it had at the most, in MiB. */
const meter = 'process.on("exit", () => process.stderr.write(String(process.resourceUsage().maxRSS / 1024)));';
const readAll = `
const { readFileSync, readdirSync } = require('node:fs');
const texts = readdirSync('.', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.path.includes('.git'))
  .map((entry) => readFileSync(entry.path + '/' + entry.name, 'utf8'));
if (texts.length < ${gitOpsFiles(checkedSize).size}) throw new Error('Only ' + texts.length + ' files');
`;

const folder = mkdtempSync(join(tmpdir(), 'flux-promote-bench-'));
try {
  const repository = join(folder, 'repository');
  for (const [file, text] of gitOpsFiles(checkedSize)) {
    mkdirSync(dirname(join(repository, file)), { recursive: true });
    writeFileSync(join(repository, file), text);
  }
  const git = (...args: readonly string[]) => execFileSync('git', ['-C', repository, ...args], { stdio: 'ignore' });
  git('init', '--initial-branch=main');
  git('add', '--all');
  git('-c', 'user.name=Bench', '-c', 'user.email=bench@acme.test', 'commit', '--message=Everything');
  writeFileSync(join(folder, 'meter.cjs'), meter);
  writeFileSync(join(folder, 'texts.cjs'), readAll);
  const measure = (program: string, ...args: readonly string[]): number => {
    const command = ['-c', '"$@" 2>&1 >/dev/null', 'sh', process.execPath, '--require', join(folder, 'meter.cjs')];
    return Number(execFileSync('sh', [...command, program, ...args], { cwd: repository, encoding: 'utf8' }));
  };
  printFigure({
    name: 'most memory of flux-promote check, 10,000 files',
    value: median(Array.from({ length: rounds }, () => measure(commandLine, 'check'))),
    unit: 'MiB',
    baseline: {
      name: 'Node with the texts alone',
      value: median(Array.from({ length: rounds }, () => measure(join(folder, 'texts.cjs')))),
    },
    limit: 150,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
