// The cluster's objects as one placement looks at them. Each look is noted: while all of them would see the same again, nothing
// that was derived from them has changed. A look is as narrow as its question, so that an event of one object concerns few.
import { isSameList } from '../model/collections';
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
import { hasSameTrouble, mapReading, type Reading, unknown, valueOf } from '../model/reading';
import { type ObjectIndex, type ObjectKey, objectKeys } from './objectIndex';

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

const kinds = Object.keys(readings).filter((name): name is Kind => name in readings);

interface Look<K extends Kind> {
  readonly kind: K;
  /** A kind is known as far as the user may look into the namespace where its object lives. */
  readonly namespace: string | undefined;
  /** Only the objects with this key; all of them where there is none. */
  readonly by?: readonly [by: ObjectKey, key: string];
  /** Of those the first that is it. */
  readonly isIt?: (object: SeenKinds[K]) => boolean;
}

export type SeenCluster = ClusterFacts | Problem;

/** A look that was taken. There are many, for as long as the fleet is shown: of what it saw nothing is kept. */
export interface TakenLook {
  /** As `newsOfCluster` has it. */
  readonly of: string;
  /** Whether it sees the same objects in the same state in both; when they were last seen does not matter. */
  seesTheSame(before: ClusterFacts, now: ClusterFacts): boolean;
}

export class Sight {
  readonly taken: TakenLook[] = [];
  readonly #cluster: SeenCluster;
  readonly #index: ObjectIndex;

  constructor(cluster: SeenCluster, index: ObjectIndex) {
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

  #look<K extends Kind>(look: Look<K>): Reading<readonly SeenKinds[K][]> {
    this.taken.push(take(look, this.#index));
    return mapReading(readingOf(this.#cluster, look), (all) => find(all, look, this.#index));
  }
}

export function seeTheSame(taken: readonly TakenLook[], before: SeenCluster, now: SeenCluster): boolean {
  if (before === now) return true;
  if ('code' in before || 'code' in now) return 'code' in before && 'code' in now && before.message === now.message;
  return taken.every((look) => look.seesTheSame(before, now));
}

/**
 * Which looks may see something else now, by their `of`. Undefined where a cluster, kind or namespace has fallen silent or
 * speaks again: then all of them may.
 */
export function newsOfCluster(
  before: SeenCluster,
  now: SeenCluster,
  index: ObjectIndex,
): ReadonlySet<string> | undefined {
  const news = new Set<string>();
  if (before === now) return news;
  if ('code' in before || 'code' in now || before.gaps !== now.gaps) return undefined;
  for (const kind of kinds) {
    const was: Reading<readonly { readonly meta: Meta }[]> = readings[kind](before);
    const is: typeof was = readings[kind](now);
    if (!hasSameTrouble(was, is)) return undefined;
    const [known, all] = [valueOf(was) ?? none, valueOf(is) ?? none];
    if (known === all) continue;
    news.add(topic(kind));
    const touched = index.news(known, all);
    for (const by of objectKeys) for (const key of touched(by)) news.add(topic(kind, [by, key]));
  }
  return news;
}

function topic(kind: Kind, by?: readonly [ObjectKey, string]): string {
  return by === undefined ? kind : `${kind} ${by[0]} ${by[1]}`;
}

/** Only kinds of which there is news are looked at again, and there only objects of which there is. */
function take<K extends Kind>(look: Look<K>, index: ObjectIndex): TakenLook {
  const { kind, by } = look;
  return {
    of: topic(kind, by),
    seesTheSame: (before, now) => {
      if (now.gaps === before.gaps && readings[kind](now) === readings[kind](before)) return true;
      const [was, is] = [readingOf(before, look), readingOf(now, look)];
      if (!hasSameTrouble(was, is)) return false;
      const [known, all] = [valueOf(was) ?? none, valueOf(is) ?? none];
      if (known === all || (by !== undefined && !index.news(known, all)(by[0]).has(by[1]))) return true;
      return isSameList(find(known, look, index), find(all, look, index));
    },
  };
}

function find<K extends Kind>(
  all: readonly SeenKinds[K][],
  { by, isIt }: Look<K>,
  index: ObjectIndex,
): readonly SeenKinds[K][] {
  const found = by === undefined ? all : index.places(all, ...by).flatMap((place) => all[place] ?? []);
  if (isIt === undefined) return found;
  const first = found.find(isIt);
  return first === undefined ? [] : [first];
}

const none: readonly never[] = [];

function readingOf<K extends Kind>(
  cluster: SeenCluster,
  { kind, namespace }: Look<K>,
): Reading<readonly SeenKinds[K][]> {
  if ('code' in cluster) return unknown(cluster);
  const gap = cluster.gaps?.find((one) => one.kind === kind && one.namespace === namespace);
  return gap === undefined ? readings[kind](cluster) : unknown(gap.problem);
}
