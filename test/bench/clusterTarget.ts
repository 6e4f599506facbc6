// The clusters that the bench measures, each with the same large fleet: a real API server, and the lab's.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { parseJson } from '../../src/base/json';
import type { Access } from '../live/stack/kubeApi';
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

const kinds = {
  'apis/source.toolkit.fluxcd.io/v1': ['gitrepositories'],
  'apis/kustomize.toolkit.fluxcd.io/v1': ['kustomizations'],
  'apis/image.toolkit.fluxcd.io/v1': ['imagerepositories', 'imagepolicies', 'imageupdateautomations'],
  'apis/apps/v1': ['deployments', 'replicasets'],
  'api/v1': ['pods'],
};

/** Throws StackUnavailable where the programs cannot be built. */
export async function realTarget(): Promise<ClusterTarget> {
  const stack: ApiOnly = await startApiOnly();
  await seedFleet(stack.etcd, largeFleet);
  const apiServer = stack.processes.find((name) => name.includes('apiserver'));
  if (apiServer === undefined) throw new Error(`No API server among ${stack.processes.join(', ')}`);
  const get = ['get', Object.values(kinds).flat().join(','), '--all-namespaces', '--output=json'];
  return {
    name: 'API server',
    kubeconfig: stack.kubeconfig,
    context: stack.context,
    access: stack.access,
    plainRead: { name: 'one kubectl get of the same kinds', run: () => stack.kubectl(get) },
    restart: async () => {
      await stack.kill(apiServer, 'SIGKILL');
      await stack.restart(apiServer);
    },
    stop: () => stack.stop(),
  };
}

export async function labTarget(folder: string): Promise<ClusterTarget> {
  const child = fork(join(__dirname, 'labApi.ts'), [folder], { execArgv: ['--require', 'tsx/cjs'] });
  let access = await nextAccess(child);
  const readKinds = async (): Promise<void> => {
    for (const [group, plurals] of Object.entries(kinds)) {
      for (const plural of plurals) parseJson(await readAll(await call(access, 'GET', `/${group}/${plural}`)));
    }
  };
  return {
    name: "lab's API",
    kubeconfig: join(folder, 'kubeconfig'),
    context: 'lab',
    get access() {
      return access;
    },
    plainRead: { name: 'one list of each kind after the other', run: readKinds },
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

async function readAll(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
