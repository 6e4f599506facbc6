// `npm run lab`: the practice lab alone, without an editor, until Ctrl+C; it prints where its kubeconfig and the rest
// are. `npm run lab -- reset`, `npm run lab -- break SCENARIO` and the like go to the lab's own command line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from './package';
import { labFolder, root } from './paths';
import { runScript } from './process';

runScript(async () => {
  await build();
  const [command = 'run', ...rest] = process.argv.slice(2);
  // The lab ends when its standard input closes; this pipe stays open as long as this script lives.
  const lab = spawn(process.execPath, [join(root, 'dist', 'lab.js'), command, labFolder, ...rest], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const ended = once(lab, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => lab.kill('SIGTERM'));
  if (command !== 'run') lab.stdin.end();
  const [code] = (await ended) as [number | null];
  process.exitCode = code ?? 1;
});
