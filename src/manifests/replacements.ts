// `replacements` are not evaluated; this tells whether one could reach an image.
import type { TreeNode } from './nodes';

const harmlessRoots = ['metadata', 'data', 'stringData', 'rules', 'subjects', 'roleRef'];
const carriers = [
  'image',
  'reference',
  'containers',
  'initContainers',
  'volumes',
  'template',
  'jobTemplate',
  'spec',
  '*',
];

/** False only when every target field stands where no image is and holds none. */
export function replacesImages(replacement: TreeNode): boolean {
  if (replacement.type !== 'mapping' || replacement.fields.has('path')) return true;
  const targets = replacement.fields.get('targets');
  if (targets?.type !== 'sequence') return false;
  return targets.items.some((target) => {
    const paths = target.type === 'mapping' ? target.fields.get('fieldPaths') : undefined;
    if (paths === undefined) return false; // kustomize's default is metadata.name
    if (paths.type !== 'sequence') return true;
    return paths.items.some((path) => path.type !== 'scalar' || reachesImage(path.text));
  });
}

function reachesImage(path: string): boolean {
  const steps = path.split('.').filter((step) => step !== '');
  const [first] = steps;
  if (first !== undefined && harmlessRoots.includes(first)) return false;
  const last = steps.at(-1) ?? '*';
  return carriers.includes(last) || last.startsWith('[') || /^-?\d*$/.test(last) || last.endsWith(']');
}
