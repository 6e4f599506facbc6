import { readFile, rm, writeFile } from 'node:fs/promises';
import { until } from '../../lab/until';
import { isAlive } from './isAlive';

/**
 * Only one process builds at a time. The file names the process that does; one that died in the middle left it behind, so the next
 * takes it over.
 */
export async function withBuildLock(
  file: string,
  say: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  if (!(await take(file))) {
    say(`Another process builds (${file}); waiting for it ...`);
    await until(() => take(file), { timeoutMs: 3_600_000, what: `the build that holds ${file}` });
  }
  try {
    await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const holder = Number(await readFile(file, 'utf8').catch(() => ''));
  if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
  return false;
}
