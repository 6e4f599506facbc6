// What a silent source must not be drawn as: a failure, or a success.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { stateOfPlacement } from '../../../src/fleet/rows';
import type { ClusterFacts, Facts } from '../../../src/model/facts';
import type { Problem } from '../../../src/model/problem';
import { failed, known, type Reading, unknown, valueOf } from '../../../src/model/reading';
import { chainOf, production } from './edits';
import { clusterOf, editObject, image, now, shopFacts, shopFiles, shopForge, shopObjects, tags } from './shop';

const forbidden: Problem = { code: 'cluster-forbidden', message: 'Not allowed.' };
const lost: Problem = { code: 'cluster-unreachable', message: 'No answer.' };

function withCluster(change: (cluster: ClusterFacts) => Partial<ClusterFacts>, facts = shopFacts()): Facts {
  const cluster = clusterOf(shopObjects());
  return { ...facts, clusters: new Map([['lab', { ...cluster, ...change(cluster) }]]) };
}

describe('a kind that may not be read', () => {
  it('dims the source of a Kustomization instead of failing it', () => {
    const chain = chainOf(withCluster(() => ({ kustomizations: unknown(forbidden) })));
    assert.ok(chain.includes('fetched: unknown. Not allowed.'), chain.join('\n'));
    assert.ok(chain.includes('applied: unknown. Not allowed.'), chain.join('\n'));
  });

  it('dims the ImageRepository of a policy that is declared elsewhere', () => {
    const files = shopFiles();
    files['apps/production/image.yaml'] = '';
    const chain = chainOf(withCluster(() => ({ imagePolicies: unknown(forbidden) }), shopFacts({ files })));
    assert.ok(chain.includes('scanned: unknown. Not allowed.'), chain.join('\n'));
  });
});

describe('an automation that is declared elsewhere', () => {
  it('is found in the cluster by what it writes', () => {
    const files = shopFiles();
    files['apps/production/image.yaml'] = (files['apps/production/image.yaml'] ?? '').split('---')[0] ?? '';
    const objects = editObject(shopObjects(), 'ImagePolicy production/backend', (object) => ({
      ...object,
      status: { ...(object['status'] as object), latestRef: { name: image, tag: tags.production0 } },
    }));
    const chain = chainOf(shopFacts({ files, objects }));
    assert.match(chain.find((line) => line.startsWith('written')) ?? '', /the automation writes at its next run/);
  });
});

describe('a source that fell silent', () => {
  it('leaves no link done on its word', () => {
    const stale = <T>(reading: Reading<T>): Reading<T> => failed(reading, lost);
    const facts = withCluster((cluster) => ({
      imagePolicies: stale(cluster.imagePolicies),
      imageRepositories: stale(cluster.imageRepositories),
      imageUpdateAutomations: stale(cluster.imageUpdateAutomations),
      kustomizations: stale(cluster.kustomizations),
      gitRepositories: stale(cluster.gitRepositories),
      deployments: stale(cluster.deployments),
    }));
    assert.equal(stateOfPlacement(production(facts)), 'unknown');
    assert.deepEqual(
      chainOf(facts).filter((line) => line.endsWith('done')),
      ['published: done'],
    );
    assert.equal(valueOf(production(facts).running)?.tag, tags.production1);
  });

  it('does not say that a tag has left the registry', () => {
    const before = known({ tags: [tags.staging2], digests: new Map() }, now);
    const [published] = chainOf(shopFacts({ registry: failed(before, lost) }));
    assert.equal(published, 'published: unknown. No answer.');
  });
});

describe('a tag that the cluster knows first', () => {
  it('is waited for, not missed', () => {
    const objects = editObject(shopObjects(), 'ImagePolicy production/backend', (object) => ({
      ...object,
      status: { ...(object['status'] as object), latestRef: { name: image, tag: 'production-v9' } },
    }));
    assert.match(chainOf(shopFacts({ objects }))[0] ?? '', /^published: waiting: the cluster knows production-v9/);
  });
});

describe('what is not read from the cluster', () => {
  it('is no failure: an OCI source', () => {
    const objects = editObject(shopObjects(), 'Kustomization flux-system/apps-production', (object) => ({
      ...object,
      spec: { ...(object['spec'] as object), sourceRef: { kind: 'OCIRepository', name: 'flux-system' } },
    }));
    const chain = chainOf(shopFacts({ objects }));
    assert.ok(
      chain.includes(
        'fetched: unknown. It comes from OCIRepository flux-system/flux-system; only GitRepositories are read.',
      ),
      chain.join('\n'),
    );
  });

  it('is no waiting: a StatefulSet', () => {
    const files = shopFiles();
    const base = 'apps/base/deployment.yaml';
    files[base] = (files[base] ?? '').replace('kind: Deployment', 'kind: StatefulSet');
    const objects = shopObjects().filter(({ kind }) => kind !== 'Deployment');
    const placement = production(shopFacts({ files, objects }));
    assert.equal(placement.running.state, 'unknown');
    assert.equal(stateOfPlacement(placement), 'unknown');
  });
});

describe('pods', () => {
  const podsOf = (container: string, extra: object = {}): Facts => {
    const owner = (kind: string, uid: string) => ({ ownerReferences: [{ kind, name: uid, uid }] });
    const set = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: 'rs',
        namespace: 'production',
        uid: 'rs',
        ...owner('Deployment', 'Deployment-production-backend'),
      },
      spec: { replicas: 1, template: { spec: { containers: [{ name: 'app', image: container }] } } },
      status: { replicas: 1, readyReplicas: 0 },
    };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pod', namespace: 'production', uid: 'pod', ...owner('ReplicaSet', 'rs'), ...extra },
      spec: { containers: [{ name: 'app', image: container }] },
      status: {
        phase: 'Pending',
        containerStatuses: [
          {
            name: 'app',
            image: container,
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { waiting: { reason: 'ImagePullBackOff', message: 'no such tag' } },
          },
        ],
      },
    };
    return shopFacts({ objects: [...shopObjects(), set, pod] });
  };

  it('fail the rollout with the kubelet’s reason', () => {
    const chain = chainOf(podsOf(`${image}:${tags.production1}`));
    assert.equal(chain.at(-1), 'rolled out: failed: ImagePullBackOff: no such tag');
  });
  it('of an outgoing image say nothing of the one that is wanted', () => {
    assert.equal(chainOf(podsOf(`${image}:bad`)).at(-1), 'rolled out: done');
  });
});

describe('a run that ended', () => {
  const run = {
    id: 7,
    url: 'http://forge/7',
    workflow: '.github/workflows/promote-production.yml',
    state: 'failed',
    createdAt: now,
    updatedAt: now,
    steps: [],
  } as const;
  const forge = known({ ...shopForge, runs: [run] }, now);

  it('counts while the written tag is older', () => {
    assert.equal(chainOf(shopFacts({ forge }))[1], 'built: failed: run 7 failed');
  });
  it('is no failure while nobody knows when the tag was written', () => {
    const facts = shopFacts({ forge });
    const repositories = facts.repositories.map((one) => ({ ...one, histories: new Map() }));
    assert.equal(chainOf({ ...facts, repositories })[0], 'published: done');
  });
});
