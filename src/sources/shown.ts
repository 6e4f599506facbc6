// What the files at hand speak of: the images whose pods are worth watching, and the namespaces to look in where a user may
// not look everywhere. Pure.
import type { RepositoryFacts } from '../model/facts';
import type { Deployment } from '../model/flux';
import { canonicalImage, parseImage } from '../model/image';
import type { RepositoryManifests } from '../model/manifest';
import { valueOf } from '../model/reading';
import type { Settings } from '../model/settings';

export interface Shown {
  /** Canonical. */
  readonly images: ReadonlySet<string>;
  /** By kind; kinds of workloads have those of `Deployment`. */
  readonly namespaces: ReadonlyMap<string, readonly string[]>;
}

export const nothingShown: Shown = { images: new Set(), namespaces: new Map() };

export function deriveShown(repositories: readonly RepositoryFacts[], settings: Settings): Shown {
  const images = new Set<string>();
  const namespaces = new Map<string, Set<string>>();
  const note = (kind: string, namespace: string | undefined): void => {
    if (namespace === undefined || namespace === '') return;
    const known = namespaces.get(kind) ?? new Set();
    namespaces.set(kind, known.add(namespace));
  };
  for (const { namespaces: named } of settings.environments) for (const one of named) note('Deployment', one);
  for (const { content } of repositories) {
    const manifests = valueOf(content)?.manifests;
    if (manifests !== undefined) noteManifests(manifests, (image) => images.add(canonicalImage(image)), note);
  }
  return { images, namespaces: new Map([...namespaces].map(([kind, names]) => [kind, [...names].sort()])) };
}

function noteManifests(
  { roots, objects, markers }: RepositoryManifests,
  noteImage: (image: string) => void,
  note: (kind: string, namespace: string | undefined) => void,
): void {
  for (const { images, kustomization } of roots) {
    note('Kustomization', kustomization?.namespace);
    note('Deployment', kustomization?.targetNamespace);
    for (const { image, namespace } of images) {
      noteImage(parseImage(image).name);
      note('Deployment', namespace);
    }
  }
  for (const { object } of objects) {
    note(object.kind, object.meta.namespace);
    if (object.kind === 'ImageRepository') noteImage(object.image);
    if (object.kind === 'ImagePolicy') note('ImageRepository', object.repositoryRef.namespace);
    if (object.kind === 'Kustomization' || object.kind === 'ImageUpdateAutomation') {
      note(object.sourceRef.kind, object.sourceRef.namespace);
    }
  }
  for (const { part, value, namespace } of markers) {
    note('ImagePolicy', namespace);
    if (part === 'image') noteImage(parseImage(value).name);
  }
}

/** A selector's values come in the address of a request, which proxies keep short. */
const maximumValues = 100;
const maximumSelectors = 4;

/** The fewest label selectors that hold the pods of all Deployments with these images; one empty text for everything. */
export function podSelectors(deployments: readonly Deployment[], images: ReadonlySet<string>): readonly string[] {
  const isShown = ({ containers }: Deployment): boolean =>
    containers.some(({ image }) => images.has(canonicalImage(parseImage(image).name)));
  let open = deployments.filter(isShown).map(({ matchLabels }) => matchLabels ?? {});
  const selectors: string[] = [];
  while (open.length > 0) {
    const key = commonestKey(open);
    if (key === undefined || selectors.length === maximumSelectors) return [''];
    const values = [...new Set(open.flatMap((labels) => labels[key] ?? []))].sort();
    selectors.push(values.length > maximumValues ? key : `${key} in (${values.join(',')})`);
    open = open.filter((labels) => labels[key] === undefined);
  }
  return selectors;
}

/** The label that most have, and of those the one that tells most of them apart. */
function commonestKey(open: readonly Readonly<Record<string, string>>[]): string | undefined {
  const values = new Map<string, string[]>();
  for (const [key, value] of open.flatMap((labels) => Object.entries(labels))) {
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  const weigh = (key: string): readonly [number, number] => {
    const all = values.get(key) ?? [];
    return [all.length, new Set(all).size];
  };
  const [first] = [...values.keys()].sort((one, other) => {
    const [[a, b], [c, d]] = [weigh(one), weigh(other)];
    return c - a || d - b || (one < other ? -1 : 1);
  });
  return first;
}
