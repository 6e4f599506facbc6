// Builds dist/: one CommonJS bundle per part that loads at its own time, each within its byte budget.
// A module that is the entry of another bundle may only be reached by `await import(...)`, which becomes a
// lazy `require` of that bundle; a plain import of it would drag the heavy part into the light one.
import { chmodSync, rmSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const kilobyte = 1000;

const sharedPackages = ['re2js', 'yaml'];

/** Name in dist/, entry module, and the most it may weigh. Add a bundle by adding a line. */
const bundles = [
  { name: 'extension', entry: 'src/extension.ts', budget: 8 * kilobyte },
  { name: 'main', entry: 'src/main.ts', budget: 800 * kilobyte },
  { name: 'lab', entry: 'src/lab/main.ts', budget: 500 * kilobyte, isProgram: true },
  { name: 'cluster', entry: 'src/base/kubernetes/kubeconfig.ts', budget: 1000 * kilobyte },
  { name: 'cli', entry: 'src/cli.ts', budget: 550 * kilobyte, isProgram: true },
  { name: 'forge', entry: 'src/sources/forgeOnce.ts', budget: 100 * kilobyte },
  // Big, and wanted by several: once beside them all, instead of once in each.
  ...sharedPackages.map((name) => ({ name, entry: name, budget: 200 * kilobyte })),
];

// VS Code patches the network of Node and of the global fetch, never of a bundled undici.
const forbidden = ['node_modules/undici/'];

const siblings = new Map(bundles.map(({ name, entry }) => [join(root, entry), name]));

const lazySiblings = {
  name: 'lazy-siblings',
  setup(build) {
    build.onResolve({ filter: /^\./ }, async ({ path, ...options }) => {
      if (options.pluginData === 'resolving' || options.kind === 'entry-point') return undefined;
      const found = await build.resolve(path, { ...options, pluginData: 'resolving' });
      const name = siblings.get(found.path);
      if (name === undefined) return undefined;
      if (options.kind !== 'dynamic-import') {
        const importer = relative(root, options.importer);
        return { errors: [{ text: `${importer} must load ${path} by "await import": it is the bundle ${name}` }] };
      }
      return { path: `./${name}.js`, external: true };
    });
  },
};

const besideOthers = {
  name: 'shared-packages',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(?:${sharedPackages.join('|')})$`) }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: `./${path}.js`, external: true },
    );
  },
};

async function buildBundle({ name, entry, budget, isProgram = false }) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: `dist/${name}.js`,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minify: true,
    keepNames: true,
    metafile: true,
    legalComments: 'none',
    external: ['vscode'],
    supported: { 'dynamic-import': false },
    banner: isProgram ? { js: '#!/usr/bin/env node' } : {},
    plugins: [lazySiblings, besideOthers],
    logLevel: 'warning',
  });
  const bad = Object.keys(metafile.inputs).find((input) => forbidden.some((part) => input.includes(part)));
  if (bad !== undefined) throw new Error(`dist/${name}.js contains ${bad}, which must not be bundled.`);
  const { bytes } = metafile.outputs[`dist/${name}.js`];
  if (bytes > budget) throw new Error(`dist/${name}.js has ${bytes} bytes; its budget is ${budget}.`);
  if (isProgram) chmodSync(join(root, 'dist', `${name}.js`), 0o755);
  return { name, bytes, budget };
}

/** Builds everything afresh. Throws with one line that names the bundle and the reason. */
export async function build() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  return Promise.all(bundles.map(buildBundle));
}

if (process.argv[1]?.split(sep).at(-1) === basename(fileURLToPath(import.meta.url))) {
  try {
    for (const { name, bytes, budget } of await build()) {
      process.stdout.write(`dist/${name}.js`.padEnd(20) + `${bytes}`.padStart(8) + ` of ${budget} bytes\n`);
    }
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
