// What stands between opening a large repository and its tags in the tree: 300 services in three environments, 20,000 commits.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { systemClock } from '../../src/base/clock';
import { gitReader } from '../../src/base/git/reader';
import { gitRun } from '../../src/base/git/run';
import { silentLogger } from '../../src/base/logger';
import { deriveFleet } from '../../src/fleet/deriveFleet';
import { fleetMemory } from '../../src/fleet/fleetMemory';
import { rememberPlacements } from '../../src/fleet/rememberPlacements';
import { rowsByEnvironment } from '../../src/fleet/rows';
import { readManifests } from '../../src/manifests/repository';
import type { Facts, RepositoryFacts } from '../../src/model/facts';
import { valueOf } from '../../src/model/reading';
import { defaultSettings } from '../../src/model/settings';
import { type GitSource, readRepository } from '../../src/sources/git';
import { readHistories } from '../../src/sources/histories';
import { runPlainGit, writeClone } from './clone';
import { printFigure } from './figure';
import { environments, gitOpsFiles } from './gitOpsFiles';
import { compareClock, compareCpu } from './measure';

const services = 300;
const commits = 20_000;
const never = new AbortController().signal;

function sourceOf(folder: string): GitSource {
  return {
    folder,
    reader: (at) => gitReader(at, gitRun({ folder: at, environment: process.env, logger: silentLogger })),
    readManifests,
    clock: systemClock,
    logger: silentLogger,
  };
}

/** What any program has to do that wants the manifests of a branch. */
function readPlainly(folder: string): Buffer {
  const branch = 'refs/remotes/origin/main';
  const found = runPlainGit(folder, ['grep', '-l', '-z', '-I', '-F', '-e', 'kind:', branch]).toString('utf8');
  const names = found.split('\0').filter((name) => name !== '');
  return runPlainGit(folder, ['cat-file', '--batch'], `${names.join('\n')}\n`);
}

function factsOf(repository: RepositoryFacts): Facts {
  return {
    settings: defaultSettings,
    contexts: new Map(),
    repositories: [repository],
    clusters: new Map(),
    registry: new Map(),
    forges: new Map(),
  };
}

function shownTags(repository: RepositoryFacts): number {
  const rows = rowsByEnvironment(deriveFleet(factsOf(repository)), 0);
  return rows.flatMap(({ children }) => children).filter(({ description }) => !description.includes('no tag')).length;
}

async function measure(folder: string): Promise<void> {
  const files = gitOpsFiles({ services, releases: 0, others: 0 });
  writeClone(folder, files, { services, commits });
  const source = sourceOf(folder);
  const noManifests = { roots: [], objects: [], markers: [], problems: [] };

  let repository: RepositoryFacts | undefined;
  const { plain, branch, tree } = await compareClock(5, {
    plain: async () => Promise.resolve(readPlainly(folder)),
    branch: async () => await readRepository({ ...source, readManifests: () => noManifests }, [], undefined, never),
    tree: async () => {
      repository = await readRepository(source, [], undefined, never);
      const shown = shownTags(repository);
      if (shown !== services * environments.length) throw new Error(`${shown} tags are shown`);
    },
  });
  printFigure({
    name: `read the followed branch (${files.size} files, ${commits} commits)`,
    value: branch,
    unit: 'ms',
    baseline: { name: 'git grep + git cat-file of the same files', value: plain },
    limit: 1.5 * plain,
  });
  printFigure({
    name: 'first tree: all tags shown',
    value: tree,
    unit: 'ms',
    baseline: { name: 'git grep + git cat-file of the same files', value: plain },
    limit: 1000,
  });

  const content = valueOf(repository?.content);
  if (repository === undefined || content === undefined) throw new Error('The repository was not read');
  const facts = factsOf(repository);
  const placementsOf = rememberPlacements();
  const { parsing, manifests, fleet } = compareCpu(5, {
    parsing: () => [...files.values()].map((text) => parseAllDocuments(text).length),
    manifests: () => readManifests({ list: () => [...files.keys()], read: (path) => files.get(path) }),
    fleet: () => rowsByEnvironment(deriveFleet({ ...facts }, { ...fleetMemory(), placementsOf }), 0),
  });
  printFigure({
    name: 'manifests of that branch, overlays built',
    value: manifests,
    unit: 'ms cpu',
    baseline: { name: 'yaml.parseAllDocuments of the same files', value: parsing },
    limit: parsing,
  });
  printFigure({
    name: 'tree after a change elsewhere: fleet and rows again',
    value: fleet,
    unit: 'ms cpu',
    baseline: { name: 'yaml.parseAllDocuments of the same files', value: parsing },
    limit: 50,
  });

  const read = repository;
  const { log, histories } = await compareClock(1, {
    log: async () =>
      Promise.resolve(
        runPlainGit(folder, ['log', '-p', '-U0', '--no-renames', 'refs/remotes/origin/main', '--', '*.yaml']),
      ),
    histories: async () => await readHistories(source, read, () => undefined, never),
  });
  printFigure({
    name: 'histories of all tags, behind the tree',
    value: histories,
    unit: 'ms',
    baseline: { name: 'one git log -p of the same files', value: log },
    limit: 3 * log,
  });
}

const folder = mkdtempSync(join(tmpdir(), 'flux-promote-bench-'));
void measure(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
