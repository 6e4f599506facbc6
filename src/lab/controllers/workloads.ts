// Deployments that roll out: the deployment and ReplicaSet controllers over the lab's API, with `Pods` as the kubelet.
// Level-driven as the originals: whatever happened, a reconcile looks at what is there and takes the next step. The only clocks
// are those of starting pods and of a rollout's progress deadline.
import { type JsonObject, numberAt, objectAt, textAt, valueAt, withField, withValueAt } from '../cluster/json';
import { type KubeObject, type ObjectMeta, type Ref, refOf } from '../cluster/object';
import type { Store } from '../cluster/store';
import { quotaRefusal } from './podQuota';
import { type Events, isReady, Pods, type ResolveImage, timestamp } from './pods';
import { planScale, rolloutOf, templateHash } from './rollout';
import {
  conditionOf,
  deadlineOf,
  deploymentStatus,
  type Observed,
  type PodCount,
  pausedStatus,
} from './workloadStatus';

const by = { fieldManager: 'kube-controller-manager' };
const revisionKey = 'deployment.kubernetes.io/revision';
const changeCauseKey = 'kubernetes.io/change-cause';
const hashLabel = 'pod-template-hash';

interface Options {
  readonly resolveImage: ResolveImage;
  /** How long a pod takes to start, in milliseconds; a second by default. */
  readonly stepMs?: number;
  /** Where events about pods and rollouts go; without it none are sent. */
  readonly events?: Events;
}

export class Workloads {
  readonly #store: Store;
  readonly #events: Events | undefined;
  readonly #pods: Pods;
  readonly #stops: readonly (() => void)[];
  readonly #pending = new Map<string, Ref>();
  /** By uid of a Deployment: the timer of its progress deadline. */
  readonly #deadlines = new Map<string, NodeJS.Timeout>();
  #isDisposed = false;

  constructor(store: Store, { resolveImage, stepMs = 1000, events }: Options) {
    this.#store = store;
    this.#events = events;
    this.#pods = new Pods(store, { resolveImage, stepMs, ...(events === undefined ? {} : { events }) });
    const toOwner = (object: KubeObject): void => {
      for (const { kind, name } of object.metadata.ownerReferences ?? [])
        this.#enqueue({ ...refOf(object), kind, name });
    };
    this.#stops = [
      store.watch('Deployment', ({ type, object }) => {
        if (type === 'DELETED') this.#forgetDeadline(object);
        else this.#enqueue(refOf(object));
      }),
      store.watch('ReplicaSet', ({ object }) => {
        this.#enqueue(refOf(object));
        toOwner(object);
      }),
      store.watch('Pod', ({ object }) => toOwner(object)),
      store.watch('ResourceQuota', ({ object: { metadata } }) => {
        for (const set of store.list('ReplicaSet', { namespace: metadata.namespace }).items) this.#enqueue(refOf(set));
      }),
    ];
    for (const kind of ['ReplicaSet', 'Deployment']) {
      for (const object of store.list(kind).items) this.#enqueue(refOf(object));
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const stop of this.#stops) stop();
    for (const timer of this.#deadlines.values()) clearTimeout(timer);
    this.#pods.dispose();
  }

  #enqueue(ref: Ref): void {
    if (this.#pending.size === 0) setImmediate(() => this.#drain());
    this.#pending.set(`${ref.kind}/${ref.namespace ?? ''}/${ref.name}`, ref);
  }

  #drain(): void {
    const refs = [...this.#pending.values()];
    this.#pending.clear();
    for (const ref of refs) {
      const object = this.#isDisposed ? undefined : this.#store.get(ref);
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) continue;
      if (object.kind === 'Deployment') this.#reconcileDeployment(object);
      if (object.kind === 'ReplicaSet') this.#reconcileSet(object);
    }
  }

  #owned(kind: string, owner: KubeObject): readonly KubeObject[] {
    const { namespace, uid } = owner.metadata;
    const { items } = this.#store.list(kind, { namespace });
    return items.filter(
      ({ metadata }) => metadata.ownerReferences?.some((reference) => reference.uid === uid) === true,
    );
  }

  #reconcileSet(set: KubeObject): void {
    const pods = this.#owned('Pod', set);
    const desired = numberAt(set, 'spec', 'replicas') ?? 0;
    // The youngest pods that serve nobody go first.
    const leaving = pods
      .toSorted((a, b) => Number(isReady(a)) - Number(isReady(b)) || createdAt(b) - createdAt(a))
      .slice(0, Math.max(0, pods.length - desired));
    for (const pod of leaving) this.#store.delete(refOf(pod));
    let refused: string | undefined;
    for (let count = pods.length; count < desired && refused === undefined; count += 1) refused = this.#createPod(set);
    const { replicas, ready } = this.#count(set);
    const generation = set.metadata.generation ?? 0;
    const counts = { replicas, fullyLabeledReplicas: replicas, readyReplicas: ready, availableReplicas: ready };
    const shown = Object.entries(counts).filter(([field, count]) => field === 'replicas' || count > 0);
    const conditions = refused === undefined ? {} : { conditions: [failedCreate(set, refused)] };
    const status = { ...Object.fromEntries(shown), ...conditions, observedGeneration: generation };
    this.#store.updateStatus({ ...set, status }, by);
  }

  /** Says why it may not. */
  #createPod(set: KubeObject): string | undefined {
    const template = objectAt(set, 'spec', 'template');
    const { name, namespace = '' } = set.metadata;
    const refusal = quotaRefusal(this.#store, namespace);
    if (refusal !== undefined) {
      this.#events?.send(set, 'Warning', 'FailedCreate', `Error creating: pods "${name}-" is forbidden: ${refusal}`);
      return `pods "${name}-" is forbidden: ${refusal}`;
    }
    const metadata: ObjectMeta = {
      ...textsOf(template, 'labels'),
      ...textsOf(template, 'annotations'),
      name: '',
      generateName: `${name}-`,
      namespace,
      ownerReferences: [ownerOf(set)],
    };
    const spec = { ...objectAt(template, 'spec'), nodeName: 'lab' };
    this.#store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec }, by);
    return undefined;
  }

  #count(set: KubeObject): PodCount {
    const pods = this.#owned('Pod', set);
    return { name: set.metadata.name, replicas: pods.length, ready: pods.filter(isReady).length };
  }

  #reconcileDeployment(found: KubeObject): void {
    const isPaused = valueAt(found, 'spec', 'paused') === true;
    const hash = templateHash(objectAt(found, 'spec', 'template'));
    const name = `${found.metadata.name}-${hash}`;
    const existing = this.#owned('ReplicaSet', found).find(({ metadata }) => metadata.name === name);
    if (existing === undefined && isPaused) {
      this.#store.updateStatus({ ...found, status: pausedStatus(found, timestamp()) }, by);
      return;
    }
    const before = this.#revisions(found);
    const current = existing ?? this.#createSet(found, name, hash);
    const deployment = this.#number(found, current, before);
    const news = existing === undefined ? 'created' : revisionOf(existing) < latest(before) ? 'found' : undefined;
    if (!isPaused) this.#scale(deployment, name);
    this.#report(deployment, name, news);
    this.#prune(deployment, name);
  }

  #createSet(deployment: KubeObject, name: string, hash: string): KubeObject {
    const template = withValueAt(objectAt(deployment, 'spec', 'template'), ['metadata', 'labels', hashLabel], hash);
    const selector = withValueAt(objectAt(deployment, 'spec', 'selector'), ['matchLabels', hashLabel], hash);
    const metadata: ObjectMeta = {
      ...textsOf(template, 'labels'),
      name,
      namespace: deployment.metadata.namespace ?? '',
      ownerReferences: [ownerOf(deployment)],
    };
    const spec = { replicas: 0, selector, template };
    return this.#store.create({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec }, by);
  }

  #revisions(deployment: KubeObject): readonly number[] {
    return this.#owned('ReplicaSet', deployment).map(revisionOf);
  }

  /** The current ReplicaSet carries the highest revision, also when it is an earlier one brought back; both say which. */
  #number(deployment: KubeObject, current: KubeObject, before: readonly number[]): KubeObject {
    const own = revisionOf(current);
    const highest = latest(before);
    const revision = String(own > 0 && own >= highest ? own : highest + 1);
    const cause = deployment.metadata.annotations?.[changeCauseKey];
    const annotate = (object: KubeObject, annotations: Readonly<Record<string, string | undefined>>): KubeObject =>
      this.#store.patch(refOf(object), { type: 'merge', body: { metadata: { annotations } } }, by);
    annotate(current, { [revisionKey]: revision, ...(cause === undefined ? {} : { [changeCauseKey]: cause }) });
    return annotate(deployment, { [revisionKey]: revision });
  }

  #scale(deployment: KubeObject, name: string): void {
    const sets = this.#owned('ReplicaSet', deployment).toSorted((a, b) => revisionOf(a) - revisionOf(b));
    const counts = sets.map((set) => {
      return {
        name: set.metadata.name,
        replicas: numberAt(set, 'spec', 'replicas') ?? 0,
        available: this.#count(set).ready,
      };
    });
    const current = counts.find((count) => count.name === name);
    if (current === undefined) return;
    const plan = planScale(
      rolloutOf(deployment),
      current,
      counts.filter((count) => count !== current),
    );
    for (const [set, replicas] of plan) {
      const before = counts.find((count) => count.name === set)?.replicas ?? 0;
      const change = `Scaled ${replicas > before ? 'up' : 'down'} replica set ${set} from ${before} to ${replicas}`;
      this.#events?.send(deployment, 'Normal', 'ScalingReplicaSet', change);
      const ref = { ...refOf(deployment), kind: 'ReplicaSet', name: set };
      this.#store.patch(ref, { type: 'merge', body: { spec: { replicas } } }, by);
    }
  }

  #report(deployment: KubeObject, name: string, news: Observed['news']): void {
    const counts = this.#owned('ReplicaSet', deployment).map((set) => this.#count(set));
    const current = counts.find((count) => count.name === name) ?? { name, replicas: 0, ready: 0 };
    const old = counts.filter((count) => count.name !== name);
    const set = this.#store.get({ ...refOf(deployment), kind: 'ReplicaSet', name });
    const failure = set && conditionOf(set, 'ReplicaFailure');
    const seen = {
      rollout: rolloutOf(deployment),
      current,
      old,
      time: timestamp(),
      ...(failure === undefined ? {} : { failure }),
    };
    const status = deploymentStatus(deployment, news === undefined ? seen : { ...seen, news });
    const reported = this.#store.updateStatus(withField(deployment, 'status', status), by);
    this.#forgetDeadline(reported);
    const deadline = deadlineOf(reported);
    if (deadline === undefined) return;
    const wait = Math.max(0, deadline - Date.now());
    this.#deadlines.set(
      reported.metadata.uid ?? '',
      setTimeout(() => this.#enqueue(refOf(reported)), wait),
    );
  }

  #forgetDeadline({ metadata }: KubeObject): void {
    clearTimeout(this.#deadlines.get(metadata.uid ?? ''));
    this.#deadlines.delete(metadata.uid ?? '');
  }

  /** Old ReplicaSets without pods, beyond those that `rollout undo` may go back to. */
  #prune(deployment: KubeObject, name: string): void {
    const limit = numberAt(deployment, 'spec', 'revisionHistoryLimit') ?? 10;
    const idle = this.#owned('ReplicaSet', deployment)
      .filter((set) => set.metadata.name !== name && numberAt(set, 'spec', 'replicas') === 0)
      .filter((set) => this.#count(set).replicas === 0)
      .toSorted((a, b) => revisionOf(a) - revisionOf(b));
    for (const set of idle.slice(0, Math.max(0, idle.length - limit))) this.#store.delete(refOf(set));
  }
}

/** As it was, as long as it says the same. */
function failedCreate(set: KubeObject, message: string): JsonObject {
  const before = conditionOf(set, 'ReplicaFailure');
  if (textAt(before, 'message') === message && before !== undefined) return before;
  const lastTransitionTime = timestamp();
  return { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message, lastTransitionTime };
}

function createdAt({ metadata }: KubeObject): number {
  return metadata.creationTimestamp === undefined ? 0 : Date.parse(metadata.creationTimestamp);
}

function revisionOf(object: KubeObject): number {
  return Number(textAt(object, 'metadata', 'annotations', revisionKey) ?? 0);
}

function latest(revisions: readonly number[]): number {
  return Math.max(0, ...revisions);
}

function ownerOf({ apiVersion, kind, metadata }: KubeObject): NonNullable<ObjectMeta['ownerReferences']>[number] {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true };
}

/** The template's labels or annotations, if it has any. */
function textsOf(template: KubeObject['spec'], field: 'labels' | 'annotations'): Partial<ObjectMeta> {
  const texts = Object.entries(objectAt(template, 'metadata', field)).map(([key, value]) => [key, textAt(value) ?? '']);
  return texts.length === 0 ? {} : { [field]: Object.fromEntries(texts) };
}
