// `npm start`: VS Code on the practice lab, or on the folder that is named, with the extension and without a question. `--live`
// opens it on real Flux instead. A desktop VS Code where there is one, else the browser-served one; `--server` asks for that in any
// case.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createLab } from '../src/lab/lab';
import { labPaths, readState } from '../src/lab/state';
import { openPracticeWorld } from '../test/live/practiceWorld';
import { startStack } from '../test/live/stack/stack';
import { chosenHost, ensureEditorHost } from './editorHost';
import { startEditorServer } from './editorServer';
import { build, writePackage } from './package';
import { labFolder, root, workFolder } from './paths';
import { runOrFail, runScript } from './process';
import { findOnPath, hasDisplay } from './programs';

/** Inside VS Code's own terminal `code` is a shim that talks to the running window, so it does not count. */
function findDesktop(): string | undefined {
  const chosen = process.env['VSCODE_EXECUTABLE'];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (!hasDisplay() || process.env['VSCODE_IPC_HOOK_CLI'] !== undefined) return undefined;
  return findOnPath(['code', 'code-insiders', 'codium', 'code-oss']);
}

async function startDesktop(program: string, folder: string): Promise<void> {
  process.stdout.write(`Opening ${folder} in ${program}\n`);
  const readme = readmeOf(folder);
  const flags = ['--new-window', '--disable-workspace-trust', '--skip-welcome', '--skip-release-notes'];
  await runOrFail(
    program,
    [...flags, `--extensionDevelopmentPath=${root}`, folder, ...(readme === undefined ? [] : [readme])],
    { deadlineMs: 86_400_000 },
  );
}

async function startServed({ folder, stop }: Opened): Promise<void> {
  const host = await ensureEditorHost(chosenHost());
  const vsix = join(workFolder, 'start.vsix');
  await writePackage(vsix);
  const server = await startEditorServer(host, { vsix });
  const readme = readmeOf(folder);
  const url = server.url(folder, readme === undefined ? {} : { openFile: readme });
  process.stdout.write(`VS Code ${host.version} with Flux Promote:\n\n  ${url}\n\nCtrl+C ends it.\n`);
  const opener = process.platform === 'darwin' ? 'open' : findOnPath(['xdg-open']);
  if (process.stdout.isTTY && hasDisplay() && opener !== undefined) {
    spawn(opener, [url], { stdio: 'ignore', detached: true })
      .on('error', () => undefined)
      .unref();
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(
      signal,
      () =>
        void server
          .stop()
          .then(stop)
          .finally(() => process.exit(0)),
    );
  }
}

/** What the window shows first: the folder's own words. */
function readmeOf(folder: string): string | undefined {
  const file = join(folder, 'README.md');
  return existsSync(file) ? file : undefined;
}

/** Makes the practice lab where there is none yet; the window that opens it starts it. Returns its workspace. */
async function openLab(): Promise<string> {
  if ((await readState(labFolder)) === undefined) {
    process.stdout.write('Making the practice lab ...\n');
    await createLab(labFolder);
  }
  return labPaths(labFolder).workspace;
}

interface Opened {
  readonly folder: string;
  /** Ends what was started for the window. */
  readonly stop: () => Promise<void>;
}

/** The lab's own content on an API server and Flux that are real; it ends with the window. */
async function openLive(): Promise<Opened> {
  const stack = await startStack({ say: (line) => void process.stdout.write(`${line}\n`) });
  const { workspace, forge, stop } = await openPracticeWorld(stack);
  process.stdout.write(`Real Flux: export KUBECONFIG=${stack.kubeconfig}\n`);
  process.stdout.write(`To promote, run Flux Promote: Sign In… with this token for ${forge.api}: ${forge.token}\n`);
  return { folder: workspace, stop: () => stop().then(() => stack.stop()) };
}

runScript(async () => {
  const args = process.argv.slice(2);
  const named = args.find((arg) => !arg.startsWith('--'));
  await build();
  const opened = args.includes('--live')
    ? await openLive()
    : { folder: named === undefined ? await openLab() : resolve(named), stop: () => Promise.resolve() };
  const desktop = args.includes('--server') ? undefined : findDesktop();
  if (desktop === undefined) return startServed(opened);
  await startDesktop(desktop, opened.folder);
  if (args.includes('--live')) process.stdout.write('Ctrl+C ends it.\n');
});
