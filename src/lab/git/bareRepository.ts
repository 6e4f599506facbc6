import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from './labGit';

/** An empty bare repository that takes pushes over HTTP and serves partial clones, as the large forges do. */
export async function makeBareRepository(folder: string): Promise<void> {
  await runGit(['init', '-q', '--bare', '-b', 'main', folder]);
  const settings = '[http]\n\treceivepack = true\n[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n';
  await appendFile(join(folder, 'config'), settings);
}
