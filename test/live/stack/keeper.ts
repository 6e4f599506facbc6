// What `npm run live:up` leaves behind: a process that keeps the stack in FOLDER until it is asked to stop.
// `node --require tsx/cjs keeper.ts FOLDER`
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { listenOnLoopback } from '../../../src/lab/loopback';
import { startStack } from './stack';
import { stopFile } from './stackState';

async function keep(folder: string): Promise<void> {
  const stack = await startStack({ folder });
  const path = `/${randomBytes(16).toString('hex')}`;
  const server = await listenOnLoopback(0, async (request, response) => {
    if (request.method !== 'POST' || request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    await stack.stop();
    response.end('stopped\n', () => void server.stop());
  });
  process.on('SIGTERM', () => void stack.stop().then(() => server.stop()));
  await writeFile(stopFile(folder), `http://${server.host}${path}`, { mode: 0o600 });
}

keep(process.argv[2] ?? '.').catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
