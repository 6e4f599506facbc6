// The cluster's objects as one placement looks at them. Each look is noted with what it saw: while all of them would see the
// same again, nothing that was derived from them has changed. A look is as narrow as its question, so that an event of one
// object concerns few.
import type { ClusterFacts } from '../model/facts';
import type {
  Deployment,
  GitRepository,
  ImagePolicy,
  ImageRepository,
  ImageUpdateAutomation,
  Kustomization,
  Meta,
  Pod,
  ReplicaSet,
} from '../model/flux';
import type { Problem } from '../model/problem';
import { mapReading, problemOf, type Reading, unknown, valueOf } from '../model/reading';
import type { ObjectIndex, ObjectKey } from './objectIndex';

interface SeenKinds {
  readonly GitRepository: GitRepository;
  readonly Kustomization: Kustomization;
  readonly ImageRepository: ImageRepository;
  readonly ImagePolicy: ImagePolicy;
  readonly ImageUpdateAutomation: ImageUpdateAutomation;
  readonly Deployment: Deployment;
  readonly ReplicaSet: ReplicaSet;
  readonly Pod: Pod;
}

type Kind = keyof SeenKinds;

const readings: { readonly [K in Kind]: (cluster: ClusterFacts) => Reading<readonly SeenKinds[K][]> } = {
  GitRepository: ({ gitRepositories }) => gitRepositories,
  Kustomization: ({ kustomizations }) => kustomizations,
  ImageRepository: ({ imageRepositories }) => imageRepositories,
  ImagePolicy: ({ imagePolicies }) => imagePolicies,
  ImageUpdateAutomation: ({ imageUpdateAutomations }) => imageUpdateAutomations,
  Deployment: ({ deployments }) => deployments,
  ReplicaSet: ({ replicaSets }) => replicaSets,
  Pod: ({ pods }) => pods,
};

interface Look<K extends Kind> {
  readonly kind: K;
  /** A kind is known as far as the user may look into the namespace where its object lives. */
  readonly namespace: string | undefined;
  /** Only the objects with this key; all of them where there is none. */
  readonly by?: readonly [by: ObjectKey, key: string];
  /** Of those the first that is it. */
  readonly isIt?: (object: SeenKinds[K]) => boolean;
}

type Cluster = ClusterFacts | Problem;

/** Whether a look sees the same objects in the same state in both; when they were last seen does not matter. */
type SeesTheSame = (before: ClusterFacts, now: ClusterFacts) => boolean;

export class Sight {
  /** In which everything looked for was last seen to be the same. */
  #cluster: Cluster;
  readonly #index: ObjectIndex;
  /** There are many, for as long as the fleet is shown: what they saw can be looked up again in `#cluster`. */
  readonly #looks: SeesTheSame[] = [];

  constructor(cluster: Cluster, index: ObjectIndex) {
    this.#cluster = cluster;
    this.#index = index;
  }

  all<K extends Kind>(kind: K): Reading<readonly SeenKinds[K][]> {
    return this.#look({ kind, namespace: undefined });
  }

  /** Undefined for no such object, and for no name at all. */
  named<K extends Kind>(
    kind: K,
    name: { readonly namespace: string; readonly name: string } | undefined,
  ): Reading<SeenKinds[K] | undefined> {
    const key = name === undefined ? '' : `${name.namespace}/${name.name}`;
    return mapReading(this.#look({ kind, namespace: name?.namespace, by: ['name', key] }), ([first]) => first);
  }

  /** The first of a namespace that is what is looked for. */
  firstIn<K extends Kind>(
    kind: K,
    namespace: string,
    isIt: (object: SeenKinds[K]) => boolean,
  ): Reading<SeenKinds[K] | undefined> {
    return mapReading(this.#look({ kind, namespace, by: ['namespace', namespace], isIt }), ([first]) => first);
  }

  ownedBy<K extends Kind>(kind: K, { uid = '', namespace }: Meta): Reading<readonly SeenKinds[K][]> {
    return this.#look({ kind, namespace, by: ['owner', uid] });
  }

  isSameIn(cluster: Cluster): boolean {
    const isSame = this.#wouldSeeTheSame(this.#cluster, cluster);
    if (isSame) this.#cluster = cluster;
    return isSame;
  }

  #wouldSeeTheSame(before: Cluster, now: Cluster): boolean {
    if ('code' in before || 'code' in now) return 'code' in before && 'code' in now && before.message === now.message;
    return this.#looks.every((seesTheSame) => seesTheSame(before, now));
  }

  #look<K extends Kind>(look: Look<K>): Reading<readonly SeenKinds[K][]> {
    this.#looks.push((before, now) => this.#seesTheSame(look, before, now));
    return mapReading(readingOf(this.#cluster, look), (all) => this.#find(all, look));
  }

  /** Only kinds of which there is news are looked at again, and there only objects of which there is. */
  #seesTheSame<K extends Kind>(look: Look<K>, before: ClusterFacts, now: ClusterFacts): boolean {
    const { kind, by } = look;
    if (now.gaps === before.gaps && readings[kind](now) === readings[kind](before)) return true;
    const [was, is] = [readingOf(before, look), readingOf(now, look)];
    if (was.state !== is.state || problemOf(was)?.message !== problemOf(is)?.message) return false;
    const [known, all] = [valueOf(was) ?? none, valueOf(is) ?? none];
    if (by !== undefined && !this.#index.hasNews(known, all, ...by)) return true;
    return isSameList(this.#find(known, look), this.#find(all, look));
  }

  #find<K extends Kind>(all: readonly SeenKinds[K][], { by, isIt }: Look<K>): readonly SeenKinds[K][] {
    const found = by === undefined ? all : this.#index.places(all, ...by).flatMap((place) => all[place] ?? []);
    if (isIt === undefined) return found;
    const first = found.find(isIt);
    return first === undefined ? [] : [first];
  }
}

const none: readonly never[] = [];

function readingOf<K extends Kind>(cluster: Cluster, { kind, namespace }: Look<K>): Reading<readonly SeenKinds[K][]> {
  if ('code' in cluster) return unknown(cluster);
  const gap = cluster.gaps?.find((one) => one.kind === kind && one.namespace === namespace);
  return gap === undefined ? readings[kind](cluster) : unknown(gap.problem);
}

function isSameList(one: readonly object[], other: readonly object[]): boolean {
  return one === other || (one.length === other.length && one.every((object, at) => object === other[at]));
}
