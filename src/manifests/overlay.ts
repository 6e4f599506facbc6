// A kustomize build (kustomize api 0.21.1, api/internal/target/kusttarget.go) from files to objects, for what can be judged
// from files alone. What it does not evaluate and what could change an image is said in `unsupported`, never guessed.
// References between objects (names in env, selectors) are not rewritten: images, names and namespaces are what it is for.
import { accumulate } from './accumulate';
import { type ManifestReader, manifestReader } from './manifestReader';
import { fieldText, type MappingNode, plainOf } from './nodes';
import type { BuildContext, FileScope, Unsupported } from './patchSources';
import type { Resource } from './resources';
import { BuildError } from './strategicMerge';
import { checkContainers } from './transforms';
import { normalizePath, type Tree } from './tree';

export interface BuiltObject {
  /** Plain JSON. */
  readonly object: unknown;
  /** The same, with places. */
  readonly node: MappingNode;
  /** The file that declares it. */
  readonly file: string;
  readonly documentIndex: number;
}

export interface Build {
  /** Empty when there is an error. */
  readonly objects: readonly BuiltObject[];
  readonly unsupported: readonly Unsupported[];
  /** Why kustomize refuses to build, in its words where they are known. */
  readonly error?: string;
}

/**
 * Builds the folder `root`. Give one `reader` to several builds of one tree. Kustomize reads files in and below a
 * kustomization's own folder; Flux all of the repository.
 */
export function buildOverlay(
  tree: Tree,
  root: string,
  reader: ManifestReader = manifestReader(tree),
  scope: FileScope = 'folder',
): Build {
  const folder = normalizePath(root);
  return build(reader, scope, (context) => {
    if (folder === undefined || !reader.isFolder(folder)) {
      throw new BuildError(`must build at directory: '${root}' doesn't exist`);
    }
    return accumulate(context, folder, []).resources;
  });
}

const maximumFolders = 2000;

/** Runs one build and turns its refusal into a value. */
export function build(
  reader: ManifestReader,
  scope: FileScope,
  run: (context: BuildContext) => readonly Resource[],
): Build {
  const context: BuildContext = { reader, scope, unsupported: [], isPartial: false, left: maximumFolders };
  try {
    const resources = run(context);
    for (const resource of resources) checkContainers(resource);
    const objects = resources
      .filter((resource) => !resource.isGenerated && !isLocal(resource.root))
      .map((resource) => describeObject(resource));
    return { objects, unsupported: context.unsupported };
  } catch (error) {
    if (error instanceof BuildError) return { objects: [], unsupported: context.unsupported, error: error.message };
    throw error;
  }
}

/** Plain JSON is only made where somebody asks for it. */
function describeObject({ root, file, documentIndex }: Resource): BuiltObject {
  let plain: unknown;
  return {
    node: root,
    file,
    documentIndex,
    get object() {
      plain ??= plainOf(root);
      return plain;
    },
  };
}

function isLocal(root: MappingNode): boolean {
  const flag = fieldText(root, 'metadata', 'annotations', 'config.kubernetes.io/local-config');
  return flag !== '' && flag !== 'false';
}
