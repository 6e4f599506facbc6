import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** A TypeScript module, its imports relative to the project's root, bundled as the extension is. Returns the bundle's path. */
export function bundleProgram(folder: string, contents: string): string {
  const outfile = join(folder, 'program.js');
  buildSync({
    stdin: { contents, loader: 'ts', resolveDir: join(__dirname, '../..') },
    bundle: true,
    minify: true,
    keepNames: true,
    format: 'cjs',
    platform: 'node',
    outfile,
  });
  return outfile;
}
