// A build in a process of its own that makes one empty program, once the file `may-end` is there:
// `node --require tsx/cjs pretendedBuild.ts MODULE`. Says what it does, and last the folder that holds the program.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBuilt } from '../../live/stack/programs';
import { until } from '../until';

const [module = ''] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function build(folder: string): Promise<void> {
  await writeFile(join(folder, `half-${process.pid}`), '');
  await until(() => existsSync(join(module, 'may-end')), { timeoutMs: 60_000, what: 'leave to end' });
  await writeFile(join(folder, 'program'), '');
}

ensureBuilt({ module, flags: [], build, say }).then(say, (error: unknown) => {
  say(String(error));
  process.exitCode = 1;
});
