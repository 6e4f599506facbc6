import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The bare repository refuses every push to the branch, in GitHub's words. */
export function protectBranch(repository: string, branch: string): Promise<void> {
  return installHook(
    repository,
    'pre-receive',
    `while read old new ref; do
  if [ "$ref" = "refs/heads/${branch}" ]; then
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: Changes must be made through a pull request." >&2
    exit 1
  fi
done`,
  );
}

/** A hook of a bare repository, run by `sh`. */
export async function installHook(repository: string, name: string, script: string): Promise<void> {
  const path = join(repository, 'hooks', name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
