// A large fleet on the real API server: how soon it is shown beside one `kubectl get` of the same kinds, what it weighs, what
// 100 changes a second cost, and how soon it is fresh again after the API server was restarted.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { asObject, asString, parseJson } from '../../src/base/json';
import { largeFleet, seededEnvironments, seededNamespace, seededService, seedFleet } from '../live/stack/seedFleet';
import { type ApiOnly, startApiOnly } from '../live/stack/stack';
import { StackUnavailable } from '../live/stack/stackUnavailable';
import type { HostReport } from './clusterHost';
import { median, printFigure } from './figure';

const kinds = [
  'gitrepositories',
  'kustomizations',
  'imagerepositories',
  'imagepolicies',
  'imageupdateautomations',
  'deployments',
  'replicasets',
  'pods',
].join(',');
const stormSeconds = 60;
const changesPerSecond = 100;

/** The child's reports, in order; `next` waits for one of a kind. */
class Host {
  readonly reports: HostReport[] = [];
  readonly #child: ChildProcess;

  constructor({ kubeconfig, context }: Pick<ApiOnly, 'kubeconfig' | 'context'>) {
    const options = { execArgv: ['--expose-gc', '--require', 'tsx/cjs'] };
    const size = String(largeFleet.services);
    this.#child = fork(join(__dirname, 'clusterHost.ts'), [kubeconfig, context, size], options);
    this.#child.on('message', (report: HostReport) => this.reports.push(report));
  }

  async next(kind: HostReport['kind'], timeoutMs = 120_000): Promise<HostReport> {
    const from = this.reports.length;
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const found = this.reports.slice(from).find((report) => report.kind === kind);
      if (found !== undefined) return found;
      await once(this.#child, 'message', { signal });
    }
  }

  async ask(what: 'begin' | 'usage'): Promise<void> {
    await new Promise<void>((resolve) => this.#child.send(what, () => resolve()));
  }

  stop(): void {
    this.#child.kill();
  }
}

async function main(stack: ApiOnly): Promise<void> {
  await seedFleet(stack.etcd, largeFleet);
  const get = async (): Promise<number> => {
    const began = performance.now();
    await stack.kubectl(['get', kinds, '--all-namespaces', '--output=json']);
    return performance.now() - began;
  };
  await get();
  const kubectlMs = median([await get(), await get(), await get()]);

  const host = new Host(stack);
  const idle = await host.next('ready');
  const began = Date.now();
  const completed = host.next('complete');
  await host.ask('begin');
  const complete = await completed;
  printFigure({
    name: `first complete fleet, ${largeFleet.fluxObjects} Flux objects, 3,000 Deployments, ${largeFleet.pods} pods`,
    value: complete.at - began,
    unit: 'ms',
    baseline: { name: 'one kubectl get of the same kinds', value: kubectlMs },
    limit: 2 * kubectlMs,
  });
  await sleep(5_000);
  const settled = host.next('usage');
  await host.ask('usage');
  const before = await settled;
  printFigure({
    name: 'memory of the host with that fleet, above idle',
    value: ((before.rssBytes ?? 0) - (idle.rssBytes ?? 0)) / 1e6,
    unit: 'MB',
    baseline: { name: 'idle', value: (idle.rssBytes ?? 0) / 1e6 },
    limit: 120,
  });
  await storm(stack, host, before);
  await restart(stack, host);
  host.stop();
}

async function storm(stack: ApiOnly, host: Host, before: HostReport): Promise<void> {
  const write = statusWriter(stack);
  const written = new Map<string, number>();
  const told = new Map<string, number>();
  const stopWatching = await plainWatch(stack, (change) => told.set(change, Date.now()));
  const works: Promise<void>[] = [];
  const began = performance.now();
  const total = stormSeconds * changesPerSecond;
  for (let count = 0; count < total; count += 1) {
    const wait = began + (count * 1000) / changesPerSecond - performance.now();
    if (wait > 1) await sleep(wait);
    const service = count % largeFleet.services;
    const environment = seededEnvironments[Math.floor(count / largeFleet.services) % 3] ?? 'develop';
    const tag = `v2.0.0-${count}`;
    const change = async (): Promise<void> => {
      await write(service, environment, tag);
      written.set(`${environment}/${seededService(service)} ${tag}`, Date.now());
    };
    works.push(change());
  }
  await Promise.all(works);
  const seconds = (performance.now() - began) / 1000;
  await sleep(3_000);
  stopWatching();
  const after = host.next('usage');
  await host.ask('usage');
  const { cpuMicroseconds = 0 } = await after;
  const shown = new Map<string, number>(
    host.reports.flatMap(({ selected = [], at }) => selected.map(([place, tag]) => [`${place} ${tag}`, at] as const)),
  );
  const never = Number.POSITIVE_INFINITY;
  const delays = [...written.keys()].map((change) => (shown.get(change) ?? never) - (told.get(change) ?? 0));
  const tellings = [...written].map(([change, at]) => (told.get(change) ?? never) - at);
  printFigure({
    name: `slowest of ${total} changes to be shown once the API server has told it, ${Math.round(total / seconds)} a second`,
    value: Math.max(...delays),
    unit: 'ms',
    baseline: { name: 'the slowest to be told to a plain watch', value: Math.max(...tellings) },
    limit: 500,
  });
  printFigure({
    name: 'processor that those changes took of one core',
    value: (cpuMicroseconds - (before.cpuMicroseconds ?? 0)) / 1e4 / seconds,
    unit: '%',
    baseline: { name: 'all of one core', value: 100 },
    limit: 20,
  });
}

/** Writes what an ImagePolicy has selected, past its controller, over connections that are kept. */
function statusWriter({ access }: ApiOnly): (service: number, environment: string, tag: string) => Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 10 });
  return async (service, environment, tag) => {
    const name = seededService(service);
    const path = `/apis/image.toolkit.fluxcd.io/v1/namespaces/${seededNamespace(service, environment)}/imagepolicies/${name}/status`;
    const body = JSON.stringify({ status: { latestRef: { name: `registry.example.invalid/acme/${name}`, tag } } });
    const status = await new Promise<number>((resolve, reject) => {
      const call = request(`${access.server}${path}`, {
        method: 'PATCH',
        agent,
        ...(access.certificate === undefined ? {} : { ca: access.certificate }),
        headers: {
          'content-type': 'application/merge-patch+json',
          'content-length': Buffer.byteLength(body),
          ...(access.token === undefined ? {} : { authorization: `Bearer ${access.token}` }),
        },
      });
      call.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0)));
      call.on('error', reject).end(body);
    });
    if (status !== 200) throw new Error(`Writing ${name} was answered with ${status}`);
  };
}

/** Calls with `ENVIRONMENT/SERVICE TAG` as soon as the API server tells it; resolves once it watches. */
async function plainWatch({ access }: ApiOnly, onChange: (change: string) => void): Promise<() => void> {
  const call = request(`${access.server}/apis/image.toolkit.fluxcd.io/v1/imagepolicies?watch=1`, {
    ...(access.certificate === undefined ? {} : { ca: access.certificate }),
    headers: access.token === undefined ? {} : { authorization: `Bearer ${access.token}` },
  });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    call.on('response', resolve).on('error', reject).end();
  });
  // Ended by us.
  answer.on('error', () => undefined);
  createInterface(answer).on('line', (line) => {
    const object = asObject(asObject(parseJson(line))?.['object']);
    const meta = asObject(object?.['metadata']);
    const tag = asString(asObject(asObject(object?.['status'])?.['latestRef'])?.['tag']) ?? '';
    const [environment = ''] = (asString(meta?.['namespace']) ?? '').split('-team-');
    onChange(`${environment}/${asString(meta?.['name']) ?? ''} ${tag}`);
  });
  return () => call.destroy();
}

async function restart(stack: ApiOnly, host: Host): Promise<void> {
  const apiServer = stack.processes.find((name) => name.includes('apiserver'));
  if (apiServer === undefined) throw new Error(`No API server among ${stack.processes.join(', ')}`);
  await stack.kill(apiServer, 'SIGKILL');
  await stack.restart(apiServer);
  const ready = Date.now();
  const write = statusWriter(stack);
  const name = seededService(0);
  await write(0, 'develop', 'after-the-restart');
  const isShown = ({ selected = [] }: HostReport): boolean =>
    selected.some(([place, tag]) => place === `develop/${name}` && tag === 'after-the-restart');
  while (!host.reports.some(isShown)) await host.next('shown');
  const fresh = host.reports.find(isShown)?.at ?? Number.NaN;
  printFigure({
    name: 'fresh again after the API server was ready again',
    value: fresh - ready,
    unit: 'ms',
    baseline: { name: 'the longest that is good', value: 5_000 },
    limit: 5_000,
  });
}

async function bench(): Promise<void> {
  let stack: ApiOnly;
  try {
    stack = await startApiOnly();
  } catch (error) {
    if (!(error instanceof StackUnavailable)) throw error;
    process.stdout.write(`Not measured: ${error.message}\n`);
    return;
  }
  try {
    await main(stack);
  } finally {
    await stack.stop();
  }
}

bench().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
