// The differential fuzz: asks the original Go code and us the same questions. Needs Go; runs when asked.
//   npx tsx test/oracle/run.ts [--seed 1] [--count 3000] [--flux 2.9] [--record FILE.jsonl.gz]
// With --record only selections are asked, and they are written in the form of the shared vectors.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { parseRelease } from '../../src/policy/release';
import { type Answer, answerQuestion, isSameAnswer } from './answers';
import { askAnything, askSelect, createDice, type Question } from './questions';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    count: { type: 'string', default: '3000' },
    flux: { type: 'string', default: '2.9' },
    record: { type: 'string' },
  },
});

function askOracle(questions: readonly Question[], flux: string): readonly Answer[] {
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  try {
    const { semver } = parseRelease(flux);
    const modules = semver === '3.5' ? [] : [`-modfile=semver${semver}.mod`];
    const program = join(folder, 'oracle');
    execFileSync('go', ['build', ...modules, '-o', program, '.'], { cwd: __dirname, stdio: 'inherit' });
    const input = questions.map((question) => `${JSON.stringify(question)}\n`).join('');
    const output = execFileSync(program, { input, encoding: 'utf8', maxBuffer: 2 ** 30 });
    return output
      .trimEnd()
      .split('\n')
      .map((line): Answer => JSON.parse(line));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { seed, flux, record } = values;
const dice = createDice(Number(seed));
const ask = record === undefined ? askAnything : askSelect;
const questions = Array.from({ length: Number(values.count) }, () => ask(dice, flux));
const answers = askOracle(questions, flux);
let differences = 0;
for (const [at, question] of questions.entries()) {
  const theirs = answers[at] ?? {};
  const ours = answerQuestion(question, flux);
  if (isSameAnswer(ours, theirs)) continue;
  differences++;
  process.stdout.write(`${JSON.stringify({ question, ours, theirs })}\n`);
}
if (record !== undefined) {
  const lines = questions.map((question, at) => {
    const { spec, tags } = question.ask === 'select' ? question : { spec: {}, tags: [] };
    return `${JSON.stringify({ spec, tags, ...answers[at] })}\n`;
  });
  writeFileSync(record, gzipSync(lines.join(''), { level: 9 }));
}
process.stdout.write(`seed ${seed}, Flux ${flux}: ${questions.length} questions, ${differences} differences\n`);
process.exitCode = differences > 0 ? 1 : 0;
