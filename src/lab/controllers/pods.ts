// The kubelet's part: a pod pulls its images and runs, or says why it waits and tries again ever more rarely.
// Timers run only for pods that are starting or waiting for an image.
import { parseImage } from '../../model/image';
import { type Json, type JsonObject, listAt, numberAt, textAt, valueAt } from '../cluster/json';
import { type KubeObject, refOf } from '../cluster/object';
import type { Store } from '../cluster/store';

/** The digest that a registry has for an image reference; undefined where it has none. Rejects when it cannot be asked. */
export type ResolveImage = (image: string) => Promise<string | undefined>;

/** Where events go; EventRecorder is one. */
export interface Events {
  send(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

export interface PodsOptions {
  readonly resolveImage: ResolveImage;
  readonly stepMs: number;
  readonly events?: Events;
}

interface Pull {
  readonly container: string;
  readonly image: string;
  readonly digest?: string;
  readonly trouble?: string;
}

const fieldManager = 'kubelet';
/** The kubelet doubles its wait from 10 s to 5 min; one step stands for its second. */
const firstRetrySteps = 10;
const lastRetrySteps = 300;

export class Pods {
  readonly #store: Store;
  readonly #resolveImage: ResolveImage;
  readonly #stepMs: number;
  readonly #events: Events | undefined;
  /** By uid: the timer of a pod that is starting or waiting. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #stop: () => void;
  #address = 1;

  constructor(store: Store, { resolveImage, stepMs, events }: PodsOptions) {
    this.#store = store;
    this.#resolveImage = resolveImage;
    this.#stepMs = stepMs;
    this.#events = events;
    this.#stop = store.watch('Pod', ({ type, object }) => {
      if (type === 'ADDED') this.#begin(object);
      if (type === 'DELETED') this.#forget(object);
    });
    for (const pod of store.list('Pod').items) if (!isReady(pod)) this.#begin(pod);
  }

  dispose(): void {
    this.#stop();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #begin(pod: KubeObject): void {
    const waiting = { reason: 'ContainerCreating' };
    const states = listAt(pod, 'spec', 'containers').map((container) => state(pod, container, { waiting }));
    this.#write(pod, 'Pending', states, {});
    this.#later(pod, firstRetrySteps, 1);
  }

  #forget(pod: KubeObject): void {
    const uid = pod.metadata.uid ?? '';
    clearTimeout(this.#timers.get(uid));
    this.#timers.delete(uid);
  }

  /** Pulls after `steps`; `retrySteps` is the wait after the next failure. */
  #later(pod: KubeObject, retrySteps: number, steps: number): void {
    const uid = pod.metadata.uid ?? '';
    const timer = setTimeout(() => {
      void this.#pull(pod, retrySteps);
    }, steps * this.#stepMs);
    this.#timers.set(uid, timer);
  }

  async #pull(pod: KubeObject, retrySteps: number): Promise<void> {
    const pulls = await Promise.all(listAt(pod, 'spec', 'containers').map((container) => this.#resolve(container)));
    const live = this.#live(pod);
    if (live === undefined || !this.#timers.has(pod.metadata.uid ?? '')) return;
    if (pulls.every(({ digest }) => digest !== undefined)) {
      this.#forget(pod);
      this.#run(live, pulls);
      return;
    }
    this.#wait(live, pulls, 'ErrImagePull');
    const timer = setTimeout(() => {
      const still = this.#live(pod);
      if (still === undefined) return;
      this.#wait(still, pulls, 'ImagePullBackOff');
      this.#later(pod, Math.min(retrySteps * 2, lastRetrySteps), retrySteps);
    }, this.#stepMs);
    this.#timers.set(pod.metadata.uid ?? '', timer);
  }

  async #resolve(container: Json): Promise<Pull> {
    const pull = { container: textAt(container, 'name') ?? '', image: textAt(container, 'image') ?? '' };
    try {
      const digest = await this.#resolveImage(pull.image);
      return digest === undefined ? { ...pull, trouble: `${pull.image}: not found` } : { ...pull, digest };
    } catch (error) {
      return { ...pull, trouble: `failed to do request: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  #live(pod: KubeObject): KubeObject | undefined {
    const live = this.#store.get(refOf(pod));
    return live?.metadata.uid === pod.metadata.uid ? live : undefined;
  }

  #run(pod: KubeObject, pulls: readonly Pull[]): void {
    const startedAt = timestamp();
    const states = listAt(pod, 'spec', 'containers').map((container, index) => {
      const { image = '', digest = '' } = pulls[index] ?? {};
      this.#events?.send(pod, 'Normal', 'Pulled', `Successfully pulled image "${image}"`);
      this.#events?.send(pod, 'Normal', 'Started', `Started container ${textAt(container, 'name') ?? ''}`);
      const imageID = `${parseImage(image).name}@${digest}`;
      return { ...state(pod, container, { running: { startedAt } }), imageID, ready: true, started: true };
    });
    this.#address += 1;
    const podIP = `10.244.${this.#address >> 8}.${this.#address & 0xff}`;
    this.#write(pod, 'Running', states, { podIP, podIPs: [{ ip: podIP }], hostIP: '127.0.0.1', startTime: startedAt });
  }

  #wait(pod: KubeObject, pulls: readonly Pull[], reason: 'ErrImagePull' | 'ImagePullBackOff'): void {
    const states = listAt(pod, 'spec', 'containers').map((container, index) => {
      const { image = '', trouble } = pulls[index] ?? {};
      if (trouble === undefined) return state(pod, container, { waiting: { reason: 'ContainerCreating' } });
      const message =
        reason === 'ErrImagePull'
          ? `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${trouble}`
          : `Back-off pulling image "${image}": ${trouble}`;
      const isBackOff = reason === 'ImagePullBackOff';
      this.#events?.send(
        pod,
        'Warning',
        isBackOff ? 'BackOff' : 'Failed',
        isBackOff ? message : `Failed to pull image "${image}": ${message}`,
      );
      return state(pod, container, { waiting: { reason, message } });
    });
    this.#write(pod, 'Pending', states, {});
  }

  #write(pod: KubeObject, phase: string, containerStatuses: readonly JsonObject[], more: JsonObject): void {
    const isReady = containerStatuses.every(({ ready }) => ready === true);
    const status = { ...more, phase, containerStatuses, conditions: podConditions(pod, isReady ? 'True' : 'False') };
    const live = this.#store.get(refOf(pod));
    if (live !== undefined) this.#store.updateStatus({ ...live, status }, { fieldManager });
  }
}

export function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

export function isReady(pod: KubeObject): boolean {
  return listAt(pod, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );
}

function state(pod: KubeObject, container: Json, current: JsonObject): JsonObject {
  const name = textAt(container, 'name') ?? '';
  const before = listAt(pod, 'status', 'containerStatuses').find((status) => textAt(status, 'name') === name);
  return {
    name,
    image: textAt(container, 'image') ?? '',
    imageID: '',
    ready: false,
    started: false,
    restartCount: numberAt(before, 'restartCount') ?? 0,
    state: current,
    lastState: {},
  };
}

function podConditions(pod: KubeObject, ready: 'True' | 'False'): readonly JsonObject[] {
  const wanted = { PodScheduled: 'True', Initialized: 'True', ContainersReady: ready, Ready: ready };
  return Object.entries(wanted).map(([type, status]) => {
    const before = listAt(pod, 'status', 'conditions').find((condition) => textAt(condition, 'type') === type);
    const isSame = valueAt(before, 'status') === status;
    const reason = status === 'True' ? {} : { reason: 'ContainersNotReady', message: 'containers are not ready' };
    const lastTransitionTime = (isSame ? textAt(before, 'lastTransitionTime') : undefined) ?? timestamp();
    return { type, status, ...reason, lastProbeTime: null, lastTransitionTime };
  });
}
