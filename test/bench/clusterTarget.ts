// The clusters that the bench measures, each with the same large fleet: a real API server, and the lab's.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { Access } from '../live/stack/kubeApi';
import { kubectl } from '../live/stack/kubectl';
import { ensurePrograms } from '../live/stack/programs';
import { largeFleet, seedFleet } from '../live/stack/seedFleet';
import { type ApiOnly, startApiOnly } from '../live/stack/stack';

export interface ClusterTarget {
  readonly name: string;
  readonly kubeconfig: string;
  readonly context: string;
  readonly access: Access;
  /** What anybody's program takes to read the same kinds. */
  readonly plainRead: { readonly name: string; readonly run: () => Promise<unknown> };
  /** Ends it at once and starts it again; resolves when it serves. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const kinds =
  'gitrepositories,kustomizations,imagerepositories,imagepolicies,imageupdateautomations,deployments,replicasets,pods';
const getAll = ['get', kinds, '--all-namespaces', '--output=json'];
const plainReadName = 'one kubectl get of the same kinds';

/** Throws StackUnavailable where the programs cannot be built. */
export async function realTarget(): Promise<ClusterTarget> {
  const stack: ApiOnly = await startApiOnly();
  await seedFleet(stack.etcd, largeFleet);
  const apiServer = stack.processes.find((name) => name.includes('apiserver'));
  if (apiServer === undefined) throw new Error(`No API server among ${stack.processes.join(', ')}`);
  return {
    name: 'API server',
    kubeconfig: stack.kubeconfig,
    context: stack.context,
    access: stack.access,
    plainRead: { name: plainReadName, run: () => stack.kubectl(getAll) },
    restart: async () => {
      await stack.kill(apiServer, 'SIGKILL');
      await stack.restart(apiServer);
    },
    stop: () => stack.stop(),
  };
}

/** Throws StackUnavailable where kubectl cannot be built. */
export async function labTarget(folder: string): Promise<ClusterTarget> {
  const programs = await ensurePrograms((line) => void process.stderr.write(`${line}\n`));
  const name = { kubeconfig: join(folder, 'kubeconfig'), context: 'lab' };
  const ask = kubectl(programs.path('kubectl'), name);
  const child = fork(join(__dirname, 'labApi.ts'), [folder], { execArgv: ['--require', 'tsx/cjs'] });
  let access = await nextAccess(child);
  return {
    name: "lab's API",
    ...name,
    get access() {
      return access;
    },
    plainRead: { name: plainReadName, run: () => ask(getAll) },
    restart: async () => {
      child.send('restart');
      access = await nextAccess(child);
    },
    stop: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function nextAccess(child: ChildProcess): Promise<Access> {
  const [access]: unknown[] = await once(child, 'message', { signal: AbortSignal.timeout(180_000) });
  return access as Access;
}

const agent = new Agent({ keepAlive: true, maxSockets: 10 });

/** The answer as it comes. `body` is a merge patch. */
export async function call(
  { server, certificate, token }: Access,
  method: 'GET' | 'PATCH',
  path: string,
  body?: string,
): Promise<IncomingMessage> {
  return await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(`${server}${path}`, {
      method,
      agent,
      ...(certificate === undefined ? {} : { ca: certificate }),
      headers: {
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/merge-patch+json', 'content-length': Buffer.byteLength(body) }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    outgoing.on('response', resolve).on('error', reject).end(body);
  });
}
