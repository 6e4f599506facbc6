// What may befall a cluster while it is watched, each over real sockets: nothing hangs, each part says what is known and since
// when, and everything is right again afterwards.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, it } from 'mocha';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { Lifetime } from '../../src/base/lifetime';
import { silentLogger } from '../../src/base/logger';
import { ClusterAccess } from '../../src/editor/clusterAccess';
import { selfSignedCertificate } from '../../src/lab/cluster/certificate';
import type { Fault, FaultRequest } from '../../src/lab/cluster/faults';
import { type ApiServer, startApiServer } from '../../src/lab/cluster/server';
import type { Store } from '../../src/lab/cluster/store';
import type { ClusterFacts } from '../../src/model/facts';
import { problemOf, valueOf } from '../../src/model/reading';
import type { WatchedCluster } from '../../src/sources/observer';
import { by, deployment, imagePolicy, storeWithNamespace } from './cluster/objects';
import { removeFolder, temporaryFolder, write } from './gitFixture';
import { hurried } from './hurried';
import { json, type ScriptedServer, scriptedServer } from './scriptedServer';
import { until } from './until';

const deadline = (what: string) => ({ timeoutMs: 20_000, what });
const tokens = { admin: 'admin-token', viewer: 'viewer-token' };

/** Everything a fault may touch. */
interface World {
  readonly store: Store;
  /** Plays the fault at each request that it is for; undefined ends it. */
  readonly play: (fault: Fault | undefined, isFor?: (request: FaultRequest) => boolean) => void;
  readonly dropConnections: () => void;
  /** The API server is gone. */
  readonly kill: () => Promise<void>;
  /** Serves the store again on the same port, with another certificate, and tells the kubeconfig or not. */
  readonly restart: (kubeconfig: 'told' | 'untold') => Promise<void>;
  readonly tellKubeconfig: () => Promise<void>;
}

interface Trouble {
  readonly name: string;
  readonly begin: (world: World) => void | Promise<void>;
  /** What the Deployments say after a while; absent where nothing is wrong for a user. */
  readonly code?: string;
  readonly end: (world: World) => void | Promise<void>;
}

const always = (fault: Fault): Pick<Trouble, 'begin' | 'end'> => ({
  begin: ({ play, dropConnections }) => {
    play(fault);
    dropConnections();
  },
  end: ({ play }) => play(undefined),
});

const troubles: readonly Trouble[] = [
  { name: 'resets of every connection', code: 'cluster-unreachable', ...always({ type: 'close' }) },
  { name: 'HTTP 500', code: 'cluster-failed', ...always({ type: 'status', code: 500 }) },
  { name: 'HTTP 429', code: 'cluster-failed', ...always({ type: 'status', code: 429, retryAfterSeconds: 1 }) },
  { name: 'HTTP 401', code: 'cluster-unauthorized', ...always({ type: 'status', code: 401 }) },
  { name: 'HTTP 403 that stays', code: 'cluster-forbidden', ...always({ type: 'status', code: 403 }) },
  { name: 'a sign-in page instead of JSON', code: 'cluster-garbage', ...always({ type: 'garbage' }) },
  {
    name: 'truncated lists after lost history',
    code: 'cluster-garbage',
    begin: ({ play, dropConnections }) => {
      play({ type: 'status', code: 410 }, ({ verb }) => verb === 'watch');
      play({ type: 'truncated' }, ({ verb }) => verb === 'list');
      dropConnections();
    },
    end: ({ play }) => play(undefined),
  },
  {
    name: 'no first byte',
    code: 'cluster-failed or timed-out',
    begin: ({ play, dropConnections }) => {
      play({ type: 'stall' }, ({ verb }) => verb !== 'watch');
      play({ type: 'status', code: 500 }, ({ verb }) => verb === 'watch');
      dropConnections();
    },
    // Else a list that has begun waits for its 30 seconds, which pass as slowly as everybody's.
    end: ({ play, dropConnections }) => {
      play(undefined);
      dropConnections();
    },
  },
  {
    name: '410 by status on every watch',
    begin: ({ play, dropConnections }) => {
      play({ type: 'status', code: 410 }, ({ verb }) => verb === 'watch');
      dropConnections();
    },
    end: ({ play }) => play(undefined),
  },
  {
    name: '410 by an event: etcd was compacted',
    begin: ({ store, dropConnections }) => {
      store.update({ ...deployment(), ...imageOf('registry/backend:compacted') }, by('test'));
      store.compact();
      dropConnections();
    },
    end: () => undefined,
  },
  {
    name: 'watches that say nothing any more: half-open sockets',
    begin: ({ play, dropConnections }) => {
      play({ type: 'stall' }, ({ verb }) => verb === 'watch');
      dropConnections();
    },
    end: ({ play }) => play(undefined),
  },
  {
    name: 'an API server that is killed',
    code: 'cluster-unreachable',
    begin: ({ kill }) => kill(),
    end: ({ restart }) => restart('told'),
  },
  {
    name: 'another certificate that the kubeconfig does not know yet',
    code: 'cluster-tls',
    begin: async ({ kill, restart }) => {
      await kill();
      await restart('untold');
    },
    end: ({ tellKubeconfig }) => tellKubeconfig(),
  },
];

describe('a watched cluster survives', function () {
  this.timeout(60_000);
  let lifetime = new Lifetime();
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    lifetime.dispose();
    lifetime = new Lifetime();
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  const watchBy = async (kubeconfig: string, clock = hurried) => {
    const folder = temporaryFolder();
    stops.push(async () => removeFolder(folder));
    write(folder, { config: kubeconfig });
    const clusters = new ClusterAccess({
      load: async () => loadKubeconfig({ path: `${folder}/config`, environment: {} }),
      assertWritable: () => undefined,
      clock,
      logger: silentLogger,
    });
    await clusters.load();
    const watch = (context: string): WatchedCluster => lifetime.add(clusters.watch(context, () => undefined));
    return { folder, clusters, watch };
  };

  const openWorld = async () => {
    const store = storeWithNamespace();
    store.create(deployment(), by('test'));
    store.create(imagePolicy(), by('test'));
    let faults: readonly { readonly fault: Fault; readonly isFor: (request: FaultRequest) => boolean }[] = [];
    const serve = (port: number): Promise<ApiServer> =>
      startApiServer({
        store,
        port,
        tokens,
        bookmarkMs: 50,
        faults: (request) => faults.find(({ isFor }) => isFor(request))?.fault,
      });
    let server: ApiServer | undefined = await serve(0);
    const { port } = server;
    stops.push(async () => server?.stop());
    const { folder, clusters, watch } = await watchBy(server.kubeconfig('lab'));
    const tellKubeconfig = async (): Promise<void> => {
      write(folder, { config: server?.kubeconfig('lab') ?? '' });
      await clusters.load();
    };
    const world: World = {
      store,
      play: (fault, isFor = () => true) => {
        faults = fault === undefined ? [] : [...faults, { fault, isFor }];
      },
      dropConnections: () => server?.dropConnections(),
      kill: async () => {
        await server?.stop();
        server = undefined;
      },
      restart: async (kubeconfig) => {
        server = await serve(port);
        if (kubeconfig === 'told') await tellKubeconfig();
      },
      tellKubeconfig,
    };
    return { world, cluster: watch('lab') };
  };

  for (const { name, code, begin, end } of troubles) {
    it(name, async () => {
      const { world, cluster } = await openWorld();
      await cluster.refresh();
      assert.deepEqual(codesOf(cluster.facts), [undefined]);
      const knownAt = Date.now();
      await begin(world);
      if (code !== undefined) {
        const said = () => problemOf(cluster.facts.deployments)?.code;
        await until(() => code.includes(said() ?? 'nothing'), deadline(code));
        // What was known stands beside the trouble, with the time of the last proof of life.
        const { deployments } = cluster.facts;
        assert.equal(deployments.state, 'stale');
        assert.equal(imageIn(cluster.facts), 'registry/backend:v1');
        assert.ok(deployments.state === 'stale' && deployments.at <= Date.now() && deployments.at >= knownAt - 10_000);
        assert.match(
          problemOf(deployments)?.message ?? '',
          /\b(?:again by itself|Sign in again|Ask for that right|Check)\b/,
        );
      }
      await end(world);
      world.store.update({ ...deployment(), ...imageOf('registry/backend:after') }, by('test'));
      await until(() => imageIn(cluster.facts) === 'registry/backend:after', deadline('the change after the trouble'));
      await until(() => codesOf(cluster.facts).every((one) => one === undefined), deadline('health of all kinds'));
    });
  }

  it('a giant object, which is said and not read', async () => {
    const { world, cluster } = await openWorld();
    await cluster.refresh();
    const { spec } = imageOf('registry/backend:v2');
    const metadata = { ...deployment().metadata, annotations: { giant: 'x'.repeat(17_000_000) } };
    world.store.update({ ...deployment(), metadata, spec }, by('test'));
    await until(() => codesOf(cluster.facts).includes('too-large'), deadline('too-large'));
    assert.equal(imageIn(cluster.facts), 'registry/backend:v1');
    assert.equal(problemOf(cluster.facts.imagePolicies), undefined);
    world.store.update({ ...deployment(), spec }, by('test'));
    await cluster.refresh();
    assert.equal(imageIn(cluster.facts), 'registry/backend:v2');
  });

  it('a namespace that is deleted under a watch', async () => {
    const { world, cluster } = await openWorld();
    await cluster.refresh();
    world.store.delete({ kind: 'Namespace', name: 'production' });
    await until(() => valueOf(cluster.facts.deployments)?.length === 0, deadline('no Deployment'));
    assert.deepEqual(codesOf(cluster.facts), [undefined]);
  });

  it('kinds that are removed, and come back in another version', async () => {
    let version: string | undefined = 'v1beta2';
    const server = await scriptedServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
      const group = '/apis/image.toolkit.fluxcd.io';
      // As Go's HTTP server says it of a group that the API server does not know.
      const notFound = () => response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
      if (version === undefined) return notFound();
      const policy = { metadata: { name: version, namespace: 'ns' }, spec: { imageRepositoryRef: { name: 'r' } } };
      if (pathname === group) return json(response, { versions: [{ version }] });
      if (pathname === `${group}/${version}`) {
        return json(response, { resources: [{ name: 'imagepolicies', kind: 'ImagePolicy', namespaced: true }] });
      }
      if (pathname !== `${group}/${version}/imagepolicies`) return notFound();
      if (searchParams.has('watch')) return response.flushHeaders();
      return json(response, { metadata: { resourceVersion: '1' }, items: [policy] });
    });
    stops.push(server.close);
    const { watch } = await watchBy(kubeconfigOf([['here', server.url]]));
    const cluster = watch('here');
    const policies = () => valueOf(cluster.facts.imagePolicies)?.map(({ meta }) => meta.name);
    await until(() => policies()?.[0] === 'v1beta2', deadline('the old version'));
    version = undefined;
    server.drop();
    const words = () => problemOf(cluster.facts.imagePolicies)?.message ?? '';
    await until(() => words().includes("Install Flux's image controllers"), deadline('what is missing'));
    assert.equal(policies(), undefined);
    version = 'v1';
    await until(() => policies()?.[0] === 'v1', deadline('the new version'));
  });

  it('a first byte that is slow to come', async () => {
    const server = await slowKubernetes(1_500);
    stops.push(server.close);
    const { watch } = await watchBy(kubeconfigOf([['slow', server.url]]));
    const cluster = watch('slow');
    await until(() => problemOf(cluster.facts.deployments)?.code === 'kind-not-served', deadline('the slow answer'));
  });

  const dead: readonly (readonly [name: string, code: string, cluster: () => Promise<object>])[] = [
    ['a name that is no more', 'cluster-unreachable', async () => ({ server: 'https://cluster.invalid:6443' })],
    [
      'a proxy that refuses',
      'cluster-unreachable',
      async () => {
        const proxy = await scriptedServer((_request, response) => response.writeHead(403).end());
        stops.push(proxy.close);
        return { server: 'https://127.0.0.1:6443', 'proxy-url': proxy.url };
      },
    ],
    [
      'an expired certificate',
      'cluster-tls',
      async () => {
        const { key, certificate } = selfSignedCertificate(Date.now() - 2 * 366 * 24 * 3_600_000);
        const server = await scriptedServer((_request, response) => json(response, {}), { key, cert: certificate });
        stops.push(server.close);
        const authority = Buffer.from(certificate).toString('base64');
        return { server: server.url, 'certificate-authority-data': authority };
      },
    ],
  ];
  for (const [name, code, clusterOf] of dead) {
    it(`${name}, said as ${code}`, async () => {
      const cluster = await clusterOf();
      const { watch } = await watchBy(
        JSON.stringify({
          contexts: [{ name: 'dead', context: { cluster: 'dead', user: 'me' } }],
          clusters: [{ name: 'dead', cluster }],
          users: [{ name: 'me', user: { token: 'x' } }],
        }),
      );
      const watched = watch('dead');
      await until(() => codesOf(watched.facts).every((one) => one === code), deadline(code));
      assert.match(problemOf(watched.facts.pods)?.message ?? '', /cluster dead/);
    });
  }

  it('two contexts of one server, which is asked no more at once than by one', async () => {
    let [now, most] = [0, 0];
    const server = await scriptedServer((_request, response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        json(response, { kind: 'Status', code: 404, message: 'not found' }, 404);
      }, 50);
    });
    stops.push(server.close);
    const { watch } = await watchBy(
      kubeconfigOf([
        ['one', server.url],
        ['other', server.url],
      ]),
    );
    const watched = ['one', 'other'].map(watch);
    const isAnswered = ({ facts }: WatchedCluster): boolean =>
      codesOf(facts).every((code) => code === 'kind-not-served');
    await until(() => watched.every(isAnswered), deadline('both'));
    assert.equal(most, 6);
  });

  it('50 contexts of which 49 are dead: one shows everything, and the others say so', async () => {
    const sockets = new Set<Socket>();
    const hole = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve));
    const address = hole.address();
    stops.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => hole.close(() => resolve()));
    });
    const holeUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const store = storeWithNamespace();
    store.create(deployment(), by('test'));
    const alive = await startApiServer({ store, port: 0, tokens });
    stops.push(() => alive.stop());
    const contexts = Array.from({ length: 49 }, (_, at) => `dead-${at}`);
    const urls = contexts.map((name, at) => [name, at % 2 === 0 ? holeUrl : 'http://127.0.0.1:1'] as const);
    const { folder, clusters, watch } = await watchBy(kubeconfigOf(urls));
    const watched = contexts.map(watch);
    write(folder, { config: alive.kubeconfig('alive') });
    await clusters.load();
    const cluster = watch('alive');
    await until(() => imageIn(cluster.facts) === 'registry/backend:v1', deadline('the one that is alive'));
    await until(() => watched.every(({ facts }) => !codesOf(facts).includes(undefined)), deadline('49 problems'));
    assert.equal(codesOf(cluster.facts)[0], undefined);
  });
});

async function slowKubernetes(delayMs: number): Promise<ScriptedServer> {
  return await scriptedServer((_request, response) => {
    setTimeout(() => json(response, { kind: 'Status', code: 404, message: 'not found' }, 404), delayMs);
  });
}

function kubeconfigOf(clusters: readonly (readonly [name: string, server: string])[]): string {
  return JSON.stringify({
    contexts: clusters.map(([name]) => ({ name, context: { cluster: name, user: 'me' } })),
    clusters: clusters.map(([name, server]) => ({ name, cluster: { server } })),
    users: [{ name: 'me', user: { token: 'x' } }],
  });
}

/** The different codes of all kinds but those that are read only for what is shown. */
function codesOf({ context: _context, gaps: _gaps, pods: _pods, replicaSets: _sets, ...kinds }: ClusterFacts) {
  return [...new Set(Object.values(kinds).map((reading) => problemOf(reading)?.code))];
}

function imageOf(image: string) {
  return { spec: deployment('backend', image)['spec'] ?? {} };
}

function imageIn({ deployments }: ClusterFacts): string | undefined {
  return valueOf(deployments)?.[0]?.containers[0]?.image;
}
