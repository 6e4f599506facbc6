// Variables that Flux puts in after the build (fluxcd/pkg kustomize/kustomize_varsub.go): a tag behind `${…}` is written
// in the Kustomization's `postBuild.substitute`, two hops from the workload.

import type { Substitution } from '../model/manifest';
import type { EffectiveImage } from './effectiveImages';
import { fieldOf, fieldText, type Origin, type TreeNode } from './nodes';

const variable = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?[-=]([^}]*))?\}/g;

/**
 * The image with the variables that `spec.postBuild.substitute` names, written where the last of them is. What only
 * ConfigMaps and Secrets (`substituteFrom`) may know stays as it is.
 */
export function substituteImage(image: EffectiveImage, spec: TreeNode | undefined): EffectiveImage {
  const postBuild = fieldOf(spec, 'postBuild');
  if (postBuild === undefined || !image.image.includes('${')) return image;
  const mayKnowMore = fieldOf(postBuild, 'substituteFrom') !== undefined;
  let written: Origin | undefined;
  const text = image.image.replace(variable, (whole: string, name: string, fallback: string | undefined) => {
    const value = fieldOf(postBuild, 'substitute', name);
    if (value?.type !== 'scalar') return mayKnowMore ? whole : (fallback ?? whole);
    written = value.origin && { ...value.origin, field: name };
    return value.text;
  });
  return written === undefined ? { ...image, image: text } : { ...image, image: text, origin: written };
}

/**
 * Whether and what Flux substitutes in all that a Kustomization applies (kustomize-controller, since Flux 2.8 also without
 * variables where `substituteStrategy` is `Always`). Undefined for a spec that lacks its source: a patch, or half of one.
 */
export function substitutionOf(spec: TreeNode | undefined): Substitution | undefined {
  if (fieldText(spec, 'sourceRef', 'name') === '') return undefined;
  const postBuild = fieldOf(spec, 'postBuild');
  const substitute = fieldOf(postBuild, 'substitute');
  const from = fieldOf(postBuild, 'substituteFrom');
  const sources = from?.type === 'sequence' ? from.items : [];
  const variables = new Set(substitute?.type === 'mapping' ? substitute.fields.keys() : []);
  const hasVariables = variables.size > 0 || sources.some((one) => fieldText(one, 'optional') !== 'true');
  const isAlways = fieldText(postBuild, 'substituteStrategy') === 'Always';
  return hasVariables || isAlways ? { variables, mayKnowMore: sources.length > 0 } : undefined;
}

/** Whether something that no file here tells stands in the text: a Flux variable, or a template of Helm or a ResourceSet. */
export function isTemplate(text: string): boolean {
  return /\$\{|\{\{|<</.test(text);
}
