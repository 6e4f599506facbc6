import { derivePlacements } from '../fleet/placements';
import type { Tree } from '../manifests/tree';
import { groupBy } from '../model/collections';
import type { DeclaredObject, RepositoryManifests } from '../model/manifest';
import type { Settings } from '../model/settings';
import { type CompilePattern, createPatternCache } from '../policy/pattern';
import { type Budget, fullBudget } from '../policy/prove';
import { indexAutomations } from './automations';
import { indexPolicies } from './declaredPolicies';
import { readFluxMinors } from './fluxRelease';
import { createKustomizationList } from './kustomizationList';
import { findHiddenPolicies } from './markerTargets';
import { findMissedOverrides } from './missedOverrides';
import { findMutableImages } from './mutableImages';
import type { CheckedRepository } from './rule';
import { findUnsetVariables } from './unsetVariables';

export interface CheckOptions {
  /** Default: none are known. */
  readonly knownTags?: CheckedRepository['knownTags'];
  /** Default: about 100 ms a proof. */
  readonly budget?: Budget;
  /** Default: a cache of its own. Hand one in to keep it from reading to reading. */
  readonly compile?: CompilePattern;
}

/** One reading of a repository, for `checkFile` and `checkRepository`. Derives what rules look up when they first do. */
export function createCheckedRepository(
  tree: Tree,
  manifests: RepositoryManifests,
  settings: Settings,
  options: CheckOptions = {},
): CheckedRepository {
  const placements = derivePlacements(manifests, settings);
  const forms = once(() => groupForms(manifests));
  const list = createKustomizationList(tree);
  const automations = once(() => indexAutomations(manifests));
  return {
    tree,
    manifests,
    placements,
    settings,
    knownTags: options.knownTags ?? (() => undefined),
    budget: options.budget ?? fullBudget,
    compile: options.compile ?? createPatternCache(1000),
    formsOf: (file, document) => forms().get(`${file}\n${document}`) ?? [],
    policies: once(() => indexPolicies(manifests, placements, settings)),
    automationsIn: (namespace) => automations().get(namespace) ?? [],
    hidesPolicies: once(() => findHiddenPolicies({ tree, manifests })),
    fluxMinors: once(() => readFluxMinors(tree, settings)),
    missedOverrides: once(() => findMissedOverrides(list, manifests)),
    unsetVariables: once(() => findUnsetVariables(tree, manifests)),
    mutableImages: once(() => findMutableImages(list, manifests, settings)),
  };
}

function groupForms(manifests: RepositoryManifests): ReadonlyMap<string, readonly DeclaredObject[]> {
  const all = new Set([...manifests.objects, ...manifests.roots.flatMap(({ objects }) => objects)]);
  return groupBy(all, ({ file, document }) => `${file}\n${document}`);
}

function once<T>(compute: () => T): () => T {
  let computed: { readonly value: T } | undefined;
  return () => (computed ??= { value: compute() }).value;
}
