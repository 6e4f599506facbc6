// The cluster's objects of one placement, each a reading of its own: a kind that is not allowed dims only what needs it.
import type { ClusterFacts } from '../model/facts';
import type {
  Container,
  Deployment,
  GitRepository,
  ImagePolicy,
  ImageRepository,
  ImageUpdateAutomation,
  Kustomization,
  Meta,
  ObjectReference,
  Pod,
} from '../model/flux';
import { canonicalImage, parseImage } from '../model/image';
import type { Problem } from '../model/problem';
import { mapReading, type Reading, unknown, valueOf } from '../model/reading';
import type { FleetMemory } from './fleetMemory';
import { indexObjects, type ObjectIndex } from './objectIndex';
import { type DeclaredPlacement, keyOf, writesMarker } from './placements';

export interface LiveObjects {
  readonly policy: Reading<ImagePolicy | undefined>;
  readonly imageRepository: Reading<ImageRepository | undefined>;
  readonly automation: Reading<ImageUpdateAutomation | undefined>;
  /** All of the cluster: which of them write, or would. */
  readonly automations: Reading<readonly ImageUpdateAutomation[]>;
  readonly kustomization: Reading<Kustomization | undefined>;
  /** All of the cluster: what the placement's own depends on. */
  readonly kustomizations: Reading<readonly Kustomization[]>;
  readonly gitRepository: Reading<GitRepository | undefined>;
  readonly deployment: Reading<Deployment | undefined>;
  readonly pods: Reading<readonly Pod[]>;
}

/** Looked up by many placements: remembered by the array. */
type IndexOf = (all: readonly { readonly meta: Meta }[]) => ObjectIndex;

export function findLiveObjects(
  placement: DeclaredPlacement,
  cluster: ClusterFacts | Problem,
  { indexes }: Pick<FleetMemory, 'indexes'>,
): LiveObjects {
  if ('code' in cluster) {
    const dark = unknown<never>(cluster);
    return {
      policy: dark,
      imageRepository: dark,
      automation: dark,
      automations: dark,
      kustomization: dark,
      kustomizations: dark,
      gitRepository: dark,
      deployment: dark,
      pods: dark,
    };
  }
  const seen = seenIn(cluster);
  const indexOf: IndexOf = (all) => indexes(all, [], () => indexObjects(all));
  const { workload } = placement;
  const { policyReference } = placement;
  const policy = pick(seen('ImagePolicy', cluster.imagePolicies, policyReference), policyReference, indexOf);
  const kustomization = pick(
    seen('Kustomization', cluster.kustomizations, placement.kustomization),
    placement.kustomization,
    indexOf,
  );
  const deployment = findDeployment(seen('Deployment', cluster.deployments, workload), placement, indexOf);
  const owner = valueOf(deployment);
  const replicaSets = seen('ReplicaSet', cluster.replicaSets, workload);
  const pods = seen('Pod', cluster.pods, workload);
  const reference = valueOf(policy)?.repositoryRef ?? placement.policy?.object.repositoryRef;
  const automations = seen(
    'ImageUpdateAutomation',
    cluster.imageUpdateAutomations,
    placement.marker ?? policyReference,
  );
  const source = valueOf(kustomization)?.sourceRef;
  const sets = ownedBy(valueOf(replicaSets) ?? [], owner, indexOf);
  return {
    policy,
    imageRepository: findImageRepository(
      seen('ImageRepository', cluster.imageRepositories, reference),
      policy,
      reference,
      indexOf,
    ),
    automation: findAutomation(automations, policy, placement, indexOf),
    automations: cluster.imageUpdateAutomations,
    kustomization,
    kustomizations: cluster.kustomizations,
    gitRepository: findSource(seen('GitRepository', cluster.gitRepositories, source), kustomization, indexOf),
    deployment,
    pods: mapReading(replicaSets.state === 'unknown' ? replicaSets : pods, (all) =>
      sets.flatMap((set) => ownedBy(all, set, indexOf)),
    ),
  };
}

/** A kind as far as it is known where the object lives: not every namespace may be open to the user. */
function seenIn({ gaps = [] }: ClusterFacts) {
  return <T>(
    kind: string,
    reading: Reading<readonly T[]>,
    at: { readonly namespace: string } | undefined,
  ): Reading<readonly T[]> => {
    const gap = gaps.find((one) => one.kind === kind && one.namespace === at?.namespace);
    return gap === undefined ? reading : unknown(gap.problem);
  };
}

/** By the policy's reference; where nobody knows the policy, nobody knows which one it would be. */
function findImageRepository(
  all: Reading<readonly ImageRepository[]>,
  policy: Reading<ImagePolicy | undefined>,
  reference: ObjectReference | undefined,
  indexOf: IndexOf,
): Reading<ImageRepository | undefined> {
  return reference === undefined && policy.state === 'unknown' ? policy : pick(all, reference, indexOf);
}

/** The declared one; else any that writes the marker: it may be declared in another repository. */
function findAutomation(
  all: Reading<readonly ImageUpdateAutomation[]>,
  policy: Reading<ImagePolicy | undefined>,
  { automation, marker, policy: declared }: DeclaredPlacement,
  indexOf: IndexOf,
): Reading<ImageUpdateAutomation | undefined> {
  if (automation !== undefined) return pick(all, automation.object.meta, indexOf);
  const selected = valueOf(policy) ?? declared?.object;
  return mapReading(all, (automations) =>
    automations.find((one) => marker !== undefined && writesMarker(one, marker, selected)),
  );
}

function findSource(
  all: Reading<readonly GitRepository[]>,
  kustomization: Reading<Kustomization | undefined>,
  indexOf: IndexOf,
): Reading<GitRepository | undefined> {
  if (kustomization.state === 'unknown') return kustomization;
  const source = kustomization.value?.sourceRef;
  if (source?.kind === 'GitRepository') return pick(all, source, indexOf);
  return unknown({
    code: 'kind-not-read',
    message:
      source === undefined
        ? 'Its Kustomization does not exist in the cluster, so there is no source to look at.'
        : `It comes from ${source.kind} ${keyOf(source)}; only GitRepositories are read.`,
  });
}

function pick<T extends { readonly meta: Meta }>(
  reading: Reading<readonly T[]>,
  reference: Pick<ObjectReference, 'name' | 'namespace'> | undefined,
  indexOf: IndexOf,
): Reading<T | undefined> {
  return mapReading(reading, (all) => {
    const place = reference && indexOf(all).placeOf(reference);
    return place === undefined ? undefined : all[place];
  });
}

function ownedBy<T extends { readonly meta: Meta }>(
  all: readonly T[],
  owner: { readonly meta: Meta } | undefined,
  indexOf: IndexOf,
): readonly T[] {
  const uid = owner?.meta.uid;
  return uid === undefined
    ? []
    : indexOf(all)
        .placesOwnedBy(uid)
        .flatMap((place) => all[place] ?? []);
}

/** The object as it was seen last; undefined where it does not exist or its kind is not known. */
export function findObject<T extends { readonly meta: Meta }>(
  reading: Reading<readonly T[]> | undefined,
  reference: Pick<ObjectReference, 'name' | 'namespace'> | undefined,
): T | undefined {
  return reading && valueOf(pick(reading, reference, indexObjects));
}

/** The declared Deployment; for what a chart or an operator makes, any Deployment of its namespace with that image. */
function findDeployment(
  all: Reading<readonly Deployment[]>,
  { workload, image }: DeclaredPlacement,
  indexOf: IndexOf,
): Reading<Deployment | undefined> {
  if (workload === undefined || workload.kind === 'Deployment') return pick(all, workload, indexOf);
  const found = mapReading(all, (deployments) =>
    deployments.find((one) => one.meta.namespace === workload.namespace && containersOf(one, image).length > 0),
  );
  if (found.state === 'unknown' || found.value !== undefined) return found;
  return unknown({
    code: 'kind-not-read',
    message: `${workload.kind} ${keyOf(workload)} makes no Deployment with this image; only Deployments are read.`,
  });
}

/** The containers that run the image, whatever its tag. */
export function containersOf({ containers }: Deployment, image: string): readonly Container[] {
  return containers.filter((one) => canonicalImage(parseImage(one.image).name) === canonicalImage(image));
}
