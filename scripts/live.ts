// `npm run live:up` and `live:down`: the live stack without an editor, in the background. `live:build` only builds its programs.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../test/lab/until';
import { liveFolder } from '../test/live/stack/openStack';
import { ensurePrograms } from '../test/live/stack/programs';
import { ask, isServing } from '../test/live/stack/reach';
import { readStackState, stateFile, stopFile } from '../test/live/stack/stackState';
import { root, workFolder } from './paths';
import { runScript } from './process';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function up(): Promise<void> {
  if (!(await isUp())) await begin();
  const state = await readStackState(stateFile(liveFolder));
  if (state === undefined) throw new Error(`The stack in ${liveFolder} left no ${stateFile(liveFolder)}.`);
  say('The live stack runs. It ends with npm run live:down.');
  say(`  kubeconfig  ${state.kubeconfig}`);
  say(`  context     ${state.context}`);
  say(`  registry    ${state.registry.host}`);
  say(`  Git         ${state.git.baseUrl}/NAME.git, bare repositories in ${state.git.root}`);
  say(`  kubectl     ${state.kubectl}`);
  say(`  logs        ${join(state.folder, 'log')}`);
}

async function begin(): Promise<void> {
  await ensurePrograms(say);
  mkdirSync(workFolder, { recursive: true });
  const log = join(workFolder, 'live.log');
  const output = openSync(log, 'w');
  const keeper = spawn(
    process.execPath,
    ['--require', 'tsx/cjs', join(root, 'test/live/stack/keeper.ts'), liveFolder],
    { cwd: root, stdio: ['ignore', output, output], detached: true },
  );
  await until(() => existsSync(stopFile(liveFolder)) || keeper.exitCode !== null, {
    timeoutMs: 180_000,
    what: 'the live stack to start',
  });
  if (keeper.exitCode !== null) throw new Error(readFileSync(log, 'utf8'));
  keeper.unref();
}

/** Only what the stack is made of, so that it is there when it is wanted. */
async function build(): Promise<void> {
  await ensurePrograms(say);
  say('The programs of the live stack are there.');
}

async function down(): Promise<void> {
  if (!(await isUp())) {
    say('The live stack does not run.');
    return;
  }
  await ask(readFileSync(stopFile(liveFolder), 'utf8'), { method: 'POST' });
  await until(() => !existsSync(liveFolder), { timeoutMs: 30_000, what: `${liveFolder} to be removed` });
  say('The live stack is stopped.');
}

/** Its keeper answers, though nothing is at that path. */
async function isUp(): Promise<boolean> {
  const file = stopFile(liveFolder);
  return existsSync(file) && (await isServing(new URL('/', readFileSync(file, 'utf8')).href, { status: 404 }));
}

runScript(async () => {
  const commands: Readonly<Record<string, () => Promise<void>>> = { up, down, build };
  const [name = ''] = process.argv.slice(2);
  const command = commands[name];
  if (command === undefined) throw new Error(`No command ${name}: there are ${Object.keys(commands).join(', ')}.`);
  await command();
});
