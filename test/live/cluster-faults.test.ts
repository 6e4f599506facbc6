// What befalls a watched cluster, on the real API server: the troubles of `test/lab/cluster-faults.test.ts` that can be made there.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { type Clock, systemClock } from '../../src/base/clock';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { Lifetime } from '../../src/base/lifetime';
import { silentLogger } from '../../src/base/logger';
import { ClusterAccess } from '../../src/editor/clusterAccess';
import { isObject, listAt, objectAt, parseJson } from '../../src/lab/cluster/json';
import type { ClusterFacts } from '../../src/model/facts';
import { problemOf, valueOf } from '../../src/model/reading';
import type { WatchedCluster } from '../../src/sources/observer';
import { hurried } from '../lab/hurried';
import { until } from '../lab/until';
import { askEtcd, encodeBytes } from './stack/etcd';
import { type ApiOnly, startApiOnly } from './stack/stack';

const definition = 'imagepolicies.image.toolkit.fluxcd.io';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const policies = (namespace: string): string =>
  `/apis/image.toolkit.fluxcd.io/v1/namespaces/${namespace}/imagepolicies`;
const deadline = (what: string) => ({ timeoutMs: 90_000, what });

describe('a watched cluster survives on the real API server', function () {
  this.timeout(240_000);
  let stack: ApiOnly;
  let lifetime = new Lifetime();

  before(async () => {
    stack = await startApiOnly();
    for (const name of ['production', 'staging']) {
      await stack.api.create('/api/v1/namespaces', { metadata: { name } });
      await stack.api.create(policies(name), policyOf('backend'));
    }
  });
  afterEach(() => {
    lifetime.dispose();
    lifetime = new Lifetime();
  });
  after(() => stack.stop());

  const watch = async (
    path = stack.kubeconfig,
    context = stack.context,
    clock: Clock = systemClock,
  ): Promise<WatchedCluster> => {
    const clusters = new ClusterAccess({
      load: async () => loadKubeconfig({ path, environment: {} }),
      assertWritable: () => undefined,
      clock,
      logger: silentLogger,
    });
    await clusters.load();
    return lifetime.add(clusters.watch(context, () => undefined));
  };

  it('an API server that is killed and started again, without a wrong word in between', async () => {
    const cluster = await watch();
    await cluster.refresh();
    assert.deepEqual(namesIn(cluster.facts), ['production/backend', 'staging/backend']);
    const knownAt = Date.now();
    const said = new Set<string>();
    const watchWords = setInterval(() => {
      for (const code of codesOf(cluster.facts)) said.add(code ?? 'nothing');
    }, 50);
    await stack.kill('kube-apiserver', 'SIGKILL');
    await until(() => problemOf(cluster.facts.imagePolicies)?.code === 'cluster-unreachable', deadline('unreachable'));
    const { imagePolicies } = cluster.facts;
    assert.ok(imagePolicies.state === 'stale' && imagePolicies.at <= knownAt + 10_000);
    assert.deepEqual(namesIn(cluster.facts), ['production/backend', 'staging/backend']);
    await stack.restart('kube-apiserver');
    await until(() => codesOf(cluster.facts).every((code) => code === undefined), deadline('health'));
    await stack.api.create(policies('production'), policyOf('late'));
    await until(() => namesIn(cluster.facts).includes('production/late'), deadline('the late policy'));
    clearInterval(watchWords);
    // A server that is starting refuses with 403 and 429 for a second: that is no missing right.
    assert.ok(!said.has('cluster-forbidden'), [...said].join(', '));
  });

  it('etcd that is compacted while nobody listens', async () => {
    const cluster = await watch();
    await cluster.refresh();
    await stack.kill('kube-apiserver', 'SIGKILL');
    const key = encodeBytes('/past');
    for (let count = 0; count < 20; count += 1) {
      await askEtcd(stack.etcd, 'kv/put', { key, value: encodeBytes(`${count}`) });
    }
    const header = objectAt(parseJson(await askEtcd(stack.etcd, 'kv/range', { key })), 'header');
    await askEtcd(stack.etcd, 'kv/compaction', { revision: header?.['revision'], physical: true });
    await stack.restart('kube-apiserver');
    await stack.api.patch(`${policies('staging')}/backend`, label(19));
    await until(
      () => valueOf(cluster.facts.imagePolicies)?.some(({ meta }) => meta.labels['count'] === '19'),
      deadline('the label'),
    );
    await until(() => codesOf(cluster.facts).every((code) => code === undefined), deadline('health'));
  });

  it('sockets that stay open and say nothing: an API server that stands still', async () => {
    const cluster = await watch(stack.kubeconfig, stack.context, hurried);
    await cluster.refresh();
    const known = namesIn(cluster.facts);
    stack.signal('kube-apiserver', 'SIGSTOP');
    try {
      await until(
        () => problemOf(cluster.facts.imagePolicies)?.code === 'cluster-unreachable',
        deadline('the silence'),
      );
      assert.equal(cluster.facts.imagePolicies.state, 'stale');
      assert.deepEqual(namesIn(cluster.facts), known);
    } finally {
      stack.signal('kube-apiserver', 'SIGCONT');
    }
    await stack.api.create(policies('production'), policyOf('after-the-silence'));
    await until(() => namesIn(cluster.facts).includes('production/after-the-silence'), deadline('the new policy'));
    await until(() => codesOf(cluster.facts).every((code) => code === undefined), deadline('health'));
  });

  it('a kind that is removed, added again in another version, and comes back', async () => {
    const cluster = await watch();
    await cluster.refresh();
    const spec = objectAt(await stack.api.get(`${definitions}/${definition}`), 'spec');
    const [first] = listAt(spec, 'versions').filter(isObject);
    assert.ok(spec !== undefined && first !== undefined);
    const old = { ...spec, versions: [{ ...first, name: 'v1beta2', served: true, storage: true }] };
    for (const [version, next] of [
      ['v1beta2', old],
      ['v1', spec],
    ] as const) {
      await stack.api.remove(`${definitions}/${definition}`);
      const words = (): string => problemOf(cluster.facts.imagePolicies)?.message ?? '';
      await until(() => words().includes("Install Flux's image controllers"), deadline('what is missing'));
      assert.equal(problemOf(cluster.facts.imageRepositories), undefined);
      await until(
        async () => (await stack.api.find(`${definitions}/${definition}`)) === undefined,
        deadline('its end'),
      );
      await stack.api.create(definitions, { metadata: { name: definition }, spec: next });
      await until(() => cluster.facts.imagePolicies.state === 'known', deadline(`the kind as ${version}`));
      const path = policies('production').replace('/v1/', `/${version}/`);
      const apiVersion = `image.toolkit.fluxcd.io/${version}`;
      await stack.api.create(path, { ...policyOf(`in-${version}`), apiVersion });
      await until(() => namesIn(cluster.facts).includes(`production/in-${version}`), deadline('its sight'));
    }
  });

  it('rights in one namespace alone, and more of them later', async () => {
    const [user] = Object.keys(stack.userKubeconfigs);
    assert.ok(user !== undefined);
    const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }];
    await stack.kubectl([
      'create',
      'role',
      'look',
      '-n',
      'staging',
      '--verb=get,list,watch',
      `--resource=${definition}`,
    ]);
    await stack.kubectl(['create', 'rolebinding', 'look', '-n', 'staging', '--role=look', `--user=${user}`]);
    await stack.api.create(policies('staging'), policyOf('seen'));
    const cluster = await watch(stack.userKubeconfigs[user]);
    cluster.lookAt({ images: new Set(), namespaces: new Map([['ImagePolicy', ['production', 'staging']]]) });
    await until(() => namesIn(cluster.facts).includes('staging/seen'), deadline('the one namespace'));
    const gap = () => cluster.facts.gaps?.find(({ kind }) => kind === 'ImagePolicy');
    await until(() => gap()?.problem.code === 'cluster-forbidden', deadline('the gap'));
    assert.match(gap()?.problem.message ?? '', /list imagepolicies\.image\.toolkit\.fluxcd\.io in production/);
    await until(() => problemOf(cluster.facts.deployments)?.code === 'cluster-forbidden', deadline('what is refused'));
    await stack.api.create('/apis/rbac.authorization.k8s.io/v1/clusterroles', { metadata: { name: 'look' }, rules });
    await stack.kubectl(['create', 'clusterrolebinding', 'look', '--clusterrole=look', `--user=${user}`]);
    await until(async () => {
      await cluster.refresh();
      return codesOf(cluster.facts).every((code) => code === undefined) && cluster.facts.gaps === undefined;
    }, deadline('all kinds'));
  });
});

function policyOf(name: string) {
  return {
    apiVersion: 'image.toolkit.fluxcd.io/v1',
    kind: 'ImagePolicy',
    metadata: { name },
    spec: { imageRepositoryRef: { name: 'backend' }, policy: { alphabetical: { order: 'asc' } } },
  };
}

function label(count: number) {
  return { metadata: { labels: { count: String(count) } } };
}

function codesOf({ context: _context, gaps: _gaps, ...kinds }: ClusterFacts) {
  return [...new Set(Object.values(kinds).map((reading) => problemOf(reading)?.code))];
}

function namesIn({ imagePolicies }: ClusterFacts): readonly string[] {
  return (valueOf(imagePolicies) ?? []).map(({ meta }) => `${meta.namespace}/${meta.name}`).toSorted();
}
