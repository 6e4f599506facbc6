// Runs test/host/suite inside a real extension host: a browser opens the served VS Code with the repository as
// the extension under development and the bundled suite as its tests; the workbench reports back to the page.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import esbuild from 'esbuild';
import { openBrowser } from './browser';
import { chosenHost, ensureEditorHost } from './editorHost';
import { startEditorServer } from './editorServer';
import { root, workFolder } from './paths';

/** Inside the repository, so that the suite shares its `vscode` module with the extension. */
const bundleFolder = join(workFolder, 'host-suite');
const deadlineMs = 300_000;

/** What the workbench says of itself in the same channel as the suite's report. */
const noise = /^(Resolv|Creating a socket|Updating add|Ignoring fetching|ChatSessionStore|\[[\w -]+[:\]])/;

/** Returns the folder to open and the module with `run()`, as VS Code's test runners want them. */
export async function bundleHostSuite(): Promise<{ readonly folder: string; readonly tests: string }> {
  rmSync(bundleFolder, { recursive: true, force: true });
  const folder = join(bundleFolder, 'workspace');
  // A repository of its own: the extension takes the nearest folder with a `.git` for the root.
  mkdirSync(join(folder, '.git'), { recursive: true });
  const tests = readdirSync(join(root, 'test/host/suite')).filter((file) => file.endsWith('.test.ts'));
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [
      'test/host/suite/run.ts',
      'test/countsReporter.ts',
      ...tests.map((file) => `test/host/suite/${file}`),
    ],
    outbase: 'test',
    outdir: bundleFolder,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  return { folder, tests: join(bundleFolder, 'host', 'suite', 'run.js') };
}

/** Resolves with the suite's exit code; its counts are in `countsFile`. */
export async function runHostSuite(countsFile: string): Promise<number> {
  const host = await ensureEditorHost(chosenHost());
  const { folder, tests } = await bundleHostSuite();
  process.stdout.write(`VS Code ${host.version}\n`);
  const server = await startEditorServer(host, { env: { FLUX_PROMOTE_COUNTS: countsFile } });
  const browser = await openBrowser();
  const everything: string[] = [];
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
      const text = `${format(...args).trimEnd()}\n`;
      everything.push(text);
      // Native parts that are not built make long errors on every start; the report comes as information.
      if (type === 'info' && !noise.test(text)) process.stdout.write(text);
    });
    const ended = new Promise<number>((resolve) => {
      const timer = setTimeout(() => resolve(124), deadlineMs);
      void page.exposeFunction('codeAutomationExit', (code: number) => {
        clearTimeout(timer);
        resolve(code);
      });
    });
    await page.goto(server.url(folder, { extensionDevelopmentPath: root, extensionTestsPath: tests }));
    const code = await ended;
    if (code !== 0 && !existsSync(countsFile)) process.stdout.write(everything.slice(-100).join(''));
    return code;
  } finally {
    await browser.close();
    await server.stop();
  }
}
