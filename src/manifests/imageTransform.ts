// kustomize's `images` (api/filters/imagetag, api/internal/image): which names match, which fields are visited, what comes out.
import { compilePattern } from './goPatterns';
import { isNullNode, type MappingNode, type Origin, type ScalarNode, type TreeNode, textNode } from './nodes';
import { ownRoot, type Resource } from './resources';
import { BuildError } from './strategicMerge';

export interface ImageEntry {
  readonly name: string;
  readonly newName: string;
  readonly newTag: string;
  readonly digest: string;
  readonly tagSuffix: string;
  /** Where `newTag`, `digest` and `newName` are written. */
  readonly origins: { readonly newTag?: Origin; readonly digest?: Origin; readonly newName?: Origin };
}

const tail = '(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$';
const tailPattern = new RegExp(`^${tail}`);

/** Undefined when the entry's name is a pattern whose meaning is not certain here. */
export function imageMatcher(name: string): ((image: string) => boolean) | undefined {
  // The name goes into a regular expression as it is: its dots match any character.
  if (/^[\w./:-]*$/.test(name)) return (image) => beginsLike(image, name) && tailPattern.test(image.slice(name.length));
  const pattern = compilePattern(name, { anchored: `^%s${tail}` });
  return pattern === undefined ? undefined : (image) => pattern.test(image);
}

function beginsLike(image: string, name: string): boolean {
  if (image.length < name.length) return false;
  for (let index = 0; index < name.length; index += 1) {
    const character = name.charAt(index);
    if (character === '.' ? image.charAt(index) === '\n' : character !== image.charAt(index)) return false;
  }
  return true;
}

/** Changes every image of an object that the entry names. Twice where the two passes of the original both visit it. */
export function applyImage(resource: Resource, entry: ImageEntry, matches: (image: string) => boolean): void {
  let isNamed = false;
  visitImages(resource.root, (_, __, image) => {
    isNamed ||= matches(image.text);
  });
  if (!isNamed) return;
  visitImages(ownRoot(resource), (parent, name, image) => {
    if (matches(image.text)) parent.fields.set(name, replaceImage(image, entry));
  });
}

function visitImages(root: MappingNode, visit: (parent: MappingNode, name: string, image: ScalarNode) => void): void {
  if (root.fields.get('kind')?.type === 'scalar' && kindOf(root) === 'CustomResourceDefinition') return;
  const change = (parent: MappingNode, name: string): void => {
    const image = parent.fields.get(name);
    if (image === undefined || isNullNode(image)) return;
    if (image.type !== 'scalar')
      throw new BuildError(`wrong Node Kind for ${name}: expected ScalarNode was ${image.type}`);
    visit(parent, name, image);
  };
  visitContainers(root, change);
  for (const path of [['spec'], ['spec', 'template', 'spec']]) {
    const spec = path.reduce<TreeNode | undefined>((node, name) => childOf(node, name), root);
    for (const list of ['containers', 'initContainers']) {
      for (const container of itemsOf(childOf(spec, list)))
        if (container.type === 'mapping') change(container, 'image');
    }
    for (const volume of itemsOf(childOf(spec, 'volumes'))) {
      const image = childOf(volume, 'image');
      if (image?.type === 'mapping') change(image, 'reference');
    }
  }
}

function kindOf(root: MappingNode): string {
  const kind = root.fields.get('kind');
  return kind?.type === 'scalar' ? kind.text : '';
}

function childOf(node: TreeNode | undefined, name: string): TreeNode | undefined {
  return node?.type === 'mapping' ? node.fields.get(name) : undefined;
}

function itemsOf(node: TreeNode | undefined): readonly TreeNode[] {
  return node?.type === 'sequence' ? node.items : [];
}

/** The `image` of every item of a list called `containers` or `initContainers`, anywhere in the object. */
function visitContainers(node: TreeNode, change: (parent: MappingNode, name: string) => void): void {
  if (node.type === 'sequence') {
    for (const item of node.items) visitContainers(item, change);
    return;
  }
  if (node.type !== 'mapping') return;
  for (const [name, value] of node.fields) {
    visitContainers(value, change);
    if ((name !== 'containers' && name !== 'initContainers') || value.type !== 'sequence') continue;
    for (const item of value.items) {
      if (isNullNode(item)) continue;
      if (item.type !== 'mapping')
        throw new BuildError(`wrong Node Kind for ${name}: expected MappingNode was ${item.type}`);
      change(item, 'image');
    }
  }
}

function replaceImage(image: ScalarNode, entry: ImageEntry): ScalarNode {
  const old = splitImage(image.text);
  const name = entry.newName === '' ? old.name : entry.newName;
  const [tag, digest] = tagAndDigest(old, entry);
  const text = `${name}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`;
  return textNode(text, originOf(image, entry));
}

function tagAndDigest(
  old: { readonly tag: string; readonly digest: string },
  { newTag, digest, tagSuffix }: ImageEntry,
): readonly [string, string] {
  if (newTag !== '') return [newTag, digest];
  if (digest !== '') return ['', digest];
  return tagSuffix === '' ? [old.tag, old.digest] : [old.tag + tagSuffix, ''];
}

/** What decides the tag: the entry when it has one, else whatever decided it before. */
function originOf(image: ScalarNode, entry: ImageEntry): Origin | undefined {
  if (entry.newTag !== '') return entry.origins.newTag;
  return entry.digest === '' ? image.origin : entry.origins.digest;
}

/** `image.Split`: looks for `@` and `:` behind the first slash only. */
function splitImage(image: string): { readonly name: string; readonly tag: string; readonly digest: string } {
  const start = Math.max(image.indexOf('/'), 0);
  const at = image.indexOf('@', start);
  const colon = image.indexOf(':', start);
  if (colon < 0 && at < 0) return { name: image, tag: '', digest: '' };
  if (at >= 0 && (at < colon || colon < 0)) return { name: image.slice(0, at), tag: '', digest: image.slice(at + 1) };
  return {
    name: image.slice(0, colon),
    tag: image.slice(colon + 1, at < 0 ? undefined : at),
    digest: at < 0 ? '' : image.slice(at + 1),
  };
}
