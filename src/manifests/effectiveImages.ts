// Which image every container runs after a build, and the scalar in a source file that decides its tag.
import { fieldOf, fieldText, type MappingNode, type Origin, type TreeNode } from './nodes';
import type { Build } from './overlay';

export interface EffectiveImage {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** Of a HelmRelease: the dotted path of the image in its values. */
  readonly container: string;
  readonly image: string;
  /** The `newTag` or `digest` of the kustomization entry that applied last, else the `image` of a patch or resource. */
  readonly origin?: Origin;
}

/** Containers and init containers of everything with a pod template, and the images in HelmRelease values. */
export function readImages(build: Pick<Build, 'objects'>): readonly EffectiveImage[] {
  return build.objects.flatMap(({ node }) => imagesOf(node));
}

export function imagesOf(root: MappingNode): readonly EffectiveImage[] {
  const kind = fieldText(root, 'kind');
  const podSpec = podSpecOf(root, kind);
  if (podSpec === undefined && kind !== 'HelmRelease') return [];
  const of = {
    kind,
    name: fieldText(root, 'metadata', 'name'),
    namespace: fieldText(root, 'metadata', 'namespace'),
  };
  if (kind === 'HelmRelease') return helmImages(root).map((image) => ({ ...of, ...image }));
  return ['containers', 'initContainers'].flatMap((list) =>
    itemsOf(fieldOf(podSpec, list)).flatMap((container) => {
      const image = fieldOf(container, 'image');
      if (image?.type !== 'scalar') return [];
      return [{ ...of, container: fieldText(container, 'name'), image: image.text, ...withOrigin(image.origin) }];
    }),
  );
}

function withOrigin(origin: Origin | undefined): { readonly origin?: Origin } {
  return origin === undefined ? {} : { origin };
}

function podSpecOf(root: MappingNode, kind: string): TreeNode | undefined {
  if (kind === 'Pod') return fieldOf(root, 'spec');
  if (kind === 'CronJob') return fieldOf(root, 'spec', 'jobTemplate', 'spec', 'template', 'spec');
  return kind === 'PodTemplate' ? fieldOf(root, 'template', 'spec') : fieldOf(root, 'spec', 'template', 'spec');
}

function itemsOf(node: TreeNode | undefined): readonly TreeNode[] {
  return node?.type === 'sequence' ? node.items : [];
}

type ImageInValues = Pick<EffectiveImage, 'container' | 'image' | 'origin'>;

/** `{repository, tag}` with or without `registry` and `digest`, and plain texts, under keys that end in `image`. */
function helmImages(root: MappingNode): readonly ImageInValues[] {
  const found: ImageInValues[] = [];
  const values = fieldOf(root, 'spec', 'values');
  if (values !== undefined) collectHelmImages(values, [], found);
  return found;
}

function collectHelmImages(node: TreeNode, path: readonly string[], found: ImageInValues[]): void {
  if (node.type === 'sequence') {
    for (const [index, item] of node.items.entries()) collectHelmImages(item, [...path, String(index)], found);
    return;
  }
  if (node.type !== 'mapping') return;
  const isImage = /image$/i.test(path.at(-1) ?? '');
  const repository = fieldText(node, 'repository');
  if (isImage && repository !== '') {
    found.push({ container: path.join('.'), ...describeHelmImage(node, repository) });
    return;
  }
  for (const [name, value] of node.fields) {
    if (value.type !== 'scalar') collectHelmImages(value, [...path, name], found);
    else if (/image$/i.test(name) && value.text !== '' && value.value !== null) {
      found.push({ container: [...path, name].join('.'), image: value.text, ...withOrigin(value.origin) });
    }
  }
}

function describeHelmImage(node: MappingNode, repository: string): Pick<ImageInValues, 'image' | 'origin'> {
  const registry = fieldText(node, 'registry');
  const name = registry === '' ? repository : `${registry}/${repository}`;
  const tag = fieldOf(node, 'tag');
  const digest = fieldText(node, 'digest');
  const text = tag?.type === 'scalar' && tag.text !== '' ? `:${tag.text}` : '';
  return {
    image: `${name}${text}${digest === '' ? '' : `@${digest}`}`,
    ...withOrigin(tag?.type === 'scalar' ? tag.origin : undefined),
  };
}
