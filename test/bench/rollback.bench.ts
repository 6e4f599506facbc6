// A rollback in a large repository: 300 services in three environments, 100,000 commits, no commit-graph.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock';
import { gitReader } from '../../src/base/git/reader';
import { type GitRun, gitRun } from '../../src/base/git/run';
import { gitWriter } from '../../src/base/git/writer';
import { silentLogger } from '../../src/base/logger';
import { applyCommit, type BranchReader } from '../../src/changes/apply';
import type { CommitPlan } from '../../src/changes/plan';
import { planRollback } from '../../src/changes/planRollback';
import { deriveFleet } from '../../src/fleet/deriveFleet';
import { fleetMemory } from '../../src/fleet/fleetMemory';
import { startGitServer } from '../../src/lab/git/gitServer';
import { runGit } from '../../src/lab/git/labGit';
import { readManifests } from '../../src/manifests/repository';
import { type Facts, historyKey, type RepositoryFacts } from '../../src/model/facts';
import { known, valueOf } from '../../src/model/reading';
import { defaultSettings } from '../../src/model/settings';
import { readIntroduction, readTimeline } from '../../src/sources/histories';
import { readRepositoryAt } from '../../src/sources/repositoryAt';
import { runPlainGit, writeClone } from './clone';
import { median, printFigure } from './figure';
import { buildTag, type EnvironmentName, environments, gitOpsFiles, overlayFile, serviceName } from './gitOpsFiles';
import { compareClock, compareCpu, compareWork, workOf } from './measure';

const services = 300;
const commits = 100_000;
const branch = 'refs/remotes/origin/main';
const never = new AbortController().signal;

function runIn(folder: string): GitRun {
  return gitRun({ folder, environment: process.env, logger: silentLogger });
}

function sourceOf(folder: string) {
  const reader = (at: string) => gitReader(at, runIn(at));
  return { folder, reader, readManifests, clock: systemClock, logger: silentLogger };
}

interface Quiet {
  readonly service: string;
  readonly environment: EnvironmentName;
  readonly tag: string;
  readonly depth: number;
}

/** The overlay whose tag was written the longest ago, of those within 14,000 commits. */
function findQuietest(folder: string): Quiet {
  const names = runPlainGit(folder, ['log', '--format=', '--name-only', '--max-count=14000', branch]).toString('utf8');
  const depths = new Map<string, number>();
  for (const [depth, name] of names.trim().split('\n').entries()) if (!depths.has(name)) depths.set(name, depth);
  const all = Array.from({ length: services }, (_, index) => serviceName(index)).flatMap((service) =>
    environments.flatMap((environment) => {
      const depth = depths.get(overlayFile(service, environment));
      return depth === undefined ? [] : [{ service, environment, depth }];
    }),
  );
  const [quietest] = all.toSorted((a, b) => b.depth - a.depth);
  if (quietest === undefined) throw new Error('No tag was written within 14,000 commits');
  const file = overlayFile(quietest.service, quietest.environment);
  const text = runPlainGit(folder, ['show', `${branch}:${file}`]).toString('utf8');
  return { ...quietest, tag: /newTag: (\S+)/.exec(text)?.[1] ?? '' };
}

async function measureFinding(folder: string, facts: RepositoryFacts): Promise<void> {
  const source = sourceOf(folder);
  const { service, environment, tag, depth } = findQuietest(folder);
  const path = overlayFile(service, environment);
  const key = historyKey(path, `${environment}:${service}:tag`);
  const introduce = async (): Promise<void> => {
    const [found] = valueOf(await readIntroduction(source, facts, key, never)) ?? [];
    if (found?.to !== tag) throw new Error(`${found?.to ?? 'nothing'} was found, not ${tag}`);
  };
  const { introduction, log, timeline } = await compareWork(3, {
    introduction: introduce,
    log: async () => Promise.resolve(runPlainGit(folder, ['log', '--format=%H', branch, '--', path])),
    timeline: async () => {
      const reading = await readTimeline(source, facts, key, never);
      if ((valueOf(reading)?.length ?? 0) < 2) throw new Error('The timeline is empty');
    },
  });
  const { introducedMs } = await compareClock(3, { introducedMs: introduce });
  // It takes too long to be repeated.
  const startedAt = performance.now();
  const search = await workOf(async () =>
    Promise.resolve(runPlainGit(folder, ['log', '--format=%H', '-S', tag, branch])),
  );
  const searchedMs = performance.now() - startedAt;
  for (const { unit, value, searched } of [
    { unit: 'ms cpu', value: introduction, searched: search },
    { unit: 'ms', value: introducedMs, searched: searchedMs },
  ]) {
    printFigure({
      name: `the commit that brought a tag, ${depth} commits back of ${commits}`,
      value,
      unit,
      baseline: { name: 'git log -S TAG over the whole tree', value: searched },
      limit: searched / 20,
    });
  }
  printFigure({
    name: "a placement's whole timeline",
    value: timeline,
    unit: 'ms cpu',
    baseline: { name: 'git log -- PATH', value: log },
    limit: 1.3 * log,
  });
}

/** Every way with its proofs, tags and timeline at hand. */
function measurePlanning(repository: RepositoryFacts, files: ReadonlyMap<string, string>): CommitPlan {
  const service = serviceName(7);
  const written = /newTag: (\S+)/.exec(
    valueOf(repository.content)?.files.get(overlayFile(service, 'production')) ?? '',
  )?.[1];
  const image = `ghcr.io/acme/${service}`;
  const builds = Array.from({ length: 400 }, (_, build) => build);
  const tags = builds.flatMap((build) => [buildTag('production', build), buildTag('staging', build)]);
  const target = tags.filter((tag) => tag.startsWith('production') && tag !== written).at(-30) ?? '';
  const facts: Facts = {
    settings: defaultSettings,
    contexts: new Map(),
    repositories: [repository],
    clusters: new Map(),
    registry: new Map([[image, known({ tags, digests: new Map() }, 0)]]),
    forges: new Map(),
  };
  const memory = fleetMemory();
  const { placementsOf } = memory;
  const fleet = deriveFleet(facts, memory);
  let plan: CommitPlan | undefined;
  const { planned, built } = compareCpu(5, {
    planned: () => {
      const intent = { service, environment: 'production', tag: target, reason: 'Slow.' };
      const ways = planRollback(fleet, facts, intent, placementsOf);
      if (ways.kind === 'refusal') throw new Error(ways.reason);
      const pin = ways.others.find(({ name }) => name === 'pin')?.plan ?? ways.recommended?.plan;
      if (pin?.kind !== 'commit') throw new Error(JSON.stringify(pin));
      plan = pin;
    },
    built: () => readManifests({ list: () => [...files.keys()], read: (path) => files.get(path) }),
  });
  printFigure({
    name: `plan of a rollback with all its ways and proofs (${tags.length} tags)`,
    value: planned,
    unit: 'ms cpu',
    baseline: { name: 'building the repository once', value: built },
    limit: 100,
  });
  if (plan === undefined) throw new Error('Nothing was planned');
  return plan;
}

/** From the user's yes to the commit on the remote, over HTTP on loopback. */
async function measureWriting(folder: string, plan: CommitPlan): Promise<void> {
  const root = join(folder, 'remotes');
  const bare = join(root, 'fleet.git');
  const clone = join(folder, 'clone');
  await runGit(['clone', '-q', '--bare', `file://${clone}`, bare]);
  await runGit(['push', '-q', bare, `${branch}:refs/heads/main`], { cwd: clone });
  await runGit(['config', 'http.receivepack', 'true'], { cwd: bare });
  const server = await startGitServer({ root, port: 0 });
  try {
    await runGit(['remote', 'set-url', 'origin', server.url('fleet')], { cwd: clone });
    for (const [name, value] of [
      ['name', 'Ada'],
      ['email', 'ada@acme.test'],
    ] as const) {
      await runGit(['config', `user.${name}`, value], { cwd: clone });
    }
    const run = runIn(clone);
    const reader = gitReader(clone, run);
    const tip = async () => {
      await reader.fetch('origin', 'main', never);
      return (await reader.commit(branch, never)).hash;
    };
    const followed: BranchReader = { tip, commitsSince: (base, now, signal) => reader.commitsSince(base, now, signal) };
    const startOver = async (): Promise<void> => {
      await runGit(['update-ref', 'refs/heads/main', plan.base], { cwd: bare });
      await runGit(['update-ref', branch, plan.base], { cwd: clone });
    };
    const work = join(folder, 'work');
    await runGit(['clone', '-q', '--depth', '1', server.url('fleet'), work]);
    const { ours, plain } = await timed(5, startOver, {
      ours: async () => await applyCommit(plan, gitWriter(run), followed, never),
      plain: async () => {
        await runGit(['fetch', '-q', '--depth', '1', 'origin', 'main'], { cwd: work });
        await runGit(['reset', '-q', '--hard', 'origin/main'], { cwd: work });
        for (const { file, after } of plan.changes) writeFileSync(join(work, file), after);
        const person = ['-c', 'user.name=Ada', '-c', 'user.email=ada@acme.test'];
        await runGit([...person, 'commit', '-qam', 'Roll back'], { cwd: work });
        await runGit(['push', '-q', 'origin', 'HEAD:main'], { cwd: work });
      },
    });
    printFigure({
      name: 'commit and push on loopback, the tip looked at first',
      value: ours,
      unit: 'ms',
      baseline: { name: 'git fetch, reset, commit and push', value: plain },
      limit: 500,
    });
  } finally {
    await server.stop();
  }
}

/** Medians; `before` is not counted. */
async function timed<K extends string>(
  rounds: number,
  before: () => Promise<void>,
  runs: Readonly<Record<K, () => Promise<unknown>>>,
): Promise<Record<K, number>> {
  const names = Object.keys(runs) as K[];
  const times = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      await before();
      const start = performance.now();
      await runs[name]();
      if (round > 0) times.get(name)?.push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<K, number>;
}

async function measure(folder: string): Promise<void> {
  const clone = join(folder, 'clone');
  mkdirSync(clone);
  const files = gitOpsFiles({ services, releases: 0, others: 0 });
  writeClone(clone, files, { services, commits });
  const { facts } = await readRepositoryAt(sourceOf(clone), branch, never);
  const repository = { ...facts, remote: { name: 'origin', url: '' }, branch: 'main' };
  await measureFinding(clone, repository);
  const plan = measurePlanning(repository, files);
  await measureWriting(folder, plan);
}

const folder = mkdtempSync(join(tmpdir(), 'flux-promote-bench-'));
void measure(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
