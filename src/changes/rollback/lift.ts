// The edits that lift a hold, by what it is. Where only the cluster has it there is nothing to edit in Git.
import { keyOf } from '../../fleet/placements';
import { trailersOf } from '../../fleet/trailers';
import { parseDocuments } from '../../manifests/documents';
import { applyEdits } from '../../manifests/edits';
import { editOutExclusions } from '../../manifests/exclusions';
import { editField } from '../../manifests/fieldEdits';
import { textAt } from '../../manifests/fields';
import { defaultExclusionList } from '../../manifests/fluxObjects';
import { editMarker } from '../../manifests/markerEdits';
import { editUnpin, pinOf } from '../../manifests/pin';
import { type LineOrigin, lineKey } from '../../model/facts';
import type { Hold } from '../../model/fleet';
import type { ImageRepository } from '../../model/flux';
import { canonicalImage, parseImage } from '../../model/image';
import type { DeclaredObject, Root } from '../../model/manifest';
import { valueOf } from '../../model/reading';
import { select } from '../../policy/select';
import { type Refusal, refuse } from '../plan';
import type { Standing } from './situation';

type Files = ReadonlyMap<string, string>;

export function liftHold(standing: Standing, hold: Hold): Files | Refusal {
  const { here } = standing;
  if (hold.declaredAt === undefined) return refuseUndeclared(hold);
  switch (hold.kind) {
    case 'pinned':
      return liftPin(standing, hold);
    case 'excluded':
      return liftExclusion(standing, hold.tags);
    case 'unmarked':
      return liftUnmarked(standing, hold);
    default: {
      const all = [here.automation, here.policy, here.imageRepository];
      const declared = all.find((one) => one?.object.kind === hold.object.kind);
      return declared === undefined ? refuseUndeclared(hold) : resume(standing, declared);
    }
  }
}

function refuseUndeclared({ object }: Hold): Refusal {
  return refuse(
    `${object.kind} ${object.namespace}/${object.name} is held in the cluster only: Git says nothing of it.`,
    'Change it in the cluster, or in the repository that declares it.',
  );
}

function resume({ content }: Standing, { file, document }: DeclaredObject): Files | Refusal {
  const text = content.files.get(file);
  const edit = text === undefined ? undefined : editField(text, document, ['spec', 'suspend'], undefined);
  if (text === undefined || edit === undefined) return refuse(`spec.suspend in ${file} cannot be edited safely.`);
  return new Map([[file, applyEdits(text, [edit])]]);
}

function liftPin(standing: Standing, hold: Hold): Files | Refusal {
  const { content, here } = standing;
  const { policy } = here;
  const text = policy && content.files.get(policy.file);
  if (policy === undefined || text === undefined) return refuseUndeclared(hold);
  const before = pinOf(policy.object)?.before;
  const free = before === undefined ? asBefore(standing, hold, text) : editUnpin(text, policy.document, before);
  if (free !== undefined) return new Map([[policy.file, free]]);
  return refuse(
    `What ${keyOf(policy.object.meta)} took before it was pinned is not known: the pin is not one of ours.`,
    `Widen the pattern in ${policy.file} by hand.`,
  );
}

/** Somebody else's pin: what the fields said before the commit that narrowed them. */
function asBefore({ repository, here }: Standing, { declaredAt }: Hold, text: string): string | undefined {
  const { policy } = here;
  const fileBefore = originOf(repository.lineOrigins, declaredAt)?.fileBefore;
  if (policy === undefined || fileBefore === undefined) return undefined;
  const { name } = policy.object.meta;
  const old = parseDocuments('', fileBefore).documents.find(
    ({ value }) => textAt(value, 'metadata', 'name') === name && textAt(value, 'kind') === 'ImagePolicy',
  );
  let edited = text;
  for (const path of [
    ['spec', 'filterTags', 'pattern'],
    ['spec', 'policy', 'semver', 'range'],
  ] as const) {
    const wanted = textAt(old?.value, ...path);
    const now = textAt(parseDocuments('', edited).documents[policy.document]?.value, ...path);
    if (wanted === now) continue;
    const edit = editField(edited, policy.document, path, wanted);
    if (edit === undefined) return undefined;
    edited = applyEdits(edited, [edit]);
  }
  return edited === text ? undefined : edited;
}

function originOf(origins: Standing['repository']['lineOrigins'], at: Hold['declaredAt']): LineOrigin | undefined {
  return at && valueOf(origins?.get(lineKey(at.file, at.line)));
}

/** Takes the exclusions of these tags out of the list that the placement's policy selects from. */
export function liftExclusion({ content, here, flux }: Standing, tags: readonly string[]): Files | Refusal {
  const { imageRepository: list, policy } = here;
  const text = list && content.files.get(list.file);
  if (list === undefined || policy === undefined || text === undefined) {
    return refuse(`The ImageRepository of ${here.service} is not declared in this repository.`);
  }
  const patterns = extraPatterns(list).filter((pattern) =>
    tags.some((tag) => select(policy.object.spec, [tag], { exclude: [pattern], flux }).kind !== 'tag'),
  );
  const after = editOutExclusions(text, list.document, patterns);
  return after === undefined
    ? refuse(`The exclusionList in ${list.file} cannot be edited safely.`, 'Take the tags out of it by hand.')
    : new Map([[list.file, after]]);
}

function extraPatterns({ object }: DeclaredObject<ImageRepository>): readonly string[] {
  return object.exclusionList.filter((pattern) => !defaultExclusionList.includes(pattern));
}

/** Every line that the commit took the marker off, else the placement's own one. */
function liftUnmarked({ content, here }: Standing, hold: Hold): Files | Refusal {
  const { origin, policy } = here;
  if (origin === undefined || policy === undefined) return refuseUndeclared(hold);
  const { namespace, name } = policy.object.meta;
  const own = `${namespace}:${name}`;
  const setter = origin.field === 'image' ? own : `${own}:tag`;
  const recorded = hold.commit === undefined ? [] : (trailersOf(hold.commit).get('Flux-Promote-Marker') ?? []);
  const files = new Map<string, string>();
  const lines = [
    { file: origin.file, range: origin.range, setter },
    ...recorded.flatMap((record) => recordedLine(record, own, here.image, content.manifests.roots)),
  ];
  const unique = new Map(lines.map((line) => [`${line.file}:${line.range.start}`, line]));
  // From the end of each file, so that the places before stay where they are.
  for (const line of [...unique.values()].toSorted((a, b) => b.range.start - a.range.start)) {
    const text = files.get(line.file) ?? content.files.get(line.file);
    const after = text === undefined ? undefined : editMarker(line.file, text, line.range, line.setter);
    if (after === undefined) {
      return refuse(
        `A comment stands where the marker of ${line.file} belongs.`,
        `Write # {"$imagepolicy": "${line.setter}"} there by hand.`,
      );
    }
    files.set(line.file, after);
  }
  return files;
}

/** `file setter`: the lines of that file that the policy's image comes from. */
function recordedLine(record: string, own: string, name: string, roots: readonly Root[]) {
  const space = record.lastIndexOf(' ');
  const [file, setter] = [record.slice(0, space), record.slice(space + 1)];
  if (setter !== own && !setter.startsWith(`${own}:`)) return [];
  const field = setter === own ? ['image'] : ['newTag', 'tag'];
  return roots
    .flatMap(({ images }) => images)
    .filter(({ image }) => canonicalImage(parseImage(image).name) === canonicalImage(name))
    .flatMap(({ origin }) => (origin?.file === file && field.includes(origin.field) ? [origin] : []))
    .map(({ range }) => ({ file, range, setter }));
}
