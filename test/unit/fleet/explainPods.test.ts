// What the pods of a rollout say, and what a workload says that is not as its Kustomization has applied it: facts that the lab's
// pods cannot be brought to.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hearWitnesses } from '../../../src/fleet/explain/enrich';
import type { LinkFault } from '../../../src/fleet/explain/explanation';
import { formatExplanation } from '../../../src/fleet/explain/explanationText';
import type { ObjectReference } from '../../../src/model/flux';
import { unknown } from '../../../src/model/reading';
import { edited, failing, type Json, objectsWith, withSpec, withStatus } from './edits';
import { explained } from './explained';
import { editObject, image, minute, now, shopFacts, shopFiles, shopObjects, tags } from './shop';

const deployment = 'Deployment production/backend';
const rolling: Json = {
  readyReplicas: 1,
  availableReplicas: 1,
  conditions: [{ type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: '' }],
};
const wanted = { name: 'app', image: `${image}:${tags.production1}` };
const backOff = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' } };

interface PodDraft {
  readonly name?: string;
  readonly spec?: Json;
  readonly metadata?: Json;
  readonly status: Json;
}

function pod({ name = 'backend-1-a', spec = {}, metadata = {}, status }: PodDraft): Json {
  const ownerReferences = [{ kind: 'ReplicaSet', name: 'backend-1', uid: 'set' }];
  return {
    kind: 'Pod',
    metadata: { name, namespace: 'production', ownerReferences, ...metadata },
    spec: { containers: [wanted], ...spec },
    status,
  };
}

/** Production's Deployment is rolling, by these pods. */
function rollingBy(spec: Json, ...pods: readonly Json[]): readonly Json[] {
  const ownerReferences = [{ kind: 'Deployment', name: 'backend', uid: 'Deployment-production-backend' }];
  const set = {
    kind: 'ReplicaSet',
    metadata: { name: 'backend-1', namespace: 'production', uid: 'set', ownerReferences },
  };
  const template = { spec: { containers: [wanted], ...spec } };
  return [
    ...editObject(objectsWith(deployment, rolling), deployment, (one) => withSpec(one, { template })),
    set,
    ...pods,
  ];
}

function firstOf(objects: readonly Json[]): LinkFault {
  const [first, ...others] = explained(shopFacts({ objects })).faults;
  assert.ok(first !== undefined);
  assert.deepEqual(others, []);
  return first;
}

const evidenceOf = ({ evidence }: LinkFault) => evidence.map(({ of, text }) => `${of}: ${text}`);
const commandsOf = ({ steps }: LinkFault) => steps.map(({ command }) => command);

describe('the pods of a rollout', () => {
  it('name the container that ends, how it ended, and the command that shows what it said', () => {
    const initContainers = [{ name: 'migrate', image: 'migrate:1' }];
    const ended = { terminated: { exitCode: 1, reason: 'Error', message: 'connecting\nno such database\n' } };
    const objects = rollingBy(
      { initContainers },
      pod({
        spec: { initContainers },
        status: {
          phase: 'Pending',
          initContainerStatuses: [{ name: 'migrate', ready: false, restartCount: 4, state: backOff, lastState: ended }],
        },
      }),
    );
    const fault = firstOf(objects);
    assert.equal(fault.code, 'crash-loop');
    assert.equal(fault.text, 'CrashLoopBackOff (Error, exit code 1: no such database): back-off 5m0s');
    assert.equal(commandsOf(fault)[0], 'kubectl -n production logs backend-1-a -c migrate --previous');
  });

  const containers: readonly (readonly [what: string, status: Json, says: string])[] = [
    [
      'a container that its limit of memory ends',
      { restartCount: 3, state: backOff, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
      'crash-loop failed: CrashLoopBackOff (OOMKilled, exit code 137): back-off 5m0s',
    ],
    [
      'a container that has just ended for the first time',
      { restartCount: 0, state: { terminated: { exitCode: 2, reason: 'Error' } } },
      'crash-loop failed: container app does not stay up (Error, exit code 2), restarted 0 times',
    ],
    [
      'a container that its liveness probe ends again and again',
      { restartCount: 7, state: { running: {} }, lastState: { terminated: { exitCode: 143, reason: 'Error' } } },
      'crash-loop failed: container app does not stay up (Error, exit code 143), restarted 7 times',
    ],
    [
      'a container that was once too early, which may pass',
      { restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 1, reason: 'Error' } } },
      'not-ready waiting: Available: 1/2',
    ],
    [
      'an image that nobody has signed',
      { restartCount: 0, state: { waiting: { reason: 'SignatureValidationFailed', message: 'no signature.' } } },
      'image-pull failed: SignatureValidationFailed: no signature',
    ],
    [
      'a reason of a later kubelet',
      { restartCount: 0, state: { waiting: { reason: 'Novel', message: '' } } },
      `container-config failed: Novel: ${wanted.image}`,
    ],
  ];
  for (const [what, status, says] of containers) {
    it(`tell of ${what}`, () => {
      const containerStatuses = [{ name: 'app', ready: false, ...status }];
      const fault = firstOf(rollingBy({}, pod({ status: { phase: 'Running', containerStatuses } })));
      assert.equal(`${fault.code} ${fault.verdict}: ${fault.text}`, says);
    });
  }

  const waits: readonly (readonly [what: string, pod: Json, says: RegExp])[] = [
    [
      'a volume that is not mounted',
      pod({
        status: {
          phase: 'Pending',
          containerStatuses: [{ name: 'app', ready: false, state: { waiting: { reason: 'ContainerCreating' } } }],
        },
      }),
      /^Pod production\/backend-1-a, container app: ContainerCreating$/,
    ],
    [
      'an eviction',
      pod({ status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' } }),
      /^Pod production\/backend-1-a: Evicted: The node was low on resource: memory\.$/,
    ],
    [
      'a node that is lost',
      pod({
        status: {
          phase: 'Running',
          conditions: [
            { type: 'Ready', status: 'False' },
            { type: 'ContainersReady', status: 'True' },
          ],
          containerStatuses: [{ name: 'app', ready: true, state: { running: {} } }],
        },
      }),
      /its node may be lost, or a readiness gate waits$/,
    ],
    [
      'a pod that does not go',
      pod({
        metadata: { deletionTimestamp: new Date(now - 60 * minute).toISOString() },
        status: { phase: 'Running', containerStatuses: [{ name: 'app', ready: true, state: { running: {} } }] },
      }),
      /is being deleted; where that takes long, its node may be gone$/,
    ],
  ];
  for (const [what, one, says] of waits) {
    it(`tell of ${what} while the rollout still waits`, () => {
      const fault = firstOf(rollingBy({}, one));
      assert.equal(fault.verdict, 'waiting');
      assert.match(evidenceOf(fault)[0] ?? '', says);
    });
  }

  it('are those of the new version alone, also where both have a sidecar of one image', () => {
    const proxy = { name: 'proxy', image: 'proxy:1' };
    const old = pod({
      name: 'backend-0-z',
      spec: { containers: [{ name: 'app', image: `${image}:old` }, proxy] },
      status: { phase: 'Running', containerStatuses: [{ name: 'app', ready: false, restartCount: 9, state: backOff }] },
    });
    assert.equal(firstOf(rollingBy({ containers: [wanted, proxy] }, old)).code, 'rollout-going');
  });

  it('are asked for their events, and not the Deployment', async () => {
    const containerStatuses = [{ name: 'app', ready: false, state: { waiting: { reason: 'ContainerCreating' } } }];
    const said = explained(
      shopFacts({ objects: rollingBy({}, pod({ status: { phase: 'Pending', containerStatuses } })) }),
    );
    const asked: ObjectReference[] = [];
    const events = (object: ObjectReference) => {
      asked.push(object);
      return Promise.resolve([]);
    };
    await hearWitnesses(said, { events }, () => assert.fail());
    assert.deepEqual(asked, [{ kind: 'Pod', namespace: 'production', name: 'backend-1-a' }]);
  });

  it('are said not to be shown where nobody may look at them', () => {
    const facts = shopFacts({ objects: objectsWith(deployment, rolling) });
    const lab = facts.clusters.get('lab');
    assert.ok(lab !== undefined);
    const pods = unknown<never>({ code: 'cluster-forbidden', message: 'You may not list pods in production.' });
    const replicaSets = unknown<never>({ code: 'cluster-forbidden', message: 'You may not list replicasets.' });
    const ofSet = rollingBy({});
    const withSet = shopFacts({ objects: ofSet }).clusters.get('lab');
    assert.ok(withSet !== undefined);
    for (const [cluster, says] of [
      [{ ...withSet, pods }, 'Pods are not shown: You may not list pods in production.'],
      [{ ...lab, replicaSets }, 'Pods are not shown: You may not list replicasets.'],
    ] as const) {
      const [fault] = explained({ ...facts, clusters: new Map([['lab', cluster]]) }).faults;
      assert.ok(fault !== undefined);
      assert.equal(evidenceOf(fault)[0], says);
    }
  });
});

describe('a workload that is not what its Kustomization has applied', () => {
  /** Its image by a manager, with more in its metadata. */
  const written = (reference: string, manager: string, metadata: Json = {}, time?: string): readonly Json[] =>
    editObject(shopObjects(), deployment, (one) => {
      const fields = { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { 'f:image': {} } } } } };
      const managedFields = [{ manager, operation: 'Update', time, fieldsV1: { 'f:spec': fields } }];
      return {
        ...withSpec(one, { template: { spec: { containers: [{ name: 'app', image: reference }] } } }),
        metadata: { ...(one['metadata'] as Json), ...metadata, managedFields },
      };
    });
  const group = 'kustomize.toolkit.fluxcd.io';
  const old = `${image}:${tags.production0}`;

  const rows: readonly (readonly [what: string, objects: readonly Json[], says: RegExp])[] = [
    [
      'by a label that tells Flux to ignore it',
      written(old, 'kubectl-set', { labels: { [`${group}/ssa`]: 'Ignore' } }),
      /^workload-left-alone: Flux is told to leave the Deployment alone, and production-v0\.0\.0/,
    ],
    [
      'by another Kustomization',
      written(old, 'kustomize-controller', { labels: { [`${group}/name`]: 'legacy', [`${group}/namespace`]: 'apps' } }),
      /^workload-overwritten: .*; Kustomization apps\/legacy has written it$/,
    ],
    [
      'by its own Kustomization, changed in the cluster',
      written(old, 'kustomize-controller'),
      /^workload-overwritten: .*, though its Kustomization has run$/,
    ],
    [
      'by a HelmRelease',
      written(old, 'helm-controller', { labels: { 'helm.toolkit.fluxcd.io/name': 'shop' } }),
      /^workload-overwritten: .*; HelmRelease flux-system\/shop has written it$/,
    ],
    [
      'by hand, with a digest beside the tag',
      written(`${wanted.image}@sha256:${'1'.repeat(64)}`, 'kubectl-set'),
      /^workload-drifted: .*@sha256:1{64} runs, the applied revision says ghcr\.io\/acme\/backend:production-v0\.0\.1/,
    ],
    [
      'by hand, with another image of the same tag',
      written(`mirror.example/backend:${tags.production1}`, 'kubectl-set'),
      /^workload-drifted: mirror\.example\/backend:.* runs, the applied revision says ghcr\.io\/acme\/backend:/,
    ],
  ];
  for (const [what, objects, says] of rows) {
    it(`is told of ${what}`, () => {
      const { code, text } = firstOf(objects);
      assert.match(`${code}: ${text}`, says);
    });
  }

  it('is no fault of a Kustomization whose run has not told its end', () => {
    const run = (lastReconciled: string): readonly string[] => {
      const objects = editObject(
        written(old, 'kustomize-controller', {}, '2026-11-23T11:50:00Z'),
        'Kustomization flux-system/apps-production',
        (one) => withStatus(one, { history: [{ lastReconciled }] }),
      );
      return explained(shopFacts({ objects })).faults.map(({ code, verdict }) => `${code} ${verdict}`);
    };
    assert.deepEqual(run('2026-11-23T11:49:59Z'), ['workload-behind waiting']);
    assert.deepEqual(run('2026-11-23T11:50:00Z'), ['workload-overwritten failed']);
  });

  it('is not put back by a Kustomization that cannot be built', () => {
    const objects = editObject(
      written(`${image}:hotfix`, 'kubectl-set'),
      'Kustomization flux-system/apps-production',
      (one) => withStatus(one, failing('BuildFailed', 'no')),
    );
    const [build, drift] = explained(shopFacts({ objects })).faults;
    assert.deepEqual([build?.code, drift?.code], ['build-failed', 'workload-drifted']);
    assert.match(drift?.remedy.text ?? '', /mend the Kustomization and it puts Git's tag back/);
    assert.equal(drift?.remedy.command, undefined);
  });

  it('is no drift where an admission webhook names a mirror', () => {
    const objects = written(`mirror.example/backend:${tags.production1}`, 'kustomize-controller');
    assert.equal(explained(shopFacts({ objects })).verdict, 'delivered');
  });

  it('is not looked for in this cluster where the Kustomization applies to another', () => {
    const facts = edited('Kustomization flux-system/apps-production', (one) =>
      withSpec(one, { kubeConfig: { secretRef: { name: 'spoke' } } }),
    );
    const { verdict, unseen } = explained(facts);
    assert.equal(verdict, 'unknown');
    assert.match(unseen[0]?.message ?? '', /applies to another cluster/);
  });

  it('is said not to be read where it is no Deployment, also beside one of the same image', () => {
    const file = 'apps/base/deployment.yaml';
    const files = {
      ...shopFiles(),
      [file]: (shopFiles()[file] ?? '').replace('kind: Deployment', 'kind: StatefulSet'),
    };
    const { verdict, unseen } = explained(shopFacts({ files }));
    assert.equal(verdict, 'unknown');
    assert.match(unseen[0]?.message ?? '', /^Only Deployments are read, .* StatefulSet production\/backend runs/);
  });

  it('is noticed where it has no replicas at all', () => {
    const objects = editObject(
      objectsWith(deployment, { replicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0 }),
      deployment,
      (one) => withSpec(one, { replicas: 0 }),
    );
    const said = explained(shopFacts({ objects }));
    assert.match(
      formatExplanation(said),
      /its way\. But Deployment production\/backend has 0 replicas: nothing runs\.\n/,
    );
    const { noticed } = said;
    assert.deepEqual(
      noticed.map(({ text }) => text),
      ['Deployment production/backend has 0 replicas: nothing runs'],
    );
  });

  it('is noticed where another Kustomization applies it too, and ours has had its way', () => {
    const legacy = {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'legacy', namespace: 'flux-system', generation: 1 },
      spec: { sourceRef: { kind: 'GitRepository', name: 'flux-system' } },
      status: { inventory: { entries: [{ id: 'production_backend_apps_Deployment', v: 'v1' }] } },
    };
    assert.deepEqual(
      explained(shopFacts({ objects: [...shopObjects(), legacy] })).noticed.map(({ text }) => text),
      ['Kustomization flux-system/legacy applies Deployment production/backend too'],
    );
  });
});
