import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The repository's root: everything below is relative to it. */
export const root = dirname(__dirname);
/** Throw-away files of builds and tests, never committed. */
export const workFolder = join(root, '.work');
/** The practice lab of `npm start` and `npm run lab`. */
export const labFolder = join(workFolder, 'lab');
/** The package that the host tests install; `npm run package` writes its own beside package.json. */
export const testPackage = join(workFolder, 'flux-promote.vsix');

/** Editor hosts live outside the repository, so that every work tree and every `git clean` keeps them. */
export function cacheFolder(): string {
  return process.env['FLUX_PROMOTE_CACHE'] ?? join(homedir(), '.cache', 'flux-promote');
}

/** The start file of a program that a development dependency brings. */
export function tool(packageAndFile: string): string {
  return join(root, 'node_modules', packageAndFile);
}
