// What one context of the kubeconfig shows: Flux's objects and the workloads, each kind a reading of its own.
// Read only. Raw objects are dropped as soon as they are decoded.
import { type Clock, watchSleep } from '../base/clock';
import type { JsonObject } from '../base/json';
import type { KubeWatcher } from '../base/kubernetes/client';
import { type Disposable, Lifetime } from '../base/lifetime';
import type { Logger } from '../base/logger';
import { decodeFluxObject } from '../manifests/fluxObjects';
import { decodeDeployment, decodePod, decodeReplicaSet } from '../manifests/workloads';
import type { ClusterFacts } from '../model/facts';
import type { Deployment, FluxKind, Meta } from '../model/flux';
import type { Problem } from '../model/problem';
import { type Reading, unknown, valueOf } from '../model/reading';
import { discovery } from './discovery';
import { nothingShown, podSelectors, type Shown } from './shown';
import { WatchedKind } from './watchedKind';

export interface ClusterSourceOptions {
  readonly reader: KubeWatcher;
  /** After every change, and often: the listener coalesces. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How soon pods of other Deployments are looked for. */
const lookMs = 500;

/** Watches from its construction until it is disposed. */
export class ClusterSource implements Disposable {
  readonly #context: string;
  readonly #lifetime = new Lifetime();
  readonly #options: ClusterSourceOptions;
  readonly #kinds: ReturnType<typeof watchAll>;
  #shown = nothingShown;
  /** Whose pods were last looked for. */
  #deployments: readonly Deployment[] | undefined;
  #looking: Disposable | undefined;

  constructor(options: ClusterSourceOptions) {
    this.#options = options;
    this.#context = options.reader.context;
    this.#kinds = watchAll({ ...options, onChange: () => this.#changed() });
    for (const kind of Object.values(this.#kinds)) this.#lifetime.add(kind);
    this.#lifetime.add({ dispose: () => this.#looking?.dispose() });
    this.#lifetime.add(
      watchSleep(options.clock, () => {
        for (const kind of Object.values(this.#kinds)) kind.reconnect();
      }),
    );
    this.#lookForPods();
  }

  get facts(): ClusterFacts {
    const kinds = this.#kinds;
    const gaps = Object.values(kinds).flatMap((kind) => kind.gaps);
    // Which pods are wanted is not known before the Deployments are.
    const { reading } = kinds.deployments;
    const ofDeployments = <T>(own: Reading<T>): Reading<T> =>
      reading.state === 'unknown' ? unknown(reading.problem) : own;
    return {
      context: this.#context,
      gitRepositories: kinds.gitRepositories.reading,
      kustomizations: kinds.kustomizations.reading,
      imageRepositories: kinds.imageRepositories.reading,
      imagePolicies: kinds.imagePolicies.reading,
      imageUpdateAutomations: kinds.imageUpdateAutomations.reading,
      deployments: kinds.deployments.reading,
      replicaSets: ofDeployments(kinds.replicaSets.reading),
      pods: ofDeployments(kinds.pods.reading),
      ...(gaps.length === 0 ? {} : { gaps }),
    };
  }

  /** Lists everything again now; resolves when all kinds have answered or failed. Never rejects. */
  async refresh(): Promise<void> {
    const { pods, replicaSets, ...others } = this.#kinds;
    await Promise.all(Object.values(others).map(async (kind) => await kind.refresh()));
    this.#lookForPods();
    await Promise.all([pods.refresh(), replicaSets.refresh()]);
  }

  /** Limits what is read to what the files speak of. */
  lookAt(shown: Shown): void {
    this.#shown = shown;
    const { pods: _pods, replicaSets: _replicaSets, ...others } = this.#kinds;
    for (const kind of Object.values(others)) {
      kind.configure({ labelSelectors: [''], namespaces: shown.namespaces.get(kind.name) ?? [] });
    }
    this.#deployments = undefined;
    this.#lookForPods();
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #changed(): void {
    const known = valueOf(this.#kinds.deployments.reading);
    if (this.#looking === undefined && known !== this.#deployments) {
      // The first Deployments are waited for; later ones change all the time, and rarely their labels.
      const wait = this.#deployments === undefined ? 0 : lookMs;
      this.#looking = this.#options.clock.after(wait, () => {
        this.#looking = undefined;
        this.#lookForPods();
      });
    }
    this.#options.onChange();
  }

  #lookForPods(): void {
    const deployments = valueOf(this.#kinds.deployments.reading);
    if (deployments === this.#deployments && deployments !== undefined) return;
    this.#deployments = deployments;
    const labelSelectors = podSelectors(deployments ?? [], this.#shown.images);
    const scope = { labelSelectors, namespaces: this.#shown.namespaces.get('Deployment') ?? [] };
    this.#kinds.replicaSets.configure(scope);
    this.#kinds.pods.configure(scope);
  }
}

function watchAll(options: ClusterSourceOptions) {
  const found = discovery(options.reader, options.clock);
  const watch = <T extends { readonly meta: Meta }>(
    group: string,
    kind: string,
    decode: (object: JsonObject) => T | undefined,
  ) => new WatchedKind<T>({ ...options, discovery: found, wanted: { group, kind }, decode });
  const flux = <K extends FluxKind['kind']>(group: string, kind: K) =>
    watch<Extract<FluxKind, { kind: K }>>(group, kind, (object) => {
      const decoded = decodeFluxObject(object);
      return decoded !== undefined && isKind(decoded, kind) ? decoded : undefined;
    });
  return {
    gitRepositories: flux('source.toolkit.fluxcd.io', 'GitRepository'),
    kustomizations: flux('kustomize.toolkit.fluxcd.io', 'Kustomization'),
    imageRepositories: flux('image.toolkit.fluxcd.io', 'ImageRepository'),
    imagePolicies: flux('image.toolkit.fluxcd.io', 'ImagePolicy'),
    imageUpdateAutomations: flux('image.toolkit.fluxcd.io', 'ImageUpdateAutomation'),
    deployments: watch('apps', 'Deployment', decodeDeployment),
    replicaSets: watch('apps', 'ReplicaSet', decodeReplicaSet),
    pods: watch('', 'Pod', decodePod),
  };
}

function isKind<K extends FluxKind['kind']>(object: FluxKind, kind: K): object is Extract<FluxKind, { kind: K }> {
  return object.kind === kind;
}

/** The facts of a context that cannot even be connected to. */
export function unknownCluster(context: string, problem: Problem): ClusterFacts {
  return {
    context,
    gitRepositories: unknown(problem),
    kustomizations: unknown(problem),
    imageRepositories: unknown(problem),
    imagePolicies: unknown(problem),
    imageUpdateAutomations: unknown(problem),
    deployments: unknown(problem),
    replicaSets: unknown(problem),
    pods: unknown(problem),
  };
}
