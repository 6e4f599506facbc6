// The cluster's objects of one placement, each a reading of its own: a kind that is not allowed dims only what needs it.
import type { ClusterFacts } from '../model/facts';
import type {
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
import { type DeclaredPlacement, keyOf } from './placements';

export interface LiveObjects {
  readonly policy: Reading<ImagePolicy | undefined>;
  readonly imageRepository: Reading<ImageRepository | undefined>;
  readonly automation: Reading<ImageUpdateAutomation | undefined>;
  readonly kustomization: Reading<Kustomization | undefined>;
  readonly gitRepository: Reading<GitRepository | undefined>;
  readonly deployment: Reading<Deployment | undefined>;
  readonly pods: Reading<readonly Pod[]>;
}

export function findLiveObjects(placement: DeclaredPlacement, cluster: ClusterFacts | Problem): LiveObjects {
  if ('code' in cluster) {
    const dark = unknown<never>(cluster);
    return {
      policy: dark,
      imageRepository: dark,
      automation: dark,
      kustomization: dark,
      gitRepository: dark,
      deployment: dark,
      pods: dark,
    };
  }
  const policy = pick(cluster.imagePolicies, placement.policyReference);
  const repositoryReference = valueOf(policy)?.repositoryRef ?? placement.policy?.object.repositoryRef;
  const kustomization = pick(cluster.kustomizations, placement.kustomization);
  const deployment = mapReading(cluster.deployments, (all) => all.find((one) => runsPlacement(one, placement)));
  const owner = valueOf(deployment);
  const replicaSets = valueOf(cluster.replicaSets) ?? [];
  const sets = new Set(replicaSets.filter((set) => isOwnedBy(set.meta, owner?.meta.uid)).map((set) => set.meta.uid));
  return {
    policy,
    imageRepository: pick(cluster.imageRepositories, repositoryReference),
    automation: pick(cluster.imageUpdateAutomations, placement.automation?.object.meta),
    kustomization,
    gitRepository: pick(cluster.gitRepositories, valueOf(kustomization)?.sourceRef),
    deployment,
    pods: mapReading(cluster.pods, (all) => all.filter((pod) => pod.meta.owners.some((one) => sets.has(one.uid)))),
  };
}

function pick<T extends { readonly meta: Meta }>(
  reading: Reading<readonly T[]>,
  reference: Pick<ObjectReference, 'name' | 'namespace'> | undefined,
): Reading<T | undefined> {
  return mapReading(reading, (all) =>
    reference === undefined ? undefined : all.find((one) => keyOf(one.meta) === keyOf(reference)),
  );
}

function isOwnedBy(meta: Meta, uid: string | undefined): boolean {
  return uid !== undefined && meta.owners.some((owner) => owner.uid === uid);
}

/** The declared Deployment; for what a chart or an operator makes, any Deployment of its namespace with that image. */
function runsPlacement(deployment: Deployment, { workload, image }: DeclaredPlacement): boolean {
  if (workload === undefined) return false;
  if (workload.kind === 'Deployment') return keyOf(deployment.meta) === keyOf(workload);
  return (
    deployment.meta.namespace === workload.namespace &&
    deployment.containers.some((one) => canonicalImage(parseImage(one.image).name) === canonicalImage(image))
  );
}
