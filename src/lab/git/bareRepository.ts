import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from './labGit';

// No `gc` in the background: it would outlive the lab.
const settings = `[http]
	receivepack = true
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[receive]
	autogc = false
[gc]
	auto = 0
`;

/** An empty bare repository that takes pushes over HTTP and serves partial clones, as the large forges do. */
export async function makeBareRepository(folder: string): Promise<void> {
  await runGit(['init', '-q', '--bare', '-b', 'main', folder]);
  await appendFile(join(folder, 'config'), settings);
}
