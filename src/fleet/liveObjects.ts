// The cluster's objects of one placement, each a reading of its own: a kind that is not allowed dims only what needs it.
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
import { mapReading, type Reading, unknown, valueOf } from '../model/reading';
import { type DeclaredPlacement, keyOf, writesMarker } from './placements';
import type { Sight } from './sight';

export interface LiveObjects {
  readonly policy: Reading<ImagePolicy | undefined>;
  readonly imageRepository: Reading<ImageRepository | undefined>;
  readonly automation: Reading<ImageUpdateAutomation | undefined>;
  /** All of the cluster: which of them write, or would. Seldom asked: whoever asks is derived anew with each event of one. */
  readonly automations: Reading<readonly ImageUpdateAutomation[]>;
  readonly kustomization: Reading<Kustomization | undefined>;
  /** All of the cluster: what the placement's own depends on. Seldom asked, for the same reason. */
  readonly kustomizations: Reading<readonly Kustomization[]>;
  readonly gitRepository: Reading<GitRepository | undefined>;
  /** All of the cluster: where an automation writes. Seldom asked, for the same reason. */
  readonly gitRepositories: Reading<readonly GitRepository[]>;
  readonly deployment: Reading<Deployment | undefined>;
  readonly pods: Reading<readonly Pod[]>;
}

export function findLiveObjects(placement: DeclaredPlacement, sight: Sight): LiveObjects {
  const { policyReference } = placement;
  const policy = sight.named('ImagePolicy', policyReference);
  const kustomization = sight.named('Kustomization', placement.kustomization);
  const deployment = findDeployment(sight, placement, valueOf(kustomization));
  const reference = valueOf(policy)?.repositoryRef ?? placement.policy?.object.repositoryRef;
  // By the policy's reference; where nobody knows the policy, nobody knows which one it would be.
  const isLost = reference === undefined && policy.state === 'unknown';
  return {
    policy,
    imageRepository: isLost ? policy : sight.named('ImageRepository', reference),
    automation: findAutomation(sight, policy, placement),
    get automations() {
      return sight.all('ImageUpdateAutomation');
    },
    kustomization,
    get kustomizations() {
      return sight.all('Kustomization');
    },
    gitRepository: findSource(sight, kustomization),
    get gitRepositories() {
      return sight.all('GitRepository');
    },
    deployment,
    pods: findPods(sight, deployment),
  };
}

/** The declared one; else any that writes the marker: it may be declared in another repository. */
function findAutomation(
  sight: Sight,
  policy: Reading<ImagePolicy | undefined>,
  { automation, marker, policy: declared, policyReference }: DeclaredPlacement,
): Reading<ImageUpdateAutomation | undefined> {
  if (automation !== undefined) return sight.named('ImageUpdateAutomation', automation.object.meta);
  const selected = valueOf(policy) ?? declared?.object;
  const namespace = (marker ?? policyReference)?.namespace ?? '';
  return sight.firstIn(
    'ImageUpdateAutomation',
    namespace,
    (one) => marker !== undefined && writesMarker(one, marker, selected),
  );
}

function findSource(
  sight: Sight,
  kustomization: Reading<Kustomization | undefined>,
): Reading<GitRepository | undefined> {
  if (kustomization.state === 'unknown') return kustomization;
  const source = kustomization.value?.sourceRef;
  if (source?.kind === 'GitRepository') return sight.named('GitRepository', source);
  return unknown({
    code: 'kind-not-read',
    message:
      source === undefined
        ? 'Its Kustomization does not exist in the cluster, so there is no source to look at.'
        : `It comes from ${source.kind} ${keyOf(source)}; only GitRepositories are read.`,
  });
}

/** They run their pods themselves: no Deployment is made for them. */
const runsItself: ReadonlySet<string> = new Set(['StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Pod']);

/** The declared Deployment; for what a chart or an operator makes, any Deployment of its namespace with that image. */
function findDeployment(
  sight: Sight,
  { workload, image }: DeclaredPlacement,
  kustomization: Kustomization | undefined,
): Reading<Deployment | undefined> {
  if (kustomization?.isRemote === true) {
    return unknown({
      code: 'kind-not-read',
      message: `Kustomization ${keyOf(kustomization.meta)} applies to another cluster (\`spec.kubeConfig\`): what runs there is not seen from here.`,
    });
  }
  if (workload === undefined || workload.kind === 'Deployment') return sight.named('Deployment', workload);
  if (runsItself.has(workload.kind)) {
    const { kind, namespace, name } = workload;
    return unknown({
      code: 'kind-not-read',
      message: `Only Deployments are read, so nobody here knows whether ${kind} ${keyOf(workload)} runs what is written. See \`kubectl -n ${namespace} get ${kind.toLowerCase()} ${name} -o wide\`.`,
    });
  }
  const found = sight.firstIn('Deployment', workload.namespace, (one) => containersOf(one, image).length > 0);
  if (found.state === 'unknown' || found.value !== undefined) return found;
  return unknown({
    code: 'kind-not-read',
    message: `${workload.kind} ${keyOf(workload)} makes no Deployment with this image; only Deployments are read.`,
  });
}

/** Through its ReplicaSets; none where there is no Deployment. */
function findPods(sight: Sight, deployment: Reading<Deployment | undefined>): Reading<readonly Pod[]> {
  if (deployment.state === 'unknown') return deployment;
  const owner = deployment.value;
  if (owner === undefined) return { ...deployment, value: [] };
  const sets = sight.ownedBy('ReplicaSet', owner.meta);
  if (sets.state === 'unknown') return sets;
  const [first, ...others] = sets.value.map((set) => sight.ownedBy('Pod', set.meta));
  if (first === undefined) return { ...sets, value: [] };
  return mapReading(first, (pods) => [...pods, ...others.flatMap((reading) => valueOf(reading) ?? [])]);
}

/** The object as it was seen last; undefined where it does not exist or its kind is not known. */
export function findObject<T extends { readonly meta: Meta }>(
  reading: Reading<readonly T[]> | undefined,
  reference: Pick<ObjectReference, 'name' | 'namespace'> | undefined,
): T | undefined {
  return reference && valueOf(reading)?.find(({ meta }) => keyOf(meta) === keyOf(reference));
}

/** The containers that run the image, whatever its tag. */
export function containersOf({ containers }: Deployment, image: string): readonly Container[] {
  return containers.filter(({ image: one }) => isOfImage(one, image));
}

/** Whether a reference names the image, whatever its tag. */
export function isOfImage(reference: string, image: string): boolean {
  return canonicalImage(parseImage(reference).name) === canonicalImage(image);
}

/**
 * The containers that ought to run the written tag: by the names that the manifests build to, so that one is known also where
 * somebody has given it another image; where those do not tell, by the image.
 */
export function writtenContainers(
  deployment: Deployment,
  { builtImages, image, workload, written }: DeclaredPlacement,
): readonly Container[] {
  const names = new Set(
    builtImages.flatMap((one) =>
      workload?.kind === one.kind && keyOf(workload) === keyOf(one) && parseImage(one.image).tag === written?.tag
        ? [one.container]
        : [],
    ),
  );
  const named = deployment.containers.filter(({ name }) => names.has(name));
  return named.length > 0 ? named : containersOf(deployment, image);
}
