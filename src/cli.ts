// Composition root of the command line: the same reading and judging as in the editor. It never writes.
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { systemClock } from './base/clock';
import { readNamedFile } from './base/disk';
import { gitReader } from './base/git/reader';
import { gitRun } from './base/git/run';
import { kubeReader } from './base/kubernetes/client';
import { connectCluster } from './base/kubernetes/connection';
import { readEvents } from './base/kubernetes/events';
import { silentLogger } from './base/logger';
import { isLoopback } from './base/registry/address';
import { registryClient } from './base/registry/client';
import { dockerLogins } from './base/registry/dockerConfig';
import { standardInput, standardOutput } from './base/standardStreams';
import { readManifests } from './manifests/repository';
import { optional } from './model/optional';
import { readClusterOnce } from './sources/clusterOnce';
import { readControllerLog } from './sources/controllerLog';
import type { GitSource } from './sources/git';
import { readTimeline } from './sources/histories';
import { readOverlayFolders, readWorkTree } from './sources/manifestsOnDisk';
import { RegistrySource } from './sources/registry';
import { findTopLevel, readRepositoryAt } from './sources/repositoryAt';
import { readResolvedImage } from './sources/resolvedImage';
import type { OpenedCluster, Terminal } from './terminal/command';
import { runCommandLine } from './terminal/runCommandLine';

const signal = new AbortController().signal;

function sourceAt(folder: string): GitSource {
  return {
    folder,
    reader: (at) => gitReader(at, gitRun({ folder: at, environment: process.env, logger: silentLogger })),
    readManifests,
    clock: systemClock,
    logger: silentLogger,
  };
}

const docker = dockerLogins({ environment: process.env, clock: systemClock, logger: silentLogger });
const registry = registryClient({ fetch, clock: systemClock, credentials: docker, isPlainHttp: isLoopback });
const folder = process.cwd();

async function openCluster(context: string, kubeconfig: string | undefined): Promise<OpenedCluster> {
  const { loadKubeconfig } = await import('./base/kubernetes/kubeconfig');
  const loaded = loadKubeconfig({ environment: process.env, ...optional('path', kubeconfig) });
  const access = loaded.access(context);
  const connection = connectCluster({
    context,
    server: access.server,
    sign: (asked) => access.sign(asked),
    renew: () => access.renew(),
  });
  const reader = kubeReader(connection);
  const facts = await readClusterOnce(reader, systemClock, signal);
  return {
    facts,
    events: (object) => readEvents(reader, object, signal),
    log: (controller) => readControllerLog(reader, controller, signal),
    close: () => connection.dispose(),
  };
}

/** Ours is for every forge; for GitHub also what its own command line takes. */
function forgeToken(host: string): string | undefined {
  const { FLUX_PROMOTE_FORGE_TOKEN: own, GH_TOKEN, GITHUB_TOKEN } = process.env;
  return own ?? (host === 'github.com' ? (GH_TOKEN ?? GITHUB_TOKEN) : undefined);
}

const terminal: Terminal = {
  folder,
  print: standardOutput(process.stdout),
  inputLines: () => standardInput(process.stdin),
  readFile: (path) => readNamedFile(resolve(folder, path)),
  readRepository: (at, ref) => readRepositoryAt(sourceAt(at), ref, signal),
  readTimeline: (facts, key) => readTimeline(sourceAt(facts.folder), facts, key, signal),
  readWorkTree: (paths) => readWorkTree(paths, (at) => findTopLevel(sourceAt(at), signal)),
  readFolders: readOverlayFolders,
  openCluster,
  readTags: async (images) => {
    const source = new RegistrySource({
      client: registry,
      clock: systemClock,
      logger: silentLogger,
      onChange: () => {},
    });
    await source.read(images, 0, signal);
    return source.images;
  },
  readForge: async (image, tag, api) => {
    const { readForgeOnce } = await import('./sources/forgeOnce');
    return await readForgeOnce(
      { fetch, registry, clock: systemClock, token: forgeToken },
      { image, ...optional('tag', tag) },
      api,
      signal,
    );
  },
  readLastCommit: async (at, commit, file) => {
    const selection = { files: { path: file }, maxCount: 1 };
    return (await sourceAt(at).reader(at).history(commit, selection, signal)).entries[0]?.commit;
  },
  now: () => systemClock.now(),
  readImage: (image, reference) => readResolvedImage(registry, image, reference, signal),
};

async function main(): Promise<void> {
  // A young generation that stays small, and an old one that is collected sooner: a third less memory for a whole repository, and
  // hardly more time.
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=25');
  const printError = (output: string) => void process.stderr.write(output);
  process.exitCode = await runCommandLine(process.argv.slice(2), terminal, printError);
}

void main();
