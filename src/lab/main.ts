// The practice lab's process: `node dist/lab.js create|start|run|reset|break FOLDER`. It talks in lines on standard output, never
// with a token in them, and ends by itself when standard input closes, so that no lab outlives the window that opened it.
import { once } from 'node:events';
import { resolve } from 'node:path';
import { ProblemError } from '../model/problem';
import { applyBreakage, breakageNames, isBreakage } from './breakages';
import { createLab, type RunningLab, resetLab, startLab } from './lab';
import { readState } from './state';

const usage = `Usage: node lab.js COMMAND FOLDER
  create FOLDER          make a practice lab
  start FOLDER           start it; prints {"ready":true,…}, ends when standard input closes
  run FOLDER             make it if it is missing, start it, and say where everything is
  reset FOLDER           throw it away and make a new one
  break FOLDER SCENARIO  break a running lab: ${breakageNames.join(', ')}
`;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function onBug(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

/** Settles at the first of: standard input closed, SIGTERM, SIGINT. */
async function endOfLife(): Promise<void> {
  process.stdin.resume();
  await Promise.race([
    once(process.stdin, 'close'),
    once(process.stdin, 'end'),
    once(process, 'SIGTERM'),
    once(process, 'SIGINT'),
  ]);
}

async function serve(folder: string, announce: (lab: RunningLab) => void): Promise<void> {
  const ended = endOfLife();
  const lab = await startLab(folder, { onBug });
  announce(lab);
  await ended;
  await lab.stop();
}

function announceForPrograms({ state, paths, urls, problem }: RunningLab): void {
  const { kubeconfig, workspace } = paths;
  say(
    JSON.stringify({
      ready: true,
      createdAt: state.createdAt,
      kubeconfig,
      workspace,
      urls,
      ...(problem && { problem }),
    }),
  );
}

function announceForPeople({ paths, urls, problem }: RunningLab): void {
  say('The practice lab runs. It ends with Ctrl+C.');
  say(`  kubeconfig  ${paths.kubeconfig}`);
  say(`  workspace   ${paths.workspace}`);
  for (const [name, url] of Object.entries(urls)) say(`  ${name.padEnd(11)} ${url}`);
  if (problem !== undefined) say(problem.message);
}

async function runCommand([command, target, scenario]: readonly string[]): Promise<boolean> {
  if (target === undefined) return false;
  const folder = resolve(target);
  switch (command) {
    case 'create':
      await createLab(folder);
      return true;
    case 'start':
      await serve(folder, announceForPrograms);
      return true;
    case 'run':
      if ((await readState(folder)) === undefined) await createLab(folder);
      await serve(folder, announceForPeople);
      return true;
    case 'reset':
      await resetLab(folder);
      return true;
    case 'break':
      if (scenario === undefined || !isBreakage(scenario)) return false;
      say(await applyBreakage(folder, scenario));
      return true;
    default:
      return false;
  }
}

async function main(): Promise<void> {
  try {
    if (await runCommand(process.argv.slice(2))) return;
    process.stderr.write(usage);
    process.exitCode = 2;
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof ProblemError)) return onBug(error);
    say(JSON.stringify({ ready: false, problem: error.problem }));
  }
}

void main().finally(() => process.stdin.destroy());
