// What one context of the kubeconfig shows: Flux's objects and the workloads, each kind a reading of its own.
// Read only. Raw objects are dropped as soon as they are decoded.
import type { Clock } from '../base/clock';
import type { JsonObject } from '../base/json';
import type { KubeWatcher } from '../base/kubernetes/client';
import { type Disposable, Lifetime } from '../base/lifetime';
import type { Logger } from '../base/logger';
import { decodeFluxObject } from '../manifests/fluxObjects';
import { decodeDeployment, decodePod, decodeReplicaSet } from '../manifests/workloads';
import type { ClusterFacts } from '../model/facts';
import type { FluxKind } from '../model/flux';
import type { Problem } from '../model/problem';
import { unknown } from '../model/reading';
import { discovery } from './discovery';
import { WatchedKind } from './watchedKind';

export interface ClusterSourceOptions {
  readonly reader: KubeWatcher;
  /** After every change, and often: the listener coalesces. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Watches from its construction until it is disposed. */
export class ClusterSource implements Disposable {
  readonly #context: string;
  readonly #lifetime = new Lifetime();
  readonly #kinds: ReturnType<typeof watchAll>;

  constructor(options: ClusterSourceOptions) {
    this.#context = options.reader.context;
    this.#kinds = watchAll(options);
    for (const kind of Object.values(this.#kinds)) this.#lifetime.add(kind);
  }

  get facts(): ClusterFacts {
    const kinds = this.#kinds;
    return {
      context: this.#context,
      gitRepositories: kinds.gitRepositories.reading,
      kustomizations: kinds.kustomizations.reading,
      imageRepositories: kinds.imageRepositories.reading,
      imagePolicies: kinds.imagePolicies.reading,
      imageUpdateAutomations: kinds.imageUpdateAutomations.reading,
      deployments: kinds.deployments.reading,
      replicaSets: kinds.replicaSets.reading,
      pods: kinds.pods.reading,
    };
  }

  /** Lists everything again now; resolves when all kinds have answered or failed. Never rejects. */
  async refresh(): Promise<void> {
    await Promise.all(Object.values(this.#kinds).map(async (kind) => await kind.refresh()));
  }

  dispose(): void {
    this.#lifetime.dispose();
  }
}

function watchAll(options: ClusterSourceOptions) {
  const found = discovery(options.reader, options.clock);
  const watch = <T>(group: string, kind: string, decode: (object: JsonObject) => T | undefined) =>
    new WatchedKind<T>({ ...options, discovery: found, wanted: { group, kind }, decode });
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
