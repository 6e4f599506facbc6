import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { fleetMemory } from '../../../src/fleet/fleetMemory';
import type { ClusterFacts, Facts } from '../../../src/model/facts';
import type { Fleet, Placement } from '../../../src/model/fleet';
import type { Meta } from '../../../src/model/flux';
import { failed, mapReading, type Reading, unknown } from '../../../src/model/reading';
import { shopFacts } from './shop';

const silent = { code: 'cluster-unreachable', message: 'gone' } as const;

function withCluster(facts: Facts, change: (cluster: ClusterFacts) => ClusterFacts): Facts {
  const cluster = facts.clusters.get('lab');
  assert.ok(cluster);
  return { ...facts, clusters: new Map([['lab', change(cluster)]]) };
}

function placementsOf(fleet: Fleet) {
  return new Map(
    fleet.environments.flatMap(({ name, placements }) =>
      placements.map((one) => [`${name}/${one.service}`, one] as const),
    ),
  );
}

/** Production's own are drawn with their lineage, in objects of their own. */
function othersThan(prefix: string, placements: ReadonlyMap<string, unknown>): readonly string[] {
  return [...placements.keys()].filter((place) => !place.startsWith(prefix));
}

function keptOf(before: ReadonlyMap<string, Placement>, after: ReadonlyMap<string, Placement>): readonly string[] {
  return [...before].filter(([place, one]) => after.get(place) === one).map(([place]) => place);
}

describe('a fleet that is remembered', () => {
  const start = shopFacts();
  const changes: readonly (readonly [string, (facts: Facts) => Facts])[] = [
    [
      'a policy that selects another tag',
      (facts) =>
        withCluster(facts, (cluster) => ({
          ...cluster,
          imagePolicies: mapReading(cluster.imagePolicies, (all) =>
            all.map((one) =>
              one.meta.namespace === 'production' && one.latestRef !== undefined
                ? { ...one, latestRef: { ...one.latestRef, tag: 'production-v9' } }
                : one,
            ),
          ),
        })),
    ],
    [
      'a kind that falls silent',
      (facts) => withCluster(facts, (cluster) => ({ ...cluster, pods: failed(cluster.pods, silent) })),
    ],
    [
      'a kind that was never seen',
      (facts) => withCluster(facts, (cluster) => ({ ...cluster, deployments: unknown(silent) })),
    ],
    [
      'a namespace that may not be looked into',
      (facts) =>
        withCluster(facts, (cluster) => ({
          ...cluster,
          gaps: [{ kind: 'Deployment', namespace: 'staging', problem: silent }],
        })),
    ],
    [
      'pods that are gone',
      (facts) => withCluster(facts, (cluster) => ({ ...cluster, pods: mapReading(cluster.pods, () => []) })),
    ],
    [
      'an automation that is suspended',
      (facts) =>
        withCluster(facts, (cluster) => ({
          ...cluster,
          imageUpdateAutomations: mapReading(cluster.imageUpdateAutomations, (all) =>
            all.map((one) => ({ ...one, isSuspended: true })),
          ),
        })),
    ],
    [
      'what a Kustomization waits for',
      (facts) =>
        withCluster(facts, (cluster) => ({
          ...cluster,
          kustomizations: mapReading(cluster.kustomizations, (all) => [
            ...all.map((one) => ({
              ...one,
              dependsOn: [{ kind: 'Kustomization', namespace: 'flux-system', name: 'base' }],
              conditions: [
                { type: 'Ready', status: 'False' as const, reason: 'DependencyNotReady', message: 'waits', since: 0 },
              ],
            })),
            ...all.slice(0, 1).map((one) => ({ ...one, meta: { ...one.meta, name: 'base' }, isSuspended: true })),
          ]),
        })),
    ],
    [
      'a ReplicaSet that comes to be owned by another',
      (facts) =>
        withCluster(facts, (cluster) => ({
          ...cluster,
          replicaSets: mapReading(cluster.replicaSets, (all) =>
            all.map((one) => ({ ...one, meta: { ...one.meta, owners: [] } })),
          ),
        })),
    ],
    ['a registry that falls silent', (facts) => ({ ...facts, registry: new Map() })],
    ['another commit', (facts) => ({ ...facts, repositories: shopFacts({ history: [] }).repositories })],
    ['other settings', (facts) => ({ ...facts, settings: { ...facts.settings, fluxVersion: '2.3' } })],
    ['no cluster', (facts) => ({ ...facts, clusters: new Map() })],
  ];
  for (const [name, change] of changes) {
    it(`is what it would be without: ${name}, and back`, () => {
      const memory = fleetMemory();
      for (const facts of [start, change(start), start]) {
        assert.deepEqual(deriveFleet(facts, memory), deriveFleet(facts));
      }
    });
  }

  it('is what it would be without, whatever comes after whatever', () => {
    const states = [start, ...changes.map(([, change]) => change(start))];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states), { minLength: 2, maxLength: 8 }), (seen) => {
        const memory = fleetMemory();
        for (const facts of seen) assert.deepEqual(deriveFleet(facts, memory), deriveFleet(facts));
      }),
      { numRuns: 60 },
    );
  });

  it('says when its cells were seen last, and derives nothing anew for it', () => {
    const memory = fleetMemory();
    const before = placementsOf(deriveFleet(start, memory));
    const later = <T>(reading: Reading<T>): Reading<T> =>
      reading.state === 'known' ? { ...reading, at: reading.at + 60_000 } : reading;
    const polled = withCluster(
      { ...start, repositories: start.repositories.map((one) => ({ ...one, content: later(one.content) })) },
      (cluster) => ({
        ...cluster,
        imagePolicies: later(cluster.imagePolicies),
        deployments: later(cluster.deployments),
      }),
    );
    const after = placementsOf(deriveFleet(polled, memory));
    for (const [place, was] of before) {
      if (place.startsWith('production/')) continue;
      const is = after.get(place);
      assert.ok(is !== undefined);
      const cells = [was.selected, was.written, was.running].map(later);
      assert.deepEqual([is.selected, is.written, is.running], cells, place);
      assert.equal(is.chain, was.chain);
    }
  });

  it('keeps each placement that nothing has happened to', () => {
    const memory = fleetMemory();
    const before = placementsOf(deriveFleet(start, memory));
    const [, change] = changes[0] ?? [];
    assert.ok(change !== undefined && before.size >= 2);
    const later = withCluster(change(start), ({ deployments, ...cluster }) => ({
      ...cluster,
      deployments: deployments.state === 'known' ? { ...deployments, at: deployments.at + 1000 } : deployments,
    }));
    const after = placementsOf(deriveFleet(later, memory));
    assert.deepEqual(keptOf(before, after), othersThan('production/', before));
  });

  it('keeps all placements while objects that none of them looks at come and go', () => {
    const memory = fleetMemory();
    const before = placementsOf(deriveFleet(start, memory));
    const stranger = <T extends { readonly meta: Meta }>(reading: Reading<readonly T[]>): Reading<readonly T[]> =>
      mapReading(reading, (all) => [
        ...all,
        ...all.slice(0, 1).map((one) => ({ ...one, meta: { ...one.meta, name: 'stranger', namespace: 'elsewhere' } })),
      ]);
    const later = withCluster(start, (cluster) => ({
      ...cluster,
      gitRepositories: stranger(cluster.gitRepositories),
      kustomizations: stranger(cluster.kustomizations),
      imageRepositories: stranger(cluster.imageRepositories),
      imagePolicies: stranger(cluster.imagePolicies),
      imageUpdateAutomations: stranger(cluster.imageUpdateAutomations),
      deployments: stranger(cluster.deployments),
    }));
    const after = placementsOf(deriveFleet(later, memory));
    assert.deepEqual(keptOf(before, after), othersThan('production/', before));
  });
});
