// Variables that Flux's strict substitution does not find (fluxcd/pkg envsubst, kustomize/kustomize_varsub.go): since Flux
// 2.9 one of them fails the build of the whole Kustomization.
import { parseDocuments } from '../manifests/documents';
import { at, isFields, textAt } from '../manifests/fields';
import type { Tree } from '../manifests/tree';
import type { RepositoryManifests } from '../model/manifest';
import type { TextRange } from '../model/text';

export interface UnsetVariable {
  readonly name: string;
  /** Of `${name}`. */
  readonly range: TextRange;
  /** The Flux Kustomization that substitutes. */
  readonly kustomization: string;
}

/** By file. Only what is certain: no ConfigMap or Secret may name the variable, and no default stands behind it. */
export function findUnsetVariables(
  tree: Tree,
  manifests: RepositoryManifests,
): ReadonlyMap<string, readonly UnsetVariable[]> {
  const found = new Map<string, readonly UnsetVariable[]>();
  for (const root of manifests.roots) {
    const substitution = root.kustomization?.substitution;
    if (substitution === undefined || substitution.mayKnowMore) continue;
    const kustomization = `${root.kustomization?.namespace}/${root.kustomization?.name}`;
    for (const file of root.files) {
      if (found.has(file)) continue;
      const unset = unsetIn(file, tree.read(file) ?? '', substitution.variables);
      if (unset.length > 0) {
        found.set(
          file,
          unset.map((one) => ({ ...one, kustomization })),
        );
      }
    }
  }
  return found;
}

const switchedOff = 'kustomize.toolkit.fluxcd.io/substitute';

/** `$${NAME}` is an escape, and anything behind the name is a default or another operator. */
const reference = /(\$*)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

function unsetIn(
  file: string,
  text: string,
  variables: ReadonlySet<string>,
): readonly Omit<UnsetVariable, 'kustomization'>[] {
  if (!text.includes('${')) return [];
  return parseDocuments(file, text).documents.flatMap(({ value, range }) => {
    const kind = textAt(value, 'kind');
    const metadata = at(value, 'metadata');
    const isOff = [at(metadata, 'labels'), at(metadata, 'annotations')].some(
      (texts) => isFields(texts) && texts[switchedOff] === 'disabled',
    );
    // Of an ImagePolicy `extract-substituted` speaks; a Kustomization of the cluster's own is substituted in its own way.
    if (isOff || kind === undefined || kind === 'ImagePolicy' || kind === 'Kustomization') return [];
    const values = textsOf(value);
    return [...text.slice(range.start, range.end).matchAll(reference)].flatMap((match) => {
      const [whole, escapes = '', name = ''] = match;
      const start = range.start + match.index + escapes.length;
      // Comments do not reach Flux.
      const isValue = values.some((one) => one.includes(`\${${name}}`));
      const isEscaped = escapes.length % 2 === 1;
      if (isEscaped || variables.has(name) || !isValue || isCommented(text, start)) return [];
      return [{ name, range: { start, end: start + whole.length - escapes.length } }];
    });
  });
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

function isCommented(text: string, offset: number): boolean {
  return /^\s*#/.test(text.slice(text.lastIndexOf('\n', offset) + 1, offset));
}
