// Variables that Flux puts in after the build (fluxcd/pkg kustomize/kustomize_varsub.go): a tag behind `${…}` is written
// in the Kustomization's `postBuild.substitute`, two hops from the workload.
import type { EffectiveImage } from './effectiveImages';
import { fieldOf, type ScalarNode, type TreeNode } from './nodes';

const variable = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?[-=]([^}]*))?\}/g;

/**
 * The image with the variables that `spec.postBuild.substitute` names, written where the last of them is. What only
 * ConfigMaps and Secrets (`substituteFrom`) may know stays as it is.
 */
export function substituteImage(image: EffectiveImage, spec: TreeNode | undefined): EffectiveImage {
  const postBuild = fieldOf(spec, 'postBuild');
  if (postBuild === undefined || !image.image.includes('${')) return image;
  const mayKnowMore = fieldOf(postBuild, 'substituteFrom') !== undefined;
  let written: (ScalarNode & { readonly name: string }) | undefined;
  const text = image.image.replace(variable, (whole: string, name: string, fallback: string | undefined) => {
    const value = fieldOf(postBuild, 'substitute', name);
    if (value?.type !== 'scalar') return mayKnowMore ? whole : (fallback ?? whole);
    written = { ...value, name };
    return value.text;
  });
  if (written?.origin === undefined) return { ...image, image: text };
  return { ...image, image: text, origin: { ...written.origin, field: written.name } };
}

/** Whether something that no file here tells stands in the text: a Flux variable, or a template of Helm or a ResourceSet. */
export function isTemplate(text: string): boolean {
  return /\$\{|\{\{|<</.test(text);
}
