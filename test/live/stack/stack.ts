// The live stack: a real API server, Flux's real controllers, a registry and a Git server, as plain processes on loopback, with their
// data in one folder. Any number of them side by side.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApi } from './apiServer';
import { startFakePods, startFlux, startKubernetesControllers } from './controllers';
import { addFakeNode, removeFakeNode } from './fakeNode';
import { startGit, startRegistry } from './hosting';
import { type KubeApi, kubeApi } from './kubeApi';
import { kubectl } from './kubectl';
import { namedCluster, reachNamedCluster } from './namedCluster';
import { Processes } from './processes';
import { ensurePrograms, type Programs } from './programs';
import { type Cluster, type Kubectl, type Stack, type StackState, stackOf, stateFile } from './stackState';

interface Control {
  /** What `kill` and `restart` take. */
  readonly processes: readonly string[];
  /** Resolves when the process is gone. */
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** Holds a process in its place, with its sockets open, and lets it go on. */
  readonly signal: (name: string, signal: 'SIGSTOP' | 'SIGCONT') => void;
  /** Starts it as it was; resolves when it serves. */
  restart(name: string): Promise<void>;
  /** Resolves when no process and no file is left. */
  readonly stop: () => Promise<void>;
}

export interface RunningStack extends Stack, Control {}

export interface StackOptions {
  /** A new folder for the data, removed in the end; one of the system's temporary ones unless told. */
  readonly folder?: string;
  readonly say?: (line: string) => void;
}

const toStandardError = (line: string): void => void process.stderr.write(`${line}\n`);

/** Builds what is missing, and starts all of it. Throws StackUnavailable where it cannot be built here. */
export async function startStack(options: StackOptions = {}): Promise<RunningStack> {
  const name = namedCluster(process.env);
  const running = await begin(options, async ({ folder, programs, processes }) => {
    const [cluster, registry, git] = await Promise.all([
      name === undefined
        ? startApi({ folder, programs, processes })
        : reachNamedCluster({ name, folder, programs, processes }),
      startRegistry({ folder, programs, processes }),
      startGit({ folder, processes }),
    ]);
    const state: StackState = { ...cluster, folder, registry, git, kubectl: programs.path('kubectl') };
    const stack = stackOf(state);
    const toStart = { folder, kubeconfig: stack.kubeconfig, programs, processes };
    await Promise.all([
      defineFlux(stack.kubectl, programs).then(() => startFlux(toStart)),
      name === undefined ? startKubernetesControllers(toStart) : Promise.resolve(),
      addFakeNode(stack.api, registry.host).then(() => startFakePods(toStart)),
    ]);
    await writeFile(stateFile(folder), JSON.stringify(state, null, 2), { mode: 0o600 });
    return stack;
  });
  const stop = async (): Promise<void> => {
    await removeFakeNode(running.api, running.registry.host);
    await running.stop();
  };
  return name === undefined ? running : { ...running, stop };
}

export interface ApiOnly extends Cluster, Control {
  readonly api: KubeApi;
  /** `http://127.0.0.1:PORT`, to seed what is too much for the API. */
  readonly etcd: string;
  readonly kubectl: Kubectl;
}

/** etcd and the API server alone, with Flux's definitions and no controller. */
export function startApiOnly(options: StackOptions = {}): Promise<ApiOnly> {
  return begin(options, async (parts) => {
    const started = await startApi(parts);
    const ask = kubectl(parts.programs.path('kubectl'), started);
    await defineFlux(ask, parts.programs);
    return { ...started, api: kubeApi(started.access), kubectl: ask };
  });
}

interface Parts {
  readonly folder: string;
  readonly programs: Programs;
  readonly processes: Processes;
}

async function begin<T>(
  { folder, say = toStandardError }: StackOptions,
  start: (parts: Parts) => Promise<T>,
): Promise<T & Control> {
  const programs = await ensurePrograms(say);
  const data = folder ?? (await mkdtemp(join(tmpdir(), 'flux-promote-live-')));
  await mkdir(data, { recursive: true });
  const processes = await Processes.inFolder(data);
  try {
    const started = await start({ folder: data, programs, processes });
    return {
      ...started,
      processes: processes.names,
      kill: (name, signal) => processes.kill(name, signal),
      signal: (name, signal) => processes.signal(name, signal),
      restart: (name) => processes.restart(name),
      stop: () => processes.stop(),
    };
  } catch (error) {
    await processes.stop();
    throw error;
  }
}

async function defineFlux(ask: Kubectl, programs: Programs): Promise<void> {
  await ask(['apply', '--server-side', '-f', programs.crds]);
  await ask(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  const namespace = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } });
  await ask(['apply', '--server-side', '-f', '-'], namespace);
}
