// The emergency undo: an earlier image in the cluster at once, ahead of Git. It lasts until Flux applies Git again, so it goes
// together with a rollback in Git, and is done on the user's explicit word alone.
import { containersOf, findObject } from '../fleet/liveObjects';
import type { Facts } from '../model/facts';
import type { Fleet, PlacementId } from '../model/fleet';
import { canonicalImage, formatImage, parseImage } from '../model/image';
import { valueOf } from '../model/reading';
import type { RolloutUndo } from './applyCluster';
import { type Refusal, refuse } from './plan';

export interface UndoPlan {
  readonly kind: 'undo';
  readonly title: string;
  readonly context: string;
  readonly undo: RolloutUndo;
  readonly target: PlacementId & { readonly tag: string };
  /** Lines for the confirmation. */
  readonly summary: readonly string[];
}

export function planUndo(
  fleet: Fleet,
  facts: Facts,
  { service, environment, tag }: PlacementId & { readonly tag: string },
): UndoPlan | Refusal {
  const placement = fleet.environments
    .find(({ name }) => name === environment)
    ?.placements.find((one) => one.service === service);
  const { context, workload, image = '' } = placement ?? {};
  const deployment = findObject(facts.clusters.get(context ?? '')?.deployments, workload);
  if (context === undefined || deployment === undefined) {
    return refuse(`What runs ${service} in ${environment} is not known: no Deployment of it is seen in a cluster.`);
  }
  const { name, namespace, generation } = deployment.meta;
  const tags = valueOf(facts.registry.get(canonicalImage(image)))?.tags;
  if (tags?.includes(tag) === false) return refuse(`${tag} is not in the registry any more.`, 'Choose another tag.');
  const others = containersOf(deployment, image).filter((one) => parseImage(one.image).tag !== tag);
  if (others.length === 0) return refuse(`${namespace}/${name} runs ${tag} already.`);
  if (generation === undefined)
    return refuse(`Which version of ${namespace}/${name} this is about is not known.`, 'Refresh.');
  const images = new Map(
    others.map((one) => [one.name, formatImage({ name: parseImage(one.image).name, tag })] as const),
  );
  return {
    kind: 'undo',
    title: `Run ${tag} in ${environment} now`,
    context,
    undo: { deployment: { kind: 'Deployment', name, namespace }, images, generation },
    target: { service, environment, tag },
    summary: [
      `Deployment ${namespace}/${name} in ${context} runs ${tag} at once, ahead of Git.`,
      'It lasts until Flux applies Git again, at its next interval or with any commit: roll back in Git as well.',
      ...(placement?.blockage === undefined
        ? []
        : [
            `It ends the wait of the Kustomization ${placement.blockage.kustomization.name} for the health of the bad version.`,
          ]),
    ],
  };
}
