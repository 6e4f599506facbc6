// A VS Code server of our own: on loopback, on a free port, with its own data folder, without a question and
// without a request that leaves the machine.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EditorHost } from './editorHost';
import { runOrFail } from './process';

export type Settings = Readonly<Record<string, unknown>>;

export interface ServerOptions {
  readonly settings?: Settings;
  /** `asked`: Workspace Trust is on, so a folder opens in Restricted Mode until somebody trusts it. */
  readonly trust?: 'given' | 'asked';
  /** A package to install first; without one the caller names folders by `extensionDevelopmentPath` and the like. */
  readonly vsix?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface EditorServer {
  readonly address: string;
  readonly dataFolder: string;
  /** The address that opens a folder, with workbench parameters such as `openFile`; paths are absolute. */
  url(folder: string, parameters?: Readonly<Record<string, string>>): string;
  stop(): Promise<void>;
}

const quietSettings: Settings = {
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.layoutControl.enabled': false,
  'workbench.colorTheme': 'Default Dark Modern',
  'telemetry.telemetryLevel': 'off',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'window.commandCenter': false,
  'window.menuBarVisibility': 'hidden',
  'extensions.ignoreRecommendations': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'git.openRepositoryInParentFolders': 'never',
  'git.autofetch': false,
  'editor.minimap.enabled': false,
};

const noGallery = '{"serviceUrl":"","itemUrl":"","resourceUrlTemplate":"","controlUrl":"","nlsBaseUrl":""}';

/** Starts the server; resolves when a browser can connect. */
export async function startEditorServer(host: EditorHost, options: ServerOptions = {}): Promise<EditorServer> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'flux-promote-host-'));
  const settings = JSON.stringify({ ...quietSettings, ...options.settings }, undefined, 2);
  // Machine-scoped settings count only in the first file, application-scoped ones only in the second.
  for (const scope of ['Machine', 'User']) {
    mkdirSync(join(dataFolder, 'data', scope), { recursive: true });
    writeFileSync(join(dataFolder, 'data', scope, 'settings.json'), settings);
  }
  const common = ['--accept-server-license-terms', '--server-data-dir', dataFolder];
  common.push('--extensions-dir', join(dataFolder, 'extensions'), '--telemetry-level', 'off');
  if (options.vsix !== undefined) {
    await runOrFail(host.node, [host.server, ...common, '--install-extension', options.vsix, '--force'], {
      deadlineMs: 120_000,
    });
  }
  const port = await freePort();
  const args = [host.server, ...common, '--host', '127.0.0.1', '--port', String(port), '--without-connection-token'];
  args.push('--disable-getting-started-override');
  // Newer versions load an extension's folder or its tests only with this; older ones refuse every dialog with it.
  if (options.vsix === undefined) args.push('--enable-smoke-test-driver');
  if (options.trust !== 'asked') args.push('--disable-workspace-trust');
  const child = spawn(host.node, args, {
    env: { ...process.env, EXTENSIONS_GALLERY: noGallery, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await untilListening(child);
  const address = `http://127.0.0.1:${port}`;
  return {
    address,
    dataFolder,
    url: (folder, parameters = {}) => {
      const remote = (path: string): string => `vscode-remote://127.0.0.1:${port}${path}`;
      const payload = Object.entries(parameters).map(([name, path]) => [name, remote(path)]);
      const url = new URL(address);
      url.searchParams.set('folder', folder);
      if (payload.length > 0) url.searchParams.set('payload', JSON.stringify(payload));
      return url.toString();
    },
    stop: async () => {
      await end(child);
      rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function untilListening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why: string): void => reject(new Error(`The VS Code server ${why}:\n${output}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('did not listen within 60 s');
    }, 60_000);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!output.includes('Extension host agent listening')) return;
      clearTimeout(timer);
      // From here on its words are noise (native parts that are not built); they must still be taken off the pipe.
      for (const stream of [child.stdout, child.stderr]) stream?.off('data', read).resume();
      resolve();
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', read);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    child.on('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
