// A large fleet on a real API server and on the lab's: how soon it is shown beside a plain reading of the same kinds, what it
// weighs, what 100 changes a second cost, and how soon it is fresh again after the API server was restarted.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { asObject, asString, parseJson } from '../../src/base/json';
import { largeFleet, seededEnvironments, seededNamespace, seededService } from '../live/stack/seedFleet';
import { StackUnavailable } from '../live/stack/stackUnavailable';
import { bundleProgram } from './bundle';
import { writeClone } from './clone';
import type { HostReport } from './clusterHost';
import { type ClusterTarget, call, labTarget, realTarget } from './clusterTarget';
import { median, printFigure } from './figure';
import { seededFiles } from './seededFiles';

const stormSeconds = 60;
const changesPerSecond = 100;
const policies = '/apis/image.toolkit.fluxcd.io/v1';

/** The child's reports, in order; `next` waits for one of a kind. */
class Host {
  readonly reports: HostReport[] = [];
  readonly #child: ChildProcess;

  constructor(program: string, { kubeconfig, context }: ClusterTarget, clone: string) {
    this.#child = fork(program, [kubeconfig, context, clone], { execArgv: ['--expose-gc'] });
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

  async ask(what: 'begin' | 'usage', answer: HostReport['kind']): Promise<HostReport> {
    const answered = this.next(answer);
    await new Promise<void>((resolve) => this.#child.send(what, () => resolve()));
    return await answered;
  }

  stop(): void {
    this.#child.kill();
  }
}

async function measure(target: ClusterTarget, program: string, clone: string): Promise<void> {
  const plainRead = async (): Promise<number> => {
    const began = performance.now();
    await target.plainRead.run();
    return performance.now() - began;
  };
  await plainRead();
  const plainMs = median([await plainRead(), await plainRead(), await plainRead()]);
  const host = new Host(program, target, clone);
  try {
    const idle = await host.next('ready', 300_000);
    const began = Date.now();
    const complete = await host.ask('begin', 'complete');
    printFigure({
      name: `${target.name}: first complete fleet, ${largeFleet.fluxObjects} Flux objects, 3,000 Deployments, ${largeFleet.pods} pods`,
      value: complete.at - began,
      unit: 'ms',
      baseline: { name: target.plainRead.name, value: plainMs },
      limit: 2 * plainMs,
    });
    // What reading took is given back a while later, to a collector that has run before.
    await host.ask('usage', 'usage');
    await sleep(10_000);
    const before = await host.ask('usage', 'usage');
    await sleep(2_000);
    printFigure({
      name: `${target.name}: memory of the host with that fleet, above idle`,
      value: ((before.rssBytes ?? 0) - (idle.rssBytes ?? 0)) / 1e6,
      unit: 'MB',
      baseline: { name: 'idle', value: (idle.rssBytes ?? 0) / 1e6 },
      limit: 120,
    });
    await storm(target, host, before);
    await restart(target, host);
  } finally {
    host.stop();
  }
}

async function storm(target: ClusterTarget, host: Host, before: HostReport): Promise<void> {
  const written = new Map<string, number>();
  const told = new Map<string, number>();
  const stopWatching = await plainWatch(target, (change) => told.set(change, Date.now()));
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
      await writeSelected(target, service, environment, tag);
      written.set(`${environment}/${seededService(service)} ${tag}`, Date.now());
    };
    works.push(change());
  }
  await Promise.all(works);
  const seconds = (performance.now() - began) / 1000;
  const shown = await untilAllAreShown(host, written);
  stopWatching();
  const { cpuMicroseconds = 0 } = await host.ask('usage', 'usage');
  const delays = [...written].map(([change, at]) => (shown.get(change) ?? at) - (told.get(change) ?? at));
  const tellings = [...written].map(([change, at]) => (told.get(change) ?? at) - at);
  printFigure({
    name: `${target.name}: slowest of ${total} changes to be shown once it has told them, ${Math.round(total / seconds)} a second`,
    value: Math.max(...delays),
    unit: 'ms',
    baseline: { name: 'the slowest to be told to a plain watch', value: Math.max(...tellings) },
    limit: 500,
  });
  printFigure({
    name: `${target.name}: processor that those changes took of one core`,
    value: (cpuMicroseconds - (before.cpuMicroseconds ?? 0)) / 1e4 / seconds,
    unit: '%',
    baseline: { name: 'all of one core', value: 100 },
    limit: 20,
  });
}

/** When each was shown first. Throws where one is not within half a minute. */
async function untilAllAreShown(
  host: Host,
  written: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const shown = new Map<string, number>(
      host.reports
        .toReversed()
        .flatMap(({ selected = [], at }) => selected.map(([place, tag]) => [`${place} ${tag}`, at] as const)),
    );
    const missing = [...written.keys()].filter((change) => !shown.has(change));
    if (missing.length === 0) return shown;
    if (Date.now() > deadline) throw new Error(`Never shown: ${missing.length}, as ${missing[0] ?? ''}`);
    await sleep(100);
  }
}

/** Writes what an ImagePolicy has selected, past its controller. */
async function writeSelected(target: ClusterTarget, service: number, environment: string, tag: string): Promise<void> {
  const name = seededService(service);
  const path = `${policies}/namespaces/${seededNamespace(service, environment)}/imagepolicies/${name}/status`;
  const body = JSON.stringify({ status: { latestRef: { name: `registry.example.invalid/acme/${name}`, tag } } });
  const answer = await call(target.access, 'PATCH', path, body);
  await once(answer.resume(), 'end');
  if (answer.statusCode !== 200) throw new Error(`Writing ${name} was answered with ${answer.statusCode}`);
}

/** Calls with `ENVIRONMENT/SERVICE TAG` as soon as the API server tells it; resolves once it watches. */
async function plainWatch(target: ClusterTarget, onChange: (change: string) => void): Promise<() => void> {
  const answer = await call(target.access, 'GET', `${policies}/imagepolicies?watch=1`);
  // Ended by us.
  answer.on('error', () => undefined);
  createInterface(answer).on('line', (line) => {
    const object = asObject(asObject(parseJson(line))?.['object']);
    const meta = asObject(object?.['metadata']);
    const tag = asString(asObject(asObject(object?.['status'])?.['latestRef'])?.['tag']) ?? '';
    const [environment = ''] = (asString(meta?.['namespace']) ?? '').split('-team-');
    onChange(`${environment}/${asString(meta?.['name']) ?? ''} ${tag}`);
  });
  return () => answer.destroy();
}

async function restart(target: ClusterTarget, host: Host): Promise<void> {
  await target.restart();
  const ready = Date.now();
  const tag = 'after-the-restart';
  await writeSelected(target, 0, 'develop', tag);
  const isShown = ({ selected = [] }: HostReport): boolean =>
    selected.some(([place, shown]) => place === `develop/${seededService(0)}` && shown === tag);
  while (!host.reports.some(isShown)) await host.next('shown');
  printFigure({
    name: `${target.name}: fresh again after it was ready again`,
    value: (host.reports.find(isShown)?.at ?? Number.NaN) - ready,
    unit: 'ms',
    baseline: { name: 'the longest that is good', value: 5_000 },
    limit: 5_000,
  });
}

async function bench(folder: string): Promise<void> {
  const clone = join(folder, 'clone');
  mkdirSync(clone);
  writeClone(clone, seededFiles(largeFleet.services), { services: 0, commits: 1 });
  const program = bundleProgram(folder, "import './test/bench/clusterHost.ts';");
  const targets = [() => realTarget(), () => labTarget(folder)];
  for (const start of targets) {
    try {
      const target = await start();
      try {
        await measure(target, program, clone);
      } finally {
        await target.stop();
      }
    } catch (error) {
      if (!(error instanceof StackUnavailable)) throw error;
      process.stdout.write(`Not measured on the API server: ${error.message}\n`);
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'flux-promote-bench-'));
bench(folder)
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  })
  .finally(() => rmSync(folder, { recursive: true, force: true }));
