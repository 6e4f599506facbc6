// Services by environments as the files alone tell them: the part of the fleet that needs no cluster and no registry.
// Found by object kind and marker, never by a path convention.

import { selectsLabels } from '../manifests/labelRequirements';
import { isTemplate } from '../manifests/substitution';
import { groupBy } from '../model/collections';
import type { EnvironmentName, EnvironmentRule, ServiceName, TagParts } from '../model/fleet';
import type { ImagePolicy, ImageRepository, ImageUpdateAutomation, ObjectReference } from '../model/flux';
import { canonicalImage, type ImageTag, parseImage } from '../model/image';
import type { DeclaredObject, EffectiveImage, ImageOrigin, Marker, RepositoryManifests, Root } from '../model/manifest';
import { optional } from '../model/optional';
import type { Problem } from '../model/problem';
import type { Settings } from '../model/settings';
import { createPatternCache } from '../policy/pattern';
import { findEnvironment } from './environments';
import { patternsOf, prefixOf } from './policyPattern';
import { nameServices } from './services';
import { readTag } from './tagParts';
import { findUnmarked } from './unmarked';

/** One service in one environment, from files. */
export interface DeclaredPlacement {
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
  readonly rule: EnvironmentRule;
  /** The image's name without tag, as written. */
  readonly image: string;
  readonly written?: ImageTag;
  readonly origin?: ImageOrigin;
  readonly marker?: Marker;
  readonly policy?: DeclaredObject<ImagePolicy>;
  /** The policy that the marker names, whether or not it is declared here; without a marker the one that lost it. */
  readonly policyReference?: ObjectReference;
  readonly imageRepository?: DeclaredObject<ImageRepository>;
  readonly automation?: DeclaredObject<ImageUpdateAutomation>;
  readonly kustomization?: ObjectReference;
  /** The folder that the Kustomization applies; empty for the repository's root. */
  readonly root?: string;
  readonly workload?: ObjectReference;
  /** All that the image's name comes to in this environment's built manifests, what cannot be evaluated left out. */
  readonly builtImages: readonly EffectiveImage[];
  readonly problems: readonly Problem[];
  /** Read in the written tag, by the groups of the policy's pattern. */
  readonly writtenParts?: TagParts;
}

/** Where one image is deployed or marked, before services are named and duplicates are merged. */
interface Sighting {
  readonly image: string;
  readonly tag?: ImageTag;
  readonly origin?: ImageOrigin;
  readonly marker?: Marker;
  readonly root?: Root;
  readonly workload?: EffectiveImage;
  readonly namespace: string;
  /** A variable stands for the tag, and no file tells its value. */
  readonly isTemplate: boolean;
}

export function derivePlacements(manifests: RepositoryManifests, settings: Settings): readonly DeclaredPlacement[] {
  const declared = indexObjects(manifests);
  // Services share their patterns more often than not.
  const compile = createPatternCache(100);
  const sightings = findSightings(manifests, declared);
  const names = nameServices(sightings.map((sighting) => canonicalImage(sighting.image)));
  const unmarked = new Map(findUnmarked(manifests).map(({ origin, policy }) => [placeKey(origin), policy]));
  const placed = sightings.map((sighting) => {
    const { marker, origin } = sighting;
    const lost = marker === undefined && origin !== undefined ? unmarked.get(placeKey(origin)) : undefined;
    const policyReference =
      marker === undefined
        ? lost && reference('ImagePolicy', lost.object.meta)
        : reference('ImagePolicy', { name: marker.policy, namespace: marker.namespace });
    const policy = policyReference && declared.policies.get(keyOf(policyReference));
    return { sighting, policyReference, policy, ...locate(sighting, policy, settings) };
  });
  const groups = groupBy(placed, (one) => `${canonicalImage(one.sighting.image)}\n${one.environment}`);
  return [...groups.values()].flatMap((all) => {
    // What is deployed goes before what is only marked: a chart's default values, a ConfigMap that nobody reads.
    const deployed = all.filter(({ sighting }) => sighting.workload !== undefined && !sighting.isTemplate);
    const plain = all.filter(({ sighting }) => !sighting.isTemplate);
    const group = [deployed, plain, all].find((some) => some.length > 0) ?? all;
    const marked = group.filter((one) => one.sighting.marker !== undefined);
    const likely = marked.length === 0 ? group : marked;
    const first = likely.find((one) => one.sighting.workload?.kind === 'Deployment') ?? likely[0];
    if (first === undefined) return [];
    const { sighting, policyReference, policy, environment, rule } = first;
    const imageRepository = policy && declared.repositories.get(keyOf(policy.object.repositoryRef));
    const automation = findAutomation(declared.automations, writtenPlace(sighting, policyReference), policy?.object);
    const others = group.map((one) => one.sighting.tag?.tag).filter((tag) => tag !== sighting.tag?.tag);
    return {
      service: names.get(canonicalImage(sighting.image)) ?? sighting.image,
      environment,
      rule,
      image: sighting.image,
      ...optional('written', sighting.tag),
      ...optional('writtenParts', sighting.tag && readTag(sighting.tag.tag, patternsOf(policy?.object, compile))),
      ...optional('origin', sighting.origin),
      ...optional('marker', sighting.marker),
      ...optional('policy', policy),
      ...optional('policyReference', policyReference),
      ...optional('imageRepository', imageRepository),
      ...optional('automation', automation),
      ...optional(
        'kustomization',
        sighting.root?.kustomization && reference('Kustomization', sighting.root.kustomization),
      ),
      ...optional('root', sighting.root?.kustomization && sighting.root.path),
      ...optional('workload', sighting.workload && reference(sighting.workload.kind, sighting.workload)),
      builtImages: all.flatMap(({ sighting: { root, workload } }) =>
        workload === undefined || (root?.problems.length ?? 0) > 0 ? [] : [workload],
      ),
      problems: others.length === 0 ? [] : [differentTags(sighting, others)],
    };
  });
}

function differentTags(sighting: Sighting, others: readonly (string | undefined)[]): Problem {
  const tags = [...new Set(others.map((tag) => tag ?? 'no tag'))].join(', ');
  return {
    code: 'several-tags',
    message: `${sighting.image} is written with different tags in this environment: ${sighting.tag?.tag ?? 'no tag'} and ${tags}. Make them one, or name separate environments in the setting fluxPromote.environments.`,
  };
}

interface DeclaredIndex {
  readonly policies: ReadonlyMap<string, DeclaredObject<ImagePolicy>>;
  readonly repositories: ReadonlyMap<string, DeclaredObject<ImageRepository>>;
  readonly automations: readonly DeclaredObject<ImageUpdateAutomation>[];
}

function indexObjects(manifests: RepositoryManifests): DeclaredIndex {
  const policies = new Map<string, DeclaredObject<ImagePolicy>>();
  const repositories = new Map<string, DeclaredObject<ImageRepository>>();
  const automations: DeclaredObject<ImageUpdateAutomation>[] = [];
  for (const { object, ...place } of manifests.objects) {
    if (object.kind === 'ImagePolicy') policies.set(keyOf(object.meta), { object, ...place });
    if (object.kind === 'ImageRepository') repositories.set(keyOf(object.meta), { object, ...place });
    if (object.kind === 'ImageUpdateAutomation') automations.push({ object, ...place });
  }
  return { policies, repositories, automations };
}

export function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

function reference(
  kind: string,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): ObjectReference {
  return { kind, name, namespace };
}

function findSightings(manifests: RepositoryManifests, declared: DeclaredIndex): readonly Sighting[] {
  const sightings: Sighting[] = [];
  const taken = new Set<Marker>();
  const markersByFile = groupBy(manifests.markers, (marker) => marker.file);
  for (const root of manifests.roots) {
    for (const workload of root.images) {
      const marker = markerAt(workload.origin, markersByFile);
      if (marker !== undefined) taken.add(marker);
      // A whole image behind `newTag:` is what is meant to run, though nothing can.
      const isWhole = marker !== undefined && workload.origin?.field === 'newTag' && marker.value.includes('/');
      const { name, tag, digest } = parseImage(isWhole ? marker.value : workload.image);
      // A template of a chart: what it makes is not known by any name.
      if (isTemplate(name.slice(name.lastIndexOf('/') + 1))) continue;
      const isOpen = tag !== undefined && isTemplate(tag);
      sightings.push({
        image: name,
        isTemplate: isOpen,
        ...optional('tag', tag === undefined || isOpen ? undefined : { tag, ...optional('digest', digest) }),
        ...optional('origin', workload.origin),
        ...optional('marker', marker),
        root,
        workload,
        namespace: workload.namespace,
      });
    }
  }
  // What a marker writes without a workload in sight: a HelmRelease's values, a substitution, a ConfigMap.
  for (const marker of manifests.markers) {
    if (taken.has(marker) || (marker.part !== 'tag' && marker.part !== 'image')) continue;
    const policy = declared.policies.get(keyOf({ namespace: marker.namespace, name: marker.policy }));
    const repository = policy && declared.repositories.get(keyOf(policy.object.repositoryRef));
    const written = marker.part === 'image' ? parseImage(marker.value) : { name: '', tag: marker.value };
    const image = marker.part === 'image' ? written.name : repository?.object.image;
    if (image === undefined || image === '') continue;
    const root = manifests.roots.find((one) => one.files.includes(marker.file)) ?? rootAround(manifests, marker.file);
    if (root !== undefined && sightings.some((one) => one.root === root && one.marker?.setter === marker.setter))
      continue;
    sightings.push({
      image,
      isTemplate: false,
      ...optional('tag', written.tag === undefined || written.tag === '' ? undefined : { tag: written.tag }),
      origin: { file: marker.file, range: marker.range, line: marker.line, field: marker.part },
      marker,
      ...optional('root', root),
      namespace: root?.kustomization?.targetNamespace ?? '',
    });
  }
  return sightings;
}

/** The deepest folder that Flux applies around the file: where a build fails, nobody knows which files it takes. */
function rootAround({ roots }: RepositoryManifests, file: string): Root | undefined {
  const around = roots.filter((one) => one.kustomization !== undefined && isBelow(file, one.path));
  return around.toSorted((a, b) => b.path.length - a.path.length)[0];
}

/** The marker that writes the scalar; on an `images` entry the one on `newTag` beside a marked `newName`. */
function markerAt(origin: ImageOrigin | undefined, byFile: ReadonlyMap<string, readonly Marker[]>): Marker | undefined {
  if (origin === undefined) return undefined;
  return byFile.get(origin.file)?.find((marker) => marker.range.start === origin.range.start);
}

function locate(sighting: Sighting, policy: DeclaredObject<ImagePolicy> | undefined, settings: Settings) {
  const { root } = sighting;
  return findEnvironment(
    {
      namespace: sighting.namespace,
      file: sighting.origin?.file ?? root?.path ?? '',
      ...optional('targetNamespace', root?.kustomization?.targetNamespace),
      ...optional('root', root?.path),
      ...optional('kustomization', root?.kustomization?.name),
      ...optional('kustomizationFile', root?.kustomization?.file),
      ...optional('policy', sighting.marker?.policy),
      tagPrefix: () => prefixOf(policy?.object.spec),
    },
    settings.environments,
  );
}

/** What an automation must cover to write the line, also where the line has lost its marker. */
type WrittenPlace = Pick<Marker, 'file' | 'namespace'>;

function writtenPlace({ marker, origin }: Sighting, policy: ObjectReference | undefined): WrittenPlace | undefined {
  if (marker !== undefined || origin === undefined || policy === undefined) return marker;
  return { file: origin.file, namespace: policy.namespace };
}

function placeKey({ file, range }: ImageOrigin): string {
  return `${file}:${range.start}`;
}

function findAutomation(
  automations: readonly DeclaredObject<ImageUpdateAutomation>[],
  place: WrittenPlace | undefined,
  policy: ImagePolicy | undefined,
): DeclaredObject<ImageUpdateAutomation> | undefined {
  return place && automations.find(({ object }) => writesMarker(object, place, policy));
}

/** Whether the automation writes this marker: in its own namespace, below its path, for a policy that it selects. */
export function writesMarker(
  { meta, updatePath, policySelector }: ImageUpdateAutomation,
  marker: WrittenPlace,
  policy: ImagePolicy | undefined,
): boolean {
  return (
    meta.namespace === marker.namespace &&
    isBelow(marker.file, updatePath) &&
    (policy === undefined || selectsLabels(policySelector ?? [], policy.meta.labels))
  );
}

export function isBelow(file: string, folder: string): boolean {
  return folder === '' || file === folder || file.startsWith(`${folder}/`);
}
