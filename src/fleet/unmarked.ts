// Lines that have lost their marker: a policy selects for their image in this very place, and no marker names it any more.
import type { ImagePolicy, ObjectReference } from '../model/flux';
import { canonicalImage, parseImage } from '../model/image';
import type { DeclaredObject, ImageOrigin, RepositoryManifests, Root } from '../model/manifest';
import { select } from '../policy/select';
import { prefixOf } from './policyPattern';

export interface Unmarked {
  readonly origin: ImageOrigin;
  readonly policy: DeclaredObject<ImagePolicy>;
}

const tagFields: ReadonlySet<string> = new Set(['newTag', 'tag', 'image']);

export function findUnmarked({ roots, objects, markers }: RepositoryManifests): readonly Unmarked[] {
  const named = new Set(markers.map(({ namespace, policy }) => `${namespace}/${policy}`));
  const marked = new Set(markers.map(({ file, range }) => `${file}:${range.start}`));
  const images = new Map<string, string>();
  for (const { object } of objects) if (object.kind === 'ImageRepository') images.set(key(object.meta), object.image);
  return objects.flatMap(({ object, ...place }) => {
    if (object.kind !== 'ImagePolicy' || named.has(key(object.meta))) return [];
    const image = images.get(key(object.repositoryRef));
    if (image === undefined) return [];
    const policy = { object, ...place };
    const origins = roots.flatMap((root) => originsIn(root, policy, image));
    const unique = new Map(origins.map((origin) => [`${origin.file}:${origin.range.start}`, origin]));
    return [...unique].flatMap(([at, origin]) => (marked.has(at) ? [] : [{ origin, policy }]));
  });
}

/** In the policy's namespace, beside it in one build, or with a tag that begins as only this policy's tags do. */
function originsIn(root: Root, { object, file, document }: DeclaredObject<ImagePolicy>, image: string) {
  const isBuiltHere = root.objects.some((one) => one.file === file && one.document === document);
  return root.images.flatMap(({ image: written, namespace, origin }): readonly ImageOrigin[] => {
    const { name, tag } = parseImage(written);
    if (origin === undefined || !tagFields.has(origin.field) || canonicalImage(name) !== canonicalImage(image)) {
      return [];
    }
    const isItsOwn = () =>
      tag !== undefined && prefixOf(object.spec) !== '' && select(object.spec, [tag], { exclude: [] }).kind === 'tag';
    return namespace === object.meta.namespace || isBuiltHere || isItsOwn() ? [origin] : [];
  });
}

function key({ namespace, name }: Pick<ObjectReference, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}
