// The wrong environment: for what is written into a placement, path, marker, policy, automation and tag must agree.
// What pulled a foreign tag in is named with the edit that mends it.
import { applyEdits } from '../../manifests/edits';
import { editField } from '../../manifests/fieldEdits';
import type { RepositoryContent, TagChange } from '../../model/facts';
import type { Fault, Repair, Steps } from '../../model/fault';
import type { GitRepository, ImagePolicy, ImageUpdateAutomation, ObjectReference } from '../../model/flux';
import { canonicalImage } from '../../model/image';
import type { DeclaredObject, ImageOrigin, Marker, RepositoryManifests } from '../../model/manifest';
import { optional } from '../../model/optional';
import { repositoryIdentity } from '../../model/repositoryIdentity';
import { typingBudget } from '../../policy/prove';
import { select } from '../../policy/select';
import { findEnvironmentWord, isOtherEnvironment } from '../environments';
import { crossingText, findCrossing, type PolicyOfEnvironment } from '../hardStops';
import { isBelow, keyOf, writesMarker } from '../placements';
import { prefixOf } from '../policyPattern';
import { failedFault, nameOf, placeOf, refer } from './diagnosis';
import { describeStep, historyStep, listStep } from './steps';

/** All that tells whether one placement is given another environment's tags, and by what. */
export interface CrossingScope {
  readonly environment: string;
  readonly image: string;
  /** Where the tag is written, and by which marker. */
  readonly origin?: ImageOrigin;
  readonly marker?: Marker;
  readonly written?: string;
  readonly policy?: ObjectReference;
  readonly livePolicy?: ImagePolicy;
  /** All of the cluster, undefined where nobody knows them. Asked only where something crosses, or somebody wants to know. */
  readonly automations: () => readonly ImageUpdateAutomation[] | undefined;
  /** Newest first. */
  readonly history: readonly TagChange[];
  /** Of the registry. */
  readonly tags: readonly string[];
  readonly content: RepositoryContent;
}

/** Those that write the repository that is applied, as far as anybody can tell: paths are alike in all of them. */
export function ofRepository(
  automations: readonly ImageUpdateAutomation[] | undefined,
  sources: readonly GitRepository[] | undefined,
  applied: GitRepository | undefined,
): readonly ImageUpdateAutomation[] | undefined {
  if (applied === undefined) return automations;
  const here = repositoryIdentity(applied.url);
  return automations?.filter(({ sourceRef }) => {
    const source = sources?.find(({ meta }) => keyOf(meta) === keyOf(sourceRef));
    return source === undefined || repositoryIdentity(source.url) === here;
  });
}

/** The foreign tag with what pulled it in as one fault; where none is written, what could pull one in. */
export function findCrossings(scope: CrossingScope): readonly Fault[] {
  const causes = [...markerCrosses(scope), ...automationCrosses(scope), ...policyCrosses(scope)];
  const conflicts = automationsConflict(scope);
  const tag = tagCrosses(scope);
  if (tag === undefined) return [...causes, ...conflicts];
  const [first, ...others] = causes;
  if (first === undefined) return [tag, ...conflicts];
  const told: Fault = {
    ...first,
    text: `${tag.text}: ${first.text}`,
    evidence: [...first.evidence, ...tag.evidence],
    ...optional('since', tag.since),
  };
  return [told, ...others, ...conflicts];
}

/**
 * The written tag is another environment's, and this one has tags of its own: not all teams name theirs so. Where no
 * policy selects the tag, a person chose it: a promotion by commit writes the tag that staging tested.
 */
export function isForeignTagWritten(scope: CrossingScope): boolean {
  const isSelected = scope.marker !== undefined || scope.policy !== undefined;
  return isSelected && scope.written !== undefined && isForeign(scope.written, scope) && hasOwnTags(scope);
}

function hasOwnTags(scope: CrossingScope): boolean {
  const own = (tag: string): boolean => isOwn(tag, scope);
  return (
    scope.history.some(({ from, to }) => own(from ?? '') || own(to)) ||
    scope.tags.some(own) ||
    ownPolicies(scope).some(({ object }) => own(prefixOf(object.spec)))
  );
}

/** A tag that names the environment itself; many name none. */
export function isOwn(tag: string, scope: CrossingScope): boolean {
  return findEnvironmentWord(tag) !== undefined && !isForeign(tag, scope);
}

function markerCrosses(scope: CrossingScope): readonly Fault[] {
  const { marker, environment } = scope;
  if (marker === undefined || !isForeign(`${marker.namespace}/${marker.policy}`, scope)) return [];
  const policies = ownPolicies(scope);
  const own = policies.length === 1 ? policies[0] : undefined;
  return [
    failedFault('marker-crosses', `the marker takes its tag from ${marker.namespace}/${marker.policy}`, {
      place: { file: marker.file, line: marker.line },
      evidence: [{ of: `${marker.file}:${marker.line}`, text: marker.setter }],
      steps: [historyStep(marker.file)],
      remedy:
        own === undefined
          ? `Let the marker name the policy of ${environment}.`
          : { text: `Let the marker name ${keyOf(own.object.meta)}.`, command: 'repair' },
      ...optional('repair', own && markerRepair(scope, marker, own)),
    }),
  ];
}

function markerRepair({ content }: CrossingScope, marker: Marker, { object }: DeclaredObject<ImagePolicy>) {
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
function automationCrosses(scope: CrossingScope): readonly Fault[] {
  const file = scope.origin?.file;
  if (file === undefined) return [];
  const declared = ofKind<ImageUpdateAutomation>(scope.content.manifests, 'ImageUpdateAutomation');
  const all = scope.automations() ?? declared.map(({ object }) => object);
  return all.flatMap((automation) => {
    const name = keyOf(automation.meta);
    if (!isBelow(file, automation.updatePath) || !isForeign(name, scope)) return [];
    const inGit = declared.find(({ object }) => keyOf(object.meta) === name);
    const repair = inGit && pathRepair(scope, inGit);
    const text = `${nameOf(refer(automation))} covers ${file}`;
    return [
      failedFault('automation-crosses', text, {
        object: refer(automation),
        ...placeOf(inGit),
        evidence: [{ of: `${nameOf(refer(automation))}, update.path`, text: `./${automation.updatePath}` }],
        steps: stepsFor(refer(automation), inGit),
        remedy:
          repair === undefined
            ? 'Narrow its `spec.update.path` to the folder of its own environment.'
            : { text: `Narrow its \`spec.update.path\` to ${repair.path}.`, command: 'repair' },
        ...optional('repair', repair?.repair),
      }),
    ];
  });
}

function stepsFor(object: ObjectReference, inGit: DeclaredObject | undefined): Steps {
  return [describeStep(object), ...(inGit === undefined ? [] : [historyStep(inGit.file)])];
}

/** Down to the one folder that holds all markers of its own namespace, those that cross left out. */
function pathRepair({ content }: CrossingScope, { object, file, document }: DeclaredObject<ImageUpdateAutomation>) {
  const { namespace } = object.meta;
  const folders = content.manifests.markers
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

/** The foreign tag that is written, where the policy takes it: going back alone would not hold. */
function pulledTag(scope: CrossingScope, { spec }: ImagePolicy): string | undefined {
  const { written } = scope;
  if (written === undefined || !isForeignTagWritten(scope)) return undefined;
  return select(spec, [written]).kind === 'tag' ? written : undefined;
}

function policyCrosses(scope: CrossingScope): readonly Fault[] {
  const { environment, policy: reference, livePolicy, content } = scope;
  const declared = ofKind<ImagePolicy>(content.manifests, 'ImagePolicy');
  const inGit = declared.find(({ object }) => reference !== undefined && keyOf(object.meta) === keyOf(reference));
  const policy = livePolicy ?? inGit?.object;
  // What another environment's policy takes is that environment's matter; the marker that names it is found before.
  if (policy === undefined || isForeign(keyOf(policy.meta), scope)) return [];
  const peers = declared.flatMap(({ object }): readonly PolicyOfEnvironment[] => {
    const other = findEnvironmentWord(object.meta.namespace) ?? findEnvironmentWord(object.meta.name);
    const isPeer =
      keyOf(object.repositoryRef) === keyOf(policy.repositoryRef) && keyOf(object.meta) !== keyOf(policy.meta);
    return other === undefined || !isPeer ? [] : [{ environment: other, policy: object }];
  });
  const subject = { environment, policy };
  const crossing = findCrossing(subject, peers, typingBudget);
  const pulled = pulledTag(scope, policy);
  if (crossing.kind !== 'crosses' && pulled === undefined) return [];
  const text = crossing.kind === 'crosses' ? crossingText(crossing, subject) : `the policy takes ${pulled}`;
  return [
    failedFault('policy-crosses', text.replace(/\.$/, ''), {
      object: refer(policy),
      ...placeOf(inGit),
      evidence: [{ of: nameOf(refer(policy)), text: policy.spec.filterTags?.pattern ?? 'no pattern' }],
      steps: stepsFor(refer(policy), inGit),
      remedy: `Begin its pattern with ^${environment}-, or take the fix that the Problems view offers.`,
    }),
  ];
}

/** Two that write one line: whichever comes second loses its push, and each may push to a branch of its own. */
function automationsConflict({ marker, livePolicy, automations }: CrossingScope): readonly Fault[] {
  if (marker === undefined) return [];
  const writers = (automations() ?? []).filter((one) => writesMarker(one, marker, livePolicy));
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
      steps: [describeStep(refer(first)), describeStep(refer(second))],
      remedy: "Leave the file to one of them: narrow the other one's `spec.update.path` or `spec.policySelector`.",
    }),
  ];
}

/** A tag of another environment is written, or was by a write-back in the history that is followed. */
function tagCrosses(scope: CrossingScope): Fault | undefined {
  const { environment, origin, written, history } = scope;
  if (written === undefined || !isForeignTagWritten(scope)) return undefined;
  const changes = history.filter(({ to }) => isForeign(to, scope)).slice(0, 3);
  return failedFault('tag-crosses', `${written} is written into ${environment}`, {
    ...optional('place', origin && { file: origin.file, line: origin.line }),
    ...optional('since', changes.at(-1)?.commit.at),
    evidence: [
      { of: `Written in ${environment}`, text: written },
      ...changes.map(({ commit, to }) => ({
        of: `Commit ${commit.hash.slice(0, 7)} by ${commit.author.name}`,
        text: `wrote ${to}: ${commit.subject}`,
        at: commit.at,
      })),
    ],
    steps: [origin === undefined ? listStep('ImagePolicy') : historyStep(origin.file)],
    remedy: { text: `Go back to the last tag of ${environment}.`, command: 'rollBack' },
  });
}

/** The policies of the placement's own environment for its image: one, as a rule. */
function ownPolicies(scope: CrossingScope): readonly DeclaredObject<ImagePolicy>[] {
  const { manifests } = scope.content;
  const images = new Map(
    manifests.objects.flatMap(({ object }) =>
      object.kind === 'ImageRepository' ? [[keyOf(object.meta), canonicalImage(object.image)] as const] : [],
    ),
  );
  return ofKind<ImagePolicy>(manifests, 'ImagePolicy').filter(
    ({ object }) =>
      images.get(keyOf(object.repositoryRef)) === canonicalImage(scope.image) &&
      lastWord(object.meta.namespace) !== '' &&
      !isForeign(keyOf(object.meta), scope),
  );
}

export function isForeign(text: string, { environment }: CrossingScope): boolean {
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
