// The wrong environment: for what is written into a placement, path, marker, policy, automation and tag must agree.
// What pulled a foreign tag in is named with the edit that mends it.
import { applyEdits } from '../../manifests/edits';
import { editField } from '../../manifests/fieldEdits';
import type { Facts, RepositoryContent } from '../../model/facts';
import type { Fault, Repair } from '../../model/fault';
import type { Placement } from '../../model/fleet';
import type { ImagePolicy, ImageUpdateAutomation } from '../../model/flux';
import { canonicalImage } from '../../model/image';
import type { DeclaredObject, Marker, RepositoryManifests } from '../../model/manifest';
import { optional } from '../../model/optional';
import { valueOf } from '../../model/reading';
import { typingBudget } from '../../policy/prove';
import { findEnvironmentWord, isOtherEnvironment } from '../environments';
import { crossingText, findCrossing, type PolicyOfEnvironment } from '../hardStops';
import { findObject } from '../liveObjects';
import { isBelow, keyOf, writesMarker } from '../placements';
import { failedFault, nameOf, placeOf, refer } from './diagnosis';
import { historyStep } from './steps';

interface Scope {
  readonly facts: Facts;
  readonly placement: Placement;
  readonly content: RepositoryContent;
  readonly manifests: RepositoryManifests;
}

export function findCrossings(facts: Facts, placement: Placement): readonly Fault[] {
  const repository = facts.repositories.find(({ folder }) => folder === placement.writtenAt?.folder);
  const content = valueOf(repository?.content);
  if (content === undefined) return [];
  const scope = { facts, placement, content, manifests: content.manifests };
  const causes = [
    ...markerCrosses(scope),
    ...automationCrosses(scope),
    ...policyCrosses(scope),
    ...automationsConflict(scope),
  ];
  const tag = tagCrosses(scope);
  const [first, ...others] = causes;
  if (first === undefined) return tag === undefined ? [] : [tag];
  // The foreign tag is what the cause has done: one thing, said once.
  return [tag === undefined ? first : { ...first, evidence: [...first.evidence, ...tag.evidence] }, ...others];
}

function markerCrosses(scope: Scope): readonly Fault[] {
  const { placement } = scope;
  const marker = placement.writtenAt?.marker;
  if (marker === undefined || !isForeign(`${marker.namespace}/${marker.policy}`, placement)) return [];
  const own = ownPolicy(scope);
  return [
    failedFault('marker-crosses', `the marker takes its tag from ${marker.namespace}/${marker.policy}`, {
      place: { file: marker.file, line: marker.line },
      evidence: [{ of: `${marker.file}:${marker.line}`, text: marker.setter }],
      steps: [historyStep(marker.file)],
      remedy:
        own === undefined
          ? `Let the marker name the policy of ${placement.environment}.`
          : { text: `Let the marker name ${keyOf(own.object.meta)}.`, command: 'repair' },
      ...optional('repair', own && markerRepair(scope, marker, own)),
    }),
  ];
}

function markerRepair({ content }: Scope, marker: Marker, { object }: DeclaredObject<ImagePolicy>) {
  const before = content.files.get(marker.file);
  if (before === undefined) return undefined;
  const { start, end } = marker.comment;
  const part = marker.setter
    .split(':')
    .slice(2)
    .map((one) => `:${one}`)
    .join('');
  const setter = `${object.meta.namespace}:${object.meta.name}${part}`;
  const comment = before.slice(start, end).replace(marker.setter, setter);
  const after = applyEdits(before, [{ range: { start, end }, text: comment }]);
  return [{ file: marker.file, before, after }];
}

/** Automations of another environment whose path covers the file. */
function automationCrosses(scope: Scope): readonly Fault[] {
  const { placement, manifests, facts } = scope;
  const file = placement.writtenAt?.origin.file;
  if (file === undefined) return [];
  const live = valueOf(facts.clusters.get(placement.context ?? '')?.imageUpdateAutomations);
  const declared = ofKind<ImageUpdateAutomation>(manifests, 'ImageUpdateAutomation');
  const all = live ?? declared.map(({ object }) => object);
  return all.flatMap((automation) => {
    const name = keyOf(automation.meta);
    if (!isBelow(file, automation.updatePath) || !isForeign(name, placement)) return [];
    const inGit = declared.find(({ object }) => keyOf(object.meta) === name);
    const repair = inGit && pathRepair(scope, inGit);
    const text = `${nameOf(refer(automation))} covers ${file}`;
    return [
      failedFault('automation-crosses', text, {
        object: refer(automation),
        ...placeOf(inGit),
        evidence: [{ of: `${nameOf(refer(automation))}, update.path`, text: `./${automation.updatePath}` }],
        steps: inGit === undefined ? [] : [historyStep(inGit.file)],
        remedy:
          repair === undefined
            ? 'Narrow its `spec.update.path` to the folder of its own environment.'
            : { text: `Narrow its \`spec.update.path\` to ${repair.path}.`, command: 'repair' },
        ...optional('repair', repair?.repair),
      }),
    ];
  });
}

/** Down to the one folder that holds all markers of its own namespace, those that cross left out. */
function pathRepair({ content, manifests }: Scope, { object, file, document }: DeclaredObject<ImageUpdateAutomation>) {
  const { namespace } = object.meta;
  const folders = manifests.markers
    .filter((marker) => marker.namespace === namespace && isBelow(marker.file, object.updatePath))
    .map((marker) => marker.file.slice(0, Math.max(0, marker.file.lastIndexOf('/'))))
    .filter((folder) => !isOtherEnvironment(lastWord(folder), lastWord(namespace)));
  const [folder, ...others] = new Set(folders);
  const before = content.files.get(file);
  if (folder === undefined || others.length > 0 || before === undefined) return undefined;
  const path = `./${folder}`;
  const edit = editField(before, document, ['spec', 'update', 'path'], path);
  if (edit === undefined) return undefined;
  const repair: readonly Repair[] = [{ file, before, after: applyEdits(before, [edit]) }];
  return { path, repair };
}

function policyCrosses({ facts, placement, manifests }: Scope): readonly Fault[] {
  const declared = ofKind<ImagePolicy>(manifests, 'ImagePolicy');
  const live = findObject(facts.clusters.get(placement.context ?? '')?.imagePolicies, placement.policy);
  const inGit = declared.find(
    ({ object }) => placement.policy !== undefined && keyOf(object.meta) === keyOf(placement.policy),
  );
  const policy = live ?? inGit?.object;
  // What another environment's policy takes is that environment's matter; the marker that names it is found before.
  if (policy === undefined || isForeign(keyOf(policy.meta), placement)) return [];
  const peers = declared.flatMap(({ object }): readonly PolicyOfEnvironment[] => {
    const environment = findEnvironmentWord(object.meta.namespace) ?? findEnvironmentWord(object.meta.name);
    const isPeer =
      keyOf(object.repositoryRef) === keyOf(policy.repositoryRef) && keyOf(object.meta) !== keyOf(policy.meta);
    return environment === undefined || !isPeer ? [] : [{ environment, policy: object }];
  });
  const subject = { environment: placement.environment, policy };
  const crossing = findCrossing(subject, peers, typingBudget);
  if (crossing.kind !== 'crosses') return [];
  return [
    failedFault('policy-crosses', crossingText(crossing, subject).replace(/\.$/, ''), {
      object: refer(policy),
      ...placeOf(inGit),
      evidence: [{ of: nameOf(refer(policy)), text: policy.spec.filterTags?.pattern ?? 'no pattern' }],
      steps: inGit === undefined ? [] : [historyStep(inGit.file)],
      remedy: `Begin its pattern with ^${placement.environment}-, or take the fix that the Problems view offers.`,
    }),
  ];
}

/** Two that write one line: whichever comes second loses its push, and each may push to a branch of its own. */
function automationsConflict({ facts, placement }: Scope): readonly Fault[] {
  const marker = placement.writtenAt?.marker;
  const cluster = facts.clusters.get(placement.context ?? '');
  const policy = findObject(cluster?.imagePolicies, placement.policy);
  if (marker === undefined) return [];
  const writers = (valueOf(cluster?.imageUpdateAutomations) ?? []).filter((one) => writesMarker(one, marker, policy));
  const [first, second] = writers;
  if (first === undefined || second === undefined) return [];
  const names = writers.map(({ meta }) => keyOf(meta)).join(' and ');
  return [
    failedFault('automation-conflict', `${names} write the same file`, {
      object: refer(first),
      place: { file: marker.file, line: marker.line },
      evidence: writers.map((one) => ({
        of: `${nameOf(refer(one))}, update.path`,
        text: `./${one.updatePath}, pushes to ${one.pushBranch ?? 'the branch that it checks out'}`,
      })),
      remedy: "Leave the file to one of them: narrow the other one's `spec.update.path` or `spec.policySelector`.",
    }),
  ];
}

/** A tag of another environment is written, or was by a write-back in the history that is followed. */
function tagCrosses({ placement }: Scope): Fault | undefined {
  const { environment, writtenAt } = placement;
  const tag = valueOf(placement.written)?.tag;
  if (tag === undefined || !isForeign(tag, placement)) return undefined;
  const changes = (valueOf(placement.history) ?? []).filter(({ to }) => isForeign(to, placement)).slice(0, 3);
  return failedFault('tag-crosses', `${tag} is written into ${environment}`, {
    ...optional('place', writtenAt && { file: writtenAt.origin.file, line: writtenAt.origin.line }),
    ...optional('since', changes.at(-1)?.commit.at),
    evidence: [
      { of: `Written in ${environment}`, text: tag },
      ...changes.map(({ commit, to }) => ({
        of: `Commit ${commit.hash.slice(0, 7)} by ${commit.author.name}`,
        text: `wrote ${to}: ${commit.subject}`,
        at: commit.at,
      })),
    ],
    steps: writtenAt === undefined ? [] : [historyStep(writtenAt.origin.file)],
    remedy: { text: `Go back to the last tag of ${environment}.`, command: 'rollBack' },
  });
}

/** The one policy of the placement's own environment for its image. */
function ownPolicy({ manifests, placement }: Scope): DeclaredObject<ImagePolicy> | undefined {
  const images = new Map(
    manifests.objects.flatMap(({ object }) =>
      object.kind === 'ImageRepository' ? [[keyOf(object.meta), canonicalImage(object.image)] as const] : [],
    ),
  );
  const found = ofKind<ImagePolicy>(manifests, 'ImagePolicy').filter(
    ({ object }) =>
      images.get(keyOf(object.repositoryRef)) === canonicalImage(placement.image) &&
      lastWord(object.meta.namespace) !== '' &&
      !isForeign(keyOf(object.meta), placement),
  );
  return found.length === 1 ? found[0] : undefined;
}

function isForeign(text: string, { environment }: Placement): boolean {
  return isOtherEnvironment(lastWord(text), environment);
}

/** The environment that a path or a `namespace/name` speaks of; empty where none. */
function lastWord(text: string): string {
  const words = text.split('/').map((part) => findEnvironmentWord(part));
  return words.findLast((word) => word !== undefined) ?? '';
}

function ofKind<T extends ImagePolicy | ImageUpdateAutomation>(manifests: RepositoryManifests, kind: T['kind']) {
  return manifests.objects.filter((one): one is DeclaredObject<T> => one.object.kind === kind);
}
