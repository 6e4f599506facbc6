import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { listAt, numberAt, textAt } from '../../../src/lab/cluster/json';
import type { KubeObject } from '../../../src/lab/cluster/object';
import type { Store } from '../../../src/lab/cluster/store';
import { planScale } from '../../../src/lab/controllers/rollout';
import { conditionOf } from '../../../src/lab/controllers/workloadStatus';
import { Workloads } from '../../../src/lab/controllers/workloads';
import { by, deployment, storeWithNamespace } from '../cluster/objects';

const ref = { kind: 'Deployment', namespace: 'production', name: 'backend' };
const digest = (image: string): string => `sha256:${Buffer.from(image).toString('hex').padEnd(64, '0').slice(0, 64)}`;

/** The deployment as soon as it is as wished for. */
async function until(store: Store, isMet: (live: KubeObject) => boolean): Promise<KubeObject> {
  return await new Promise((resolve) => {
    const check = (): void => {
      const live = store.get(ref);
      if (live === undefined || !isMet(live)) return;
      for (const stop of stops) stop();
      resolve(live);
    };
    const stops = ['Deployment', 'ReplicaSet', 'Pod'].map((kind) => store.watch(kind, check));
    queueMicrotask(check);
  });
}

function isRolledOut(live: KubeObject): boolean {
  const isSeen = numberAt(live, 'status', 'observedGeneration') === live.metadata.generation;
  return isSeen && textAt(conditionOf(live, 'Progressing'), 'reason') === 'NewReplicaSetAvailable';
}

function isPaused(live: KubeObject): boolean {
  return textAt(conditionOf(live, 'Progressing'), 'reason') === 'DeploymentPaused';
}

async function withWorkloads(
  resolve: (image: string) => string | undefined,
  run: (store: Store, events: readonly string[]) => Promise<void>,
): Promise<void> {
  const sent: string[] = [];
  const store = storeWithNamespace();
  const events = {
    send: (about: KubeObject, type: string, reason: string, message: string) =>
      sent.push(`${about.kind} ${type} ${reason}: ${message.replace(/backend-\w{10}/g, 'backend-HASH')}`),
  };
  const resolveImage = (image: string) => Promise.resolve(resolve(image));
  const workloads = new Workloads(store, { resolveImage, stepMs: 3, events });
  try {
    await run(store, sent);
  } finally {
    workloads.dispose();
  }
}

function setImage(store: Store, image: string): void {
  const containers = [{ name: 'app', image }];
  store.patch(ref, { type: 'strategic', body: { spec: { template: { spec: { containers } } } } }, by('test'));
}

function sets(store: Store): readonly string[] {
  return store
    .list('ReplicaSet')
    .items.map((set) => {
      const image = textAt(set, 'spec', 'template', 'spec', 'containers', 0, 'image') ?? '';
      const revision = textAt(set, 'metadata', 'annotations', 'deployment.kubernetes.io/revision') ?? '';
      return `r${revision} ${image} x${numberAt(set, 'spec', 'replicas') ?? 0}`;
    })
    .toSorted();
}

describe('lab controllers: workloads', () => {
  it('runs pods whose image exists, and says which image it really is', () =>
    withWorkloads(digest, async (store) => {
      store.create(deployment(), by('test'));
      const done = await until(store, isRolledOut);
      const counts = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'];
      assert.deepEqual(
        counts.map((field) => numberAt(done, 'status', field)),
        [2, 2, 2, 2, undefined],
      );
      assert.equal(textAt(conditionOf(done, 'Available'), 'reason'), 'MinimumReplicasAvailable');
      assert.equal(textAt(done, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'), '1');
      const [pod] = store.list('Pod').items;
      assert.equal(textAt(pod, 'status', 'phase'), 'Running');
      const status = listAt(pod, 'status', 'containerStatuses')[0];
      assert.equal(textAt(status, 'imageID'), `registry/backend@${digest('registry/backend:v1')}`);
      assert.equal(pod?.metadata.ownerReferences?.[0]?.kind, 'ReplicaSet');
      assert.equal(textAt(pod, 'metadata', 'labels', 'app'), 'backend');
      const version = store.resourceVersion;
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(store.resourceVersion, version, 'nothing is written once all is well');
    }));

  it('rolls out step by step without an outage, and goes back with a new revision', () =>
    withWorkloads(digest, async (store) => {
      store.create(deployment(), by('test'));
      await until(store, isRolledOut);
      let fewest = 2;
      let most = 0;
      const stop = store.watch('Deployment', ({ object }) => {
        fewest = Math.min(fewest, numberAt(object, 'status', 'availableReplicas') ?? 0);
        most = Math.max(most, numberAt(object, 'status', 'replicas') ?? 0);
      });
      setImage(store, 'registry/backend:v2');
      await until(store, isRolledOut);
      assert.deepEqual(sets(store), ['r1 registry/backend:v1 x0', 'r2 registry/backend:v2 x2']);
      setImage(store, 'registry/backend:v1');
      const back = await until(store, isRolledOut);
      stop();
      assert.deepEqual(sets(store), ['r2 registry/backend:v2 x0', 'r3 registry/backend:v1 x2']);
      assert.equal(textAt(back, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'), '3');
      assert.deepEqual([fewest, most], [2, 3]);
    }));

  it('stalls at an image that is not there while the old pods serve, and recovers when it comes', () => {
    const present = new Set(['registry/backend:v1']);
    return withWorkloads(
      (image) => (present.has(image) ? digest(image) : undefined),
      async (store, events) => {
        store.create(deployment('backend', 'registry/backend:v1', { progressDeadlineSeconds: 1 }), by('test'));
        await until(store, isRolledOut);
        setImage(store, 'registry/backend:v2');
        const reasons = new Set<string>();
        const stop = store.watch('Pod', ({ object }) => {
          reasons.add(textAt(object, 'status', 'containerStatuses', 0, 'state', 'waiting', 'reason') ?? 'Running');
        });
        const late = await until(
          store,
          (live) => textAt(conditionOf(live, 'Progressing'), 'reason') === 'ProgressDeadlineExceeded',
        );
        stop();
        assert.equal(textAt(conditionOf(late, 'Progressing'), 'status'), 'False');
        assert.equal(textAt(conditionOf(late, 'Available'), 'status'), 'True');
        assert.deepEqual(
          ['replicas', 'updatedReplicas', 'availableReplicas'].map((field) => numberAt(late, 'status', field)),
          [3, 1, 2],
        );
        assert.ok(reasons.has('ErrImagePull') && reasons.has('ImagePullBackOff'), [...reasons].join(' '));
        const image = '"registry/backend:v2"';
        const why = `failed to pull and unpack image ${image}: failed to resolve reference ${image}: registry/backend:v2: not found`;
        for (const expected of [
          'Deployment Normal ScalingReplicaSet: Scaled up replica set backend-HASH from 0 to 1',
          `Pod Warning Failed: Failed to pull image ${image}: ${why}`,
          `Pod Warning BackOff: Back-off pulling image ${image}: registry/backend:v2: not found`,
        ]) {
          assert.ok(events.includes(expected), `${expected}\n${events.join('\n')}`);
        }
        present.add('registry/backend:v2');
        await until(store, isRolledOut);
        assert.deepEqual(sets(store), ['r1 registry/backend:v1 x0', 'r2 registry/backend:v2 x2']);
      },
    );
  });

  it('scales, replaces a deleted pod, keeps as much history as asked, and leaves nothing behind', () =>
    withWorkloads(digest, async (store) => {
      store.create(deployment('backend', 'registry/backend:v1', { revisionHistoryLimit: 1 }), by('test'));
      await until(store, isRolledOut);
      store.patch(ref, { type: 'merge', body: { spec: { replicas: 4 } } }, by('test'));
      await until(store, (live) => isRolledOut(live) && numberAt(live, 'status', 'readyReplicas') === 4);
      const [victim] = store.list('Pod').items;
      assert.ok(victim !== undefined);
      store.delete({ kind: 'Pod', namespace: 'production', name: victim.metadata.name });
      await until(store, (live) => numberAt(live, 'status', 'readyReplicas') === 3);
      await until(store, (live) => numberAt(live, 'status', 'readyReplicas') === 4);
      for (const tag of ['v2', 'v3']) {
        setImage(store, `registry/backend:${tag}`);
        await until(store, isRolledOut);
      }
      assert.deepEqual(sets(store), ['r2 registry/backend:v2 x0', 'r3 registry/backend:v3 x4']);
      store.delete(ref);
      assert.equal(store.list('Pod').items.length + store.list('ReplicaSet').items.length, 0);
    }));

  it('waits while paused, and goes on with what runs when it is started anew', () =>
    withWorkloads(digest, async (store) => {
      store.create(deployment(), by('test'));
      await until(store, isRolledOut);
      store.patch(ref, { type: 'merge', body: { spec: { paused: true } } }, by('test'));
      setImage(store, 'registry/backend:v2');
      await until(store, (live) => numberAt(live, 'status', 'observedGeneration') === live.metadata.generation);
      assert.deepEqual(sets(store), ['r1 registry/backend:v1 x2']);
      assert.equal(textAt(conditionOf(await until(store, isPaused), 'Progressing'), 'status'), 'Unknown');
      const version = store.resourceVersion;
      const second = new Workloads(store, { resolveImage: () => Promise.resolve(undefined), stepMs: 3 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      second.dispose();
      assert.equal(store.resourceVersion, version, 'running pods stay as they are');
      store.patch(ref, { type: 'merge', body: { spec: { paused: null } } }, by('test'));
      await until(store, isRolledOut);
      assert.deepEqual(sets(store), ['r1 registry/backend:v1 x0', 'r2 registry/backend:v2 x2']);
    }));

  it('says that a quota lets it make no more pods, and goes on when there is room', () =>
    withWorkloads(digest, async (store, events) => {
      const metadata = { name: 'small', namespace: 'production' };
      const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard: { pods: '1' } } };
      store.create(quota, by('test'));
      store.create(deployment(), by('test'));
      const refused = await until(store, (live) => conditionOf(live, 'ReplicaFailure') !== undefined);
      const words = 'exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1';
      const message = textAt(conditionOf(refused, 'ReplicaFailure'), 'message');
      assert.ok(message?.endsWith(`is forbidden: ${words}`), message);
      assert.ok(events.some((event) => event.startsWith('ReplicaSet Warning FailedCreate: Error creating: pods')));
      assert.equal(store.list('Pod').items.length, 1);
      const patch = { type: 'merge', body: { spec: { hard: { pods: '2' } } } } as const;
      store.patch({ kind: 'ResourceQuota', ...metadata }, patch, by('test'));
      const live = await until(store, isRolledOut);
      assert.equal(conditionOf(live, 'ReplicaFailure'), undefined);
    }));

  it('never plans below what must serve, nor above what may run', () => {
    for (let desired = 0; desired <= 6; desired += 1) {
      for (let surge = 0; surge <= 2; surge += 1) {
        for (let unavailable = surge === 0 ? 1 : 0; unavailable <= 2; unavailable += 1) {
          let current = { name: 'new', replicas: 0, available: 0 };
          let old = { name: 'old', replicas: desired, available: desired };
          for (let turn = 0; turn < 20; turn += 1) {
            const rollout = { desired, surge, unavailable, strategy: 'RollingUpdate' } as const;
            const plan = planScale(rollout, current, [old]);
            const next = plan.get('old') ?? old.replicas;
            old = { ...old, replicas: next, available: Math.min(old.available, next) };
            current = { ...current, replicas: plan.get('new') ?? current.replicas };
            assert.ok(current.available + old.available >= desired - unavailable);
            assert.ok(current.replicas + old.replicas <= desired + surge);
            current = { ...current, available: Math.min(current.replicas, current.available + 1) };
          }
          assert.deepEqual([current.replicas, old.replicas], [desired, 0]);
        }
      }
    }
  });
});
