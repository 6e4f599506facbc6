import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import { kubeReader } from '../../src/base/kubernetes/client';
import { connectCluster } from '../../src/base/kubernetes/connection';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { Lifetime } from '../../src/base/lifetime';
import { silentLogger } from '../../src/base/logger';
import type { Faults } from '../../src/lab/cluster/faults';
import { type ApiServer, startApiServer } from '../../src/lab/cluster/server';
import type { Store } from '../../src/lab/cluster/store';
import type { ClusterFacts } from '../../src/model/facts';
import { canonicalImage } from '../../src/model/image';
import { valueOf } from '../../src/model/reading';
import { ClusterSource } from '../../src/sources/cluster';
import type { Shown } from '../../src/sources/shown';
import { by, deployment, storeWithNamespace } from './cluster/objects';
import { removeFolder, temporaryFolder, write } from './gitFixture';
import { json, scriptedServer } from './scriptedServer';
import { until } from './until';

const deadline = (what: string) => ({ timeoutMs: 20_000, what });

function states(facts: ClusterFacts): Readonly<Record<string, string>> {
  const { context: _context, gaps: _gaps, ...kinds } = facts;
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, { state, ...rest }]) => [
      kind,
      'problem' in rest ? `${state} ${rest.problem.code}` : state,
    ]),
  );
}

describe('the cluster source over real sockets', function () {
  this.timeout(40_000);
  const lifetime: Lifetime[] = [];
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const life of lifetime.splice(0)) life.dispose();
    for (const stop of stops.splice(0)) await stop();
  });

  const watch = (kubeconfig: string, context: string): ClusterSource => {
    const folder = temporaryFolder();
    stops.push(async () => removeFolder(folder));
    write(folder, { config: kubeconfig });
    const life = new Lifetime();
    lifetime.push(life);
    const access = loadKubeconfig({ path: `${folder}/config`, environment: {} }).access(context);
    const reader = kubeReader(life.add(connectCluster(access)));
    return life.add(new ClusterSource({ reader, onChange: () => undefined, clock: systemClock, logger: silentLogger }));
  };

  const serve = async (store: Store, faults?: Faults): Promise<ApiServer> => {
    const tokens = { admin: 'admin-token', viewer: 'viewer-token' };
    const server = await startApiServer({ store, port: 0, tokens, ...(faults === undefined ? {} : { faults }) });
    stops.push(server.stop);
    return server;
  };

  it('sees changes after a reset, and after lost history', async () => {
    const store = storeWithNamespace();
    store.create(deployment(), by('test'));
    const server = await serve(store);
    const source = watch(server.kubeconfig('lab', 'viewer'), 'lab');
    await source.refresh();
    server.dropConnections();
    store.update({ ...deployment(), ...imageOf('registry/backend:v3') }, by('test'));
    await until(() => running(source) === 'registry/backend:v3', deadline('the image after a reset'));
    store.compact();
    server.dropConnections();
    store.update({ ...deployment(), ...imageOf('registry/backend:v4') }, by('test'));
    await until(() => running(source) === 'registry/backend:v4', deadline('the image after lost history'));
  });

  it('dims only the kinds that are refused, and sees them once they are allowed', async () => {
    let isAllowed = false;
    const store = storeWithNamespace();
    store.create(deployment(), by('test'));
    const server = await serve(store, ({ kind }) =>
      kind === 'Pod' && !isAllowed ? { type: 'status', code: 403 } : undefined,
    );
    const source = watch(server.kubeconfig('lab'), 'lab');
    source.lookAt(backendShown);
    await source.refresh();
    const { pods, ...others } = states(source.facts);
    assert.equal(pods, 'unknown cluster-forbidden');
    assert.deepEqual(new Set(Object.values(others)), new Set(['known']));
    isAllowed = true;
    await source.refresh();
    assert.equal(states(source.facts)['pods'], 'known');
  });

  it('reads pods only of what is shown, and of that which comes to be shown', async () => {
    const store = storeWithNamespace();
    store.create(deployment(), by('test'));
    store.create(deployment('other', 'registry/other:v1'), by('test'));
    const pod = (app: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${app}-1`, namespace: 'production', labels: { app, 'pod-template-hash': '1' } },
      spec: { containers: [{ name: 'app', image: `registry/${app}:v1` }] },
    });
    for (const app of ['backend', 'other', 'stray']) store.create(pod(app), by('test'));
    const asked: string[] = [];
    const server = await serve(store, ({ path, query, verb }) => {
      if (path.endsWith('/pods') && verb === 'list') asked.push(query.get('labelSelector') ?? '');
      return undefined;
    });
    const source = watch(server.kubeconfig('lab'), 'lab');
    await source.refresh();
    assert.deepEqual(podsOf(source), []);
    assert.deepEqual(asked, []);
    source.lookAt(backendShown);
    await source.refresh();
    assert.deepEqual(podsOf(source), ['backend-1']);
    store.update({ ...deployment('other', 'registry/backend:v1') }, by('test'));
    await until(() => podsOf(source).includes('other-1'), deadline('the pods of the other Deployment'));
    assert.deepEqual(podsOf(source).toSorted(), ['backend-1', 'other-1']);
    assert.deepEqual(new Set(asked), new Set(['app in (backend)', 'app in (backend,other)']));
  });

  it('looks into the namespaces of the files where it may not look everywhere, and says which it may not', async () => {
    let mayLookEverywhere = false;
    const store = storeWithNamespace();
    store.create(deployment(), by('test'));
    const server = await serve(store, ({ path, verb }) => {
      if (verb !== 'list' || mayLookEverywhere || path.includes('/namespaces/production/')) return undefined;
      return { type: 'status', code: 403 };
    });
    const source = watch(server.kubeconfig('lab'), 'lab');
    source.lookAt({ ...backendShown, namespaces: new Map([['Deployment', ['production', 'staging']]]) });
    await source.refresh();
    assert.equal(running(source), 'registry/backend:v1');
    assert.equal(states(source.facts)['imagePolicies'], 'unknown cluster-forbidden');
    const [gap] = (source.facts.gaps ?? []).filter(({ kind }) => kind === 'Deployment');
    assert.equal(gap?.namespace, 'staging');
    assert.match(
      gap?.problem.message ?? '',
      /does not allow you to list deployments\.apps in staging\. Ask for that right/,
    );
    store.update({ ...deployment(), ...imageOf('registry/backend:v2') }, by('test'));
    await until(() => running(source) === 'registry/backend:v2', deadline('the new image'));
    mayLookEverywhere = true;
    await source.refresh();
    assert.deepEqual(source.facts.gaps, undefined);
    assert.deepEqual(new Set(Object.values(states(source.facts))), new Set(['known']));
    assert.equal(running(source), 'registry/backend:v2');
  });

  const faults: readonly (readonly [string, string, Faults])[] = [
    ['a wrong token', 'cluster-unauthorized', () => ({ type: 'status', code: 401 })],
    ['a sign-in page', 'cluster-garbage', () => ({ type: 'garbage' })],
    ['truncated answers', 'cluster-garbage', () => ({ type: 'truncated' })],
    ['an ill server', 'cluster-failed', () => ({ type: 'status', code: 500 })],
    ['resets', 'cluster-unreachable', () => ({ type: 'close' })],
  ];
  for (const [name, code, fault] of faults) {
    it(`says ${code} for ${name}`, async () => {
      const server = await serve(storeWithNamespace(), fault);
      const source = watch(server.kubeconfig('lab'), 'lab');
      await source.refresh();
      assert.deepEqual(new Set(Object.values(states(source.facts))), new Set([`unknown ${code}`]));
    });
  }

  it('reads older versions of Flux, and says what is not installed', async () => {
    const policy = { metadata: { name: 'p', namespace: 'ns' }, spec: { imageRepositoryRef: { name: 'r' } } };
    const server = await scriptedServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
      if (searchParams.has('watch')) return response.flushHeaders();
      if (pathname === '/apis/image.toolkit.fluxcd.io') {
        return json(response, { versions: [{ version: 'v1beta1' }, { version: 'v1beta2' }, { version: 'v9' }] });
      }
      const resource = (plural: string, kind: string) => ({ name: plural, kind, namespaced: true });
      if (pathname === '/apis/image.toolkit.fluxcd.io/v1beta2') {
        return json(response, { resources: [resource('imagepolicies', 'ImagePolicy')] });
      }
      if (pathname === '/apis/image.toolkit.fluxcd.io/v1beta1') {
        const automation = resource('imageupdateautomations', 'ImageUpdateAutomation');
        return json(response, { resources: [resource('imagepolicies', 'ImagePolicy'), automation] });
      }
      if (pathname === '/apis/image.toolkit.fluxcd.io/v1beta2/imagepolicies') {
        return json(response, { metadata: { resourceVersion: '1' }, items: [policy] });
      }
      if (pathname === '/apis/image.toolkit.fluxcd.io/v1beta1/imageupdateautomations') {
        return json(response, { metadata: { resourceVersion: '1' }, items: [] });
      }
      return json(response, { kind: 'Status', code: 404 }, 404);
    });
    stops.push(server.close);
    const kubeconfig = JSON.stringify({
      contexts: [{ name: 'old', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: server.url } }],
      users: [{ name: 'u', user: {} }],
    });
    const source = watch(kubeconfig, 'old');
    await source.refresh();
    const seen = states(source.facts);
    assert.equal(seen['imagePolicies'], 'known');
    assert.equal(seen['imageUpdateAutomations'], 'known');
    assert.equal(seen['imageRepositories'], 'unknown kind-not-served');
    assert.equal(seen['kustomizations'], 'unknown kind-not-served');
    const { kustomizations } = source.facts;
    assert.match(kustomizations.state === 'unknown' ? kustomizations.problem.message : '', /has no Kustomization/);
  });
});

function imageOf(image: string) {
  return { spec: deployment('backend', image)['spec'] ?? {} };
}

const backendShown: Shown = {
  images: new Set([canonicalImage('registry/backend')]),
  namespaces: new Map(),
};

function podsOf(source: ClusterSource): readonly string[] {
  return (valueOf(source.facts.pods) ?? []).map(({ meta }) => meta.name);
}

function running(source: ClusterSource): string | undefined {
  const { deployments } = source.facts;
  return deployments.state === 'known' ? deployments.value[0]?.containers[0]?.image : undefined;
}
