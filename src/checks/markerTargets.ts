// Which policy a marker means, as far as this repository can tell. Policies may live elsewhere: a namespace is known here
// only when something of the image automation in it is declared here.

import { isRelevant } from '../manifests/documents';
import { escapePattern } from './escapePattern';
import type { CheckedRepository } from './rule';

export type MarkerTarget =
  | { readonly kind: 'found' }
  /** Nothing is known of the namespace, or something here may make policies that cannot be read from files. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'missing';
      /** Names of the policies in the marker's namespace. */
      readonly siblings: readonly string[];
      /** Other namespaces with a policy of this name. */
      readonly elsewhere: readonly string[];
    };

export interface NamedPolicy {
  readonly namespace: string;
  readonly policy: string;
  readonly file: string;
}

export function findTarget(repository: CheckedRepository, marker: NamedPolicy): MarkerTarget {
  if (repository.policies().named(marker.namespace, marker.policy).length > 0) return { kind: 'found' };
  const policies = repository.policies().all.map(({ object }) => object.meta);
  if (policies.some(({ namespace, name }) => mayBe(namespace, marker.namespace) && mayBe(name, marker.policy))) {
    return { kind: 'found' };
  }
  const siblings = policies.filter(({ namespace }) => namespace === marker.namespace).map(({ name }) => name);
  const isAutomatedHere = repository.automationsIn(marker.namespace).length > 0;
  if (siblings.length === 0 && !isAutomatedHere) return { kind: 'unknown' };
  if (repository.hidesPolicies() || isPartlyBuilt(repository, marker)) return { kind: 'unknown' };
  const elsewhere = policies.filter(({ name }) => name === marker.policy).map(({ namespace }) => namespace);
  return { kind: 'missing', siblings: [...new Set(siblings)], elsewhere: [...new Set(elsewhere)] };
}

/** An empty namespace is one that only an overlay outside this repository knows; `${…}` is filled in by Flux. */
function mayBe(declared: string, wanted: string): boolean {
  if (declared === '' || declared === wanted) return true;
  if (!declared.includes('${')) return false;
  const parts = declared.split(/\$\{[^}]*\}/).map(escapePattern);
  return new RegExp(`^${parts.join('.*')}$`).test(wanted);
}

/** A build that could not be followed to its end may hold the policy. */
function isPartlyBuilt(repository: CheckedRepository, { namespace, file }: NamedPolicy): boolean {
  return repository.manifests.roots.some(
    ({ problems, files, objects, kustomization }) =>
      problems.length > 0 &&
      (files.includes(file) ||
        kustomization?.targetNamespace === namespace ||
        objects.some(({ object }) => object.kind === 'ImagePolicy')),
  );
}

/** Whether some file makes ImagePolicies by a template, so that their names cannot be read. */
export function findHiddenPolicies({ tree, manifests }: Pick<CheckedRepository, 'tree' | 'manifests'>): boolean {
  const declared = new Set(manifests.objects.map(({ file }) => file));
  return tree.list().some((file) => {
    if (!/\.(?:ya?ml|tpl)$/.test(file)) return false;
    const text = tree.read(file);
    if (text === undefined || !isRelevant(text) || !/\bkind:\s*["']?ImagePolicy\b/.test(text)) return false;
    return /^kind:\s*["']?ResourceSet\b/m.test(text) || (text.includes('{{') && !declared.has(file));
  });
}
