// What a Flux Kustomization applies: its path built as kustomize-controller builds it (fluxcd/pkg
// kustomize/kustomize_generator.go), with the object's own namespace, prefixes, patches, components and images.
import { applyKustomization } from './accumulate';
import { type KustomizationFile, parseKustomization, readKustomization } from './kustomizationFile';
import { type ManifestReader, manifestReader } from './manifestReader';
import { fieldOf, fieldText, type MappingNode, nodeOfPlain, type SequenceNode, type TreeNode, textNode } from './nodes';
import { type Build, build } from './overlay';
import type { BuildContext } from './patchSources';
import type { Resource } from './resources';
import { BuildError } from './strategicMerge';
import { securePath, type Tree } from './tree';

/** A `BuiltObject` or an object from the API. Only the first can say where its own images and patches are written. */
export interface KustomizationSource {
  readonly object: unknown;
  readonly node?: MappingNode;
}

/** Builds `spec.path` in the repository that the Kustomization takes its source from. */
export function buildFluxKustomization(
  tree: Tree,
  source: KustomizationSource,
  reader: ManifestReader = manifestReader(tree),
): Build {
  const spec = fieldOf(source.node ?? nodeOfPlain(source.object), 'spec');
  const folder = securePath(fieldText(spec, 'path'));
  return build(reader, 'repository', (context) => {
    if (!reader.isFolder(folder)) throw new BuildError(`kustomization path not found: ${folder}`);
    const found = reader.kustomizationsIn(folder);
    if (found.length > 1) throw new BuildError(`Found multiple kustomization files under: ${folder}\n`);
    const [file = folder === '' ? 'kustomization.yaml' : `${folder}/kustomization.yaml`] = found;
    const root =
      found.length === 0 ? generate(reader, folder) : parseKustomization(reader.text(file) ?? '', reader.placeIn(file));
    const kustomization = readKustomization(addSpec(root, spec), 'lenient');
    return applyTo(context, folder, file, kustomization);
  });
}

function applyTo(
  context: BuildContext,
  folder: string,
  file: string,
  kustomization: KustomizationFile,
): readonly Resource[] {
  const place = { folder, file, visited: [folder] };
  return applyKustomization(context, place, kustomization, { resources: [], ids: new Set() }).resources;
}

/** Text that source-controller leaves out of an artifact although it is YAML (fluxcd/pkg sourceignore). */
const ignored =
  /(?:^|\/)(?:\.(?:github|circleci)\/|(?:\.travis|\.gitlab-ci|appveyor|\.drone|codeship-services|codeship-steps|\.goreleaser)\.yml$|(?:cloudbuild|\.sops|\.flux)\.yaml$)/;

/** A folder without a kustomization file gets one of all YAML below; a subfolder with its own is taken as one resource. */
function generate(reader: ManifestReader, folder: string): MappingNode {
  const resources: TreeNode[] = [];
  const taken: string[] = [];
  for (const path of reader.filesBelow(folder)) {
    if (taken.some((other) => path.startsWith(`${other}/`))) continue;
    const subfolder = outermostKustomization(reader, folder, path);
    if (subfolder !== undefined) {
      taken.push(subfolder);
      resources.push(textNode(relativeTo(folder, subfolder)));
      continue;
    }
    if (!/\.ya?ml$/.test(path) || ignored.test(path)) continue;
    const loaded = reader.resources(path);
    if (loaded?.error !== undefined) {
      throw new BuildError(`failed to decode Kubernetes YAML from ${path}: ${loaded.error}`);
    }
    resources.push(textNode(relativeTo(folder, path)));
  }
  if (resources.length === 0) return { type: 'mapping', fields: new Map() };
  return { type: 'mapping', fields: new Map([['resources', { type: 'sequence', items: resources }]]) };
}

function relativeTo(folder: string, path: string): string {
  return `./${folder === '' ? path : path.slice(folder.length + 1)}`;
}

function outermostKustomization(reader: ManifestReader, folder: string, path: string): string | undefined {
  for (
    let slash = path.indexOf('/', folder === '' ? 0 : folder.length + 1);
    slash >= 0;
    slash = path.indexOf('/', slash + 1)
  ) {
    const subfolder = path.slice(0, slash);
    if (reader.kustomizationsIn(subfolder).length > 0) return subfolder;
  }
  return undefined;
}

/** The kustomization file with the Kustomization's own fields over it. */
function addSpec(root: MappingNode, spec: TreeNode | undefined): MappingNode {
  const fields = new Map(root.fields);
  const replaced = [
    ['targetNamespace', 'namespace'],
    ['namePrefix', 'namePrefix'],
    ['nameSuffix', 'nameSuffix'],
  ] as const;
  for (const [from, to] of replaced) {
    const value = fieldText(spec, from);
    if (value !== '') fields.set(to, textNode(value));
  }
  for (const name of ['patches', 'components'] as const) {
    const own = itemsOf(fieldOf(spec, name));
    if (own.length > 0) fields.set(name, { type: 'sequence', items: [...itemsOf(fields.get(name)), ...own] });
  }
  const images = itemsOf(fieldOf(spec, 'images'));
  if (images.length > 0) fields.set('images', mergeImages(itemsOf(fields.get('images')), images));
  return { type: 'mapping', fields };
}

function itemsOf(node: TreeNode | undefined): readonly TreeNode[] {
  return node?.type === 'sequence' ? node.items : [];
}

/** An entry of the Kustomization takes the place of the first of the same name. */
function mergeImages(written: readonly TreeNode[], own: readonly TreeNode[]): SequenceNode {
  const items = [...written];
  for (const image of own) {
    const index = items.findIndex((other) => fieldText(other, 'name') === fieldText(image, 'name'));
    if (index < 0) items.push(image);
    else items[index] = image;
  }
  return { type: 'sequence', items };
}
