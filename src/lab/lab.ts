// The practice lab: a cluster, Flux's controllers, a registry, a Git remote and a forge, all on loopback and in one process. It is
// made once; at every start the cluster is built anew from Git, as after `flux bootstrap`. Nothing here knows of promotion or rollback.
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { optional } from '../model/optional';
import { type Problem, ProblemError } from '../model/problem';
import { bootstrap } from './bootstrap';
import { startApiServer } from './cluster/server';
import { Store } from './cluster/store';
import { cloneWorkspace, createContent } from './content/createContent';
import { createControllerDeployments, withControllerImages } from './controllerPods';
import { type ControllerConstants, realConstants } from './controllers/constants';
import { startControllers } from './controllers/controllers';
import { EventRecorder } from './controllers/eventRecorder';
import { Workloads } from './controllers/workloads';
import type { FaultHook } from './fault';
import { type ForgeOptions, startForge } from './forge/forge';
import { startGitServer } from './git/gitServer';
import { resolveImage } from './imagePull';
import { startRegistry } from './registry/registry';
import {
  drawToken,
  type LabPaths,
  type LabState,
  labPaths,
  layoutVersion,
  readState,
  removeLab,
  writeSecret,
  writeState,
} from './state';

export interface LabOptions {
  /** Milliseconds since the epoch; the history of the content ends shortly before. */
  readonly now?: number;
  /** The same seed gives the same history, but for the ports in it. */
  readonly seed?: string;
}

export interface StartOptions {
  readonly constants?: ControllerConstants;
  /** A part of the lab threw what it should have handled; the lab goes on. */
  readonly onBug: (error: unknown) => void;
  /** What its forge does that a lab's own does not: rules, faults. */
  readonly forge?: Partial<Pick<ForgeOptions, 'protectedEnvironments' | 'fault' | 'stepMs'>>;
  /** What its registry answers instead of its own answers. */
  readonly registryFault?: FaultHook;
}

export interface RunningLab {
  readonly state: LabState;
  readonly paths: LabPaths;
  readonly urls: { readonly api: string; readonly git: string; readonly registry: string; readonly forge: string };
  /** What is wrong with the lab's content; undefined when all is well. */
  readonly problem: Problem | undefined;
  stop(): Promise<void>;
}

export const contextName = 'flux-promote-lab';

/** Makes a lab in `folder`, in place of one that was not finished. Throws where there is one already. */
export async function createLab(
  folder: string,
  { now = Date.now(), seed = 'lab' }: LabOptions = {},
): Promise<LabState> {
  if ((await readState(folder)) !== undefined) throw new Error(`there is a lab in ${folder} already`);
  await removeLab(folder);
  const paths = labPaths(folder);
  const registry = await startRegistry({ folder: paths.registry, port: 0 });
  const git = await startGitServer({ root: paths.git, port: 0 });
  try {
    const registryUrl = `http://${registry.host}`;
    const [api, forge] = await drawPorts();
    const forgeUrl = `http://127.0.0.1:${forge}`;
    await createContent({ folder: paths.git, registryUrl, gitUrl: git.baseUrl, forgeUrl, now, seed });
    await cloneWorkspace({ url: git.url('flux'), folder: paths.workspace });
    const state: LabState = {
      createdAt: now,
      version: layoutVersion,
      ports: { api, git: git.port, registry: registry.port, forge },
      tokens: { admin: drawToken(), viewer: drawToken(), forge: drawToken() },
    };
    await writeState(folder, state);
    await rm(paths.unfinished, { force: true });
    return state;
  } finally {
    await Promise.all([git.stop(), registry.stop()]);
  }
}

/** A new lab with new ports and a new history; what was changed in the old one is gone. The old one must not run. */
export async function resetLab(folder: string, options: LabOptions = {}): Promise<LabState> {
  await removeLab(folder);
  return createLab(folder, options);
}

/** Throws ProblemError `lab-missing`, `lab-broken`, `lab-port-taken` or `git-missing`; then nothing runs. */
export async function startLab(
  folder: string,
  { constants = realConstants, onBug, forge: ruled = {}, registryFault: fault }: StartOptions,
): Promise<RunningLab> {
  const state = await readState(folder);
  if (state === undefined) {
    throw new ProblemError({
      code: 'lab-missing',
      message: `There is no practice lab in ${folder}. Run Open Practice Lab to make one.`,
      remedy: 'openPracticeLab',
    });
  }
  const paths = labPaths(folder);
  const { ports, tokens } = state;
  const started: { readonly stop: () => Promise<void> }[] = [];
  const keep = <T extends { readonly stop: () => Promise<void> }>(part: T): T => {
    started.unshift(part);
    return part;
  };
  const stop = async (): Promise<void> => {
    for (const part of started.splice(0)) await part.stop();
  };
  try {
    const store = new Store();
    const registry = keep(
      await onPort(ports.registry, () =>
        startRegistry({ folder: paths.registry, port: ports.registry, ...optional('fault', fault) }),
      ),
    );
    const git = keep(await onPort(ports.git, () => startGitServer({ root: paths.git, port: ports.git })));
    const registryUrl = `http://${registry.host}`;
    const forge = keep(
      await onPort(ports.forge, () =>
        startForge({
          folder,
          port: ports.forge,
          token: tokens.forge,
          registryUrl,
          gitUrl: git.baseUrl,
          gitRoot: paths.git,
          ...ruled,
        }),
      ),
    );
    const api = keep(await onPort(ports.api, () => startApiServer({ store, port: ports.api, tokens })));
    await writeSecret(paths.kubeconfig, api.kubeconfig(contextName));
    await rm(paths.cache, { recursive: true, force: true, maxRetries: 3 });
    const workloads = new Workloads(store, {
      resolveImage: withControllerImages(resolveImage),
      events: new EventRecorder(store, constants, 'kubelet'),
    });
    keep({ stop: async () => workloads.dispose() });
    const problem = await bootstrap(store, join(paths.git, 'flux.git'));
    createControllerDeployments(store);
    keep(await startControllers({ store, cache: paths.cache, constants, onBug }));
    const urls = { api: api.url, git: git.baseUrl, registry: registryUrl, forge: forge.apiUrl };
    return { state, paths, urls, problem, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function onPort<T>(port: number, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new ProblemError({
      code: 'lab-port-taken',
      message: `The practice lab's port ${port} is in use: by this lab in another window, or by another program. Close that one, or run Reset Practice Lab to draw new ports.`,
      cause: error.message,
      remedy: 'resetPracticeLab',
    });
  }
}

/** Two free ports; held at the same time, so they differ. */
async function drawPorts(): Promise<readonly [number, number]> {
  const first = await listen();
  const second = await listen();
  await Promise.all([first.close(), second.close()]);
  return [first.port, second.port];
}

async function listen(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { port: address.port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
