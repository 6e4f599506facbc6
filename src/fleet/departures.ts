// What departs from Git, from the registry or from the environment before, and breaks no link of the chain: found so that it is
// known before it matters.
import type { ClusterFacts, RegistryImage } from '../model/facts';
import type { Departure, Environment, FollowedSource, Hold, Placement } from '../model/fleet';
import type { GitRepository, Meta } from '../model/flux';
import type { ImageTag } from '../model/image';
import { optional } from '../model/optional';
import { type Reading, valueOf } from '../model/reading';
import { branchOf, repositoryIdentity } from '../model/repositoryIdentity';
import { nameOf, refer } from './explain/diagnosis';
import type { LiveObjects } from './liveObjects';
import { mapPlacements } from './mapPlacements';
import { suspenderEvidence, writerOf } from './writerOf';

export interface DepartureScope {
  readonly image: string;
  readonly live: LiveObjects;
  readonly registry: Reading<RegistryImage> | undefined;
  readonly written: Reading<ImageTag | undefined>;
  readonly running: Reading<ImageTag | undefined>;
  readonly holds: readonly Hold[];
}

export function deriveDepartures(scope: DepartureScope): readonly Departure[] {
  return [tagMoved(scope), imageGone(scope), noReplicas(scope), ...suspensions(scope)].filter(
    (one) => one !== undefined,
  );
}

/** By which witness a tag is known to have moved. */
const movedWords = {
  git: {
    than: 'Git says',
    what: 'What Git says',
    remedy:
      'The digest holds the image that was written: see who pushed the tag again before anybody takes the digest away.',
  },
  pods: {
    than: 'the one that runs',
    what: 'What the pods run',
    remedy:
      'A pod that starts anew gets the other image: see who pushed the tag again, and give the build that you want a tag of its own.',
  },
};

/** By the digest that Git holds beside the tag, else by what the pods say. A platform's image is no other image than its index. */
function tagMoved({ image, registry, written, running }: DepartureScope): Departure | undefined {
  const images = valueOf(registry);
  const inGit = valueOf(written)?.digest === undefined ? undefined : valueOf(written);
  const held = inGit ?? valueOf(running);
  const now = images && held && images.digests.get(held.tag);
  if (held?.digest === undefined || now?.state !== 'known' || now.value === held.digest) return undefined;
  if (inGit === undefined) {
    const content = valueOf(images?.contents?.get(now.value));
    const names = content?.manifests.flatMap(({ digest, configuration }) => [digest, configuration]);
    if (names === undefined || names.includes(held.digest)) return undefined;
  }
  const { than, what, remedy } = movedWords[inGit === undefined ? 'pods' : 'git'];
  return {
    kind: 'tag-moved',
    text: `${held.tag} is another image in the registry than ${than}`,
    evidence: [
      { of: `Registry, ${image}:${held.tag}`, text: now.value, at: now.at },
      { of: what, text: held.digest },
    ],
    remedy,
  };
}

/** Of the running tag; what is selected or written and missing breaks the chain. */
function imageGone({ image, registry, written, running }: DepartureScope): Departure | undefined {
  const tag = valueOf(running)?.tag;
  if (registry?.state !== 'known' || tag === undefined || tag === valueOf(written)?.tag) return undefined;
  if (registry.value.tags.includes(tag)) return undefined;
  return {
    kind: 'image-gone',
    text: `${tag} runs, and is not in the registry any more`,
    evidence: [
      {
        of: `Registry, ${image}`,
        text: `${registry.value.tags.length} tags, ${tag} is not among them`,
        at: registry.at,
      },
    ],
    remedy: 'No new pod can start with it: let the written tag roll out, or push this one again.',
  };
}

/** Rolled out by all that Kubernetes says of it, and nothing runs. */
function noReplicas({ live }: DepartureScope): Departure | undefined {
  const deployment = valueOf(live.deployment);
  if (deployment?.replicas !== 0) return undefined;
  const object = refer(deployment);
  return {
    kind: 'no-replicas',
    text: `${nameOf(object)} has 0 replicas: nothing runs`,
    object,
    evidence: [{ of: `${nameOf(object)}, spec.replicas`, text: '0' }],
    remedy: 'Where that is not meant, scale it up. Flux puts the number back only where the manifest in Git names one.',
  };
}

function suspensions({ live, holds }: DepartureScope): readonly Departure[] {
  const objects = [live.imageRepository, live.policy, live.automation, live.gitRepository, live.kustomization];
  return objects.flatMap((reading) => {
    const object = valueOf<{ readonly kind: string; readonly meta: Meta; readonly isSuspended: boolean } | undefined>(
      reading,
    );
    if (object?.isSuspended !== true) return [];
    const reference = refer(object);
    const commit = holds.find(({ object: held }) => nameOf(held) === nameOf(reference))?.commit;
    const writer = writerOf(object.meta, 'spec.suspend');
    return [
      {
        kind: 'suspended',
        text: `${nameOf(reference)} is suspended`,
        object: reference,
        ...optional('since', commit?.at ?? writer?.at),
        evidence: [
          ...(commit === undefined
            ? []
            : [
                {
                  of: `Commit ${commit.hash.slice(0, 7)} by ${commit.author.name}`,
                  text: commit.subject,
                  at: commit.at,
                },
              ]),
          ...suspenderEvidence(writer),
        ],
        remedy: 'Resume it where its reason is over.',
      },
    ];
  });
}

/** Another Kustomization has the workload in its inventory: whoever of the two ran last has its way. Asked only when explained. */
export function findContest(
  cluster: ClusterFacts | undefined,
  { kustomization, workload }: Placement,
): Departure | undefined {
  if (kustomization === undefined || workload?.kind !== 'Deployment') return undefined;
  const id = `${workload.namespace}_${workload.name}_apps_Deployment`;
  const others = (valueOf(cluster?.kustomizations) ?? []).filter(
    (one) => one.inventory.includes(id) && one.isRemote !== true && nameOf(refer(one)) !== nameOf(kustomization),
  );
  if (others.length === 0) return undefined;
  const names = others.map((one) => nameOf(refer(one))).join(' and ');
  return {
    kind: 'contested',
    text: `${names} ${others.length === 1 ? 'applies' : 'apply'} ${nameOf(workload)} too`,
    evidence: others.map((one) => ({ of: `Inventory of ${nameOf(refer(one))}`, text: id })),
    remedy: `Whichever ran last has its way: take it out of ${names}, or out of ${nameOf(kustomization)}.`,
  };
}

/** With what tells only beside the environment before: a service's environments follow one branch of one repository. */
export function withSourcesApart(environments: readonly Environment[]): readonly Environment[] {
  const before = new Map<string, Placement>();
  return mapPlacements(environments, (placement) => {
    const { source, service, environment } = placement;
    if (source === undefined) return placement;
    const other = before.get(service);
    before.set(service, placement);
    if (other?.source === undefined || other.source.text === source.text) return placement;
    const departure: Departure = {
      kind: 'source-apart',
      text: `${environment} follows ${source.text}, ${other.environment} follows ${other.source.text}`,
      object: source.object,
      evidence: [other.source, source].map(({ object, text }) => ({ of: nameOf(object), text })),
      remedy:
        'Where that is not meant: let both Kustomizations name one source, or what was tested is not what is delivered.',
    };
    return { ...placement, departures: [...placement.departures, departure] };
  });
}

export function followedSource(source: GitRepository | undefined): FollowedSource | undefined {
  if (source === undefined) return undefined;
  const { ref, url } = source;
  const what = branchOf(source) ?? ref.commit ?? ref.semver ?? ref.tag ?? ref.name ?? '';
  return { object: refer(source), text: `${what} of ${repositoryIdentity(url)}` };
}

const dayMs = 86_400_000;

/** A suspension is told when it has lasted a day: till then somebody knows of it. */
export function toldDepartures({ departures }: Pick<Placement, 'departures'>, now: number): readonly Departure[] {
  return departures.filter(({ kind, since }) => kind !== 'suspended' || (since !== undefined && now - since > dayMs));
}
