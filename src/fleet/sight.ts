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
  /** What it finds depends on the objects with this key alone; on all of them where there is none. */
  readonly by?: readonly [by: ObjectKey, key: string];
  readonly find: (all: readonly SeenKinds[K][]) => readonly SeenKinds[K][];
}

type Cluster = ClusterFacts | Problem;

/** Whether a look would see the same objects in the same state as in `before`; when they were last seen does not matter. */
type Again = (before: ClusterFacts, now: ClusterFacts) => boolean;

export class Sight {
  /** In which everything looked for was last seen to be the same. */
  #cluster: Cluster;
  readonly #index: ObjectIndex;
  readonly #looks = new Map<Kind, Again[]>();

  constructor(cluster: Cluster, index: ObjectIndex) {
    this.#cluster = cluster;
    this.#index = index;
  }

  all<K extends Kind>(kind: K): Reading<readonly SeenKinds[K][]> {
    return this.#look({ kind, namespace: undefined, find: (all) => all });
  }

  /** Undefined for no such object, and for no name at all. */
  named<K extends Kind>(
    kind: K,
    name: { readonly namespace: string; readonly name: string } | undefined,
  ): Reading<SeenKinds[K] | undefined> {
    const key = name === undefined ? '' : `${name.namespace}/${name.name}`;
    return mapReading(this.#keyed(kind, name?.namespace, 'name', key), ([first]) => first);
  }

  /** The first of a namespace that is what is looked for. */
  firstIn<K extends Kind>(
    kind: K,
    namespace: string,
    isIt: (object: SeenKinds[K]) => boolean,
  ): Reading<SeenKinds[K] | undefined> {
    const find = (all: readonly SeenKinds[K][]) => {
      const first = this.#indexed(all, 'namespace', namespace).find(isIt);
      return first === undefined ? [] : [first];
    };
    return mapReading(this.#look({ kind, namespace, by: ['namespace', namespace], find }), ([first]) => first);
  }

  ownedBy<K extends Kind>(kind: K, { uid = '', namespace }: Meta): Reading<readonly SeenKinds[K][]> {
    return this.#keyed(kind, namespace, 'owner', uid);
  }

  /** Only kinds of which there is news are looked at again. */
  isSameIn(cluster: Cluster): boolean {
    const isSame = this.#wouldSeeTheSame(this.#cluster, cluster);
    if (isSame) this.#cluster = cluster;
    return isSame;
  }

  #wouldSeeTheSame(before: Cluster, now: Cluster): boolean {
    if ('code' in before || 'code' in now) return 'code' in before && 'code' in now && before.message === now.message;
    for (const [kind, looks] of this.#looks) {
      const isOld = now.gaps === before.gaps && readings[kind](now) === readings[kind](before);
      if (!isOld && !looks.every((again) => again(before, now))) return false;
    }
    return true;
  }

  #keyed<K extends Kind>(
    kind: K,
    namespace: string | undefined,
    by: ObjectKey,
    key: string,
  ): Reading<readonly SeenKinds[K][]> {
    return this.#look({ kind, namespace, by: [by, key], find: (all) => this.#indexed(all, by, key) });
  }

  #look<K extends Kind>(look: Look<K>): Reading<readonly SeenKinds[K][]> {
    const reading = readingOf(this.#cluster, look);
    const seen = mapReading(reading, look.find);
    const objects = valueOf(seen) ?? [];
    const again: Again = (before, cluster) => {
      const now = readingOf(cluster, look);
      if (now.state !== reading.state || problemOf(now)?.message !== problemOf(reading)?.message) return false;
      const all = valueOf(now) ?? none;
      const known = valueOf(readingOf(before, look)) ?? none;
      const hasNews = look.by === undefined || this.#index.hasNews(known, all, ...look.by);
      return !hasNews || isSameList(look.find(all), objects);
    };
    const others = this.#looks.get(look.kind);
    if (others === undefined) this.#looks.set(look.kind, [again]);
    else others.push(again);
    return seen;
  }

  #indexed<T extends { readonly meta: Meta }>(all: readonly T[], by: ObjectKey, key: string): readonly T[] {
    return this.#index.places(all, by, key).flatMap((place) => all[place] ?? []);
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
