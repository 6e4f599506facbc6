// Everything that a rollback depends on, looked up once: what stands where, by which rule it is written, what the registry has.
import { cloneOf, declaredPlacements } from '../../fleet/declared';
import { findObject } from '../../fleet/liveObjects';
import { type DeclaredPlacement, keyOf } from '../../fleet/placements';
import type { PlacementsOf } from '../../fleet/rememberPlacements';
import type { Commit, Facts, RepositoryContent, RepositoryFacts } from '../../model/facts';
import type { Environment, Fleet, Placement, PlacementId } from '../../model/fleet';
import type { ImageRepository, ImageUpdateAutomation } from '../../model/flux';
import { canonicalImage, type ImageTag } from '../../model/image';
import { optional } from '../../model/optional';
import type { Problem } from '../../model/problem';
import { problemOf, valueOf } from '../../model/reading';
import { type CompilePattern, createPatternCache } from '../../policy/pattern';
import { type Refusal, refuse } from '../plan';
import { deriveRepaired, type Repaired } from './repaired';

export interface RollbackIntent extends PlacementId {
  /** The tag to go back to. */
  readonly tag: string;
  /** Which image of a tag that moves. */
  readonly digest?: string;
  /** Why, in the user's words. */
  readonly reason: string;
  /** What the followed branch asks for instead of a push: `a pull request`. Then one commit must do. */
  readonly rule?: string;
}

/** How one placement stands, whatever is to be done with it. */
export interface Standing {
  readonly facts: Facts;
  readonly environment: Environment;
  readonly placement: Placement;
  readonly here: DeclaredPlacement;
  /** In all clones. */
  readonly declared: readonly DeclaredPlacement[];
  readonly repository: RepositoryFacts;
  readonly content: RepositoryContent;
  /** In the registry now; the problem where it is silent. */
  readonly tags: readonly string[] | Problem;
  /** As the cluster has them, else as Git declares them. */
  readonly list?: ImageRepository;
  readonly automation?: ImageUpdateAutomation;
  /** `2.9`. */
  readonly flux: string;
  /** The ways ask for the same patterns: each is compiled once. */
  readonly compile: CompilePattern;
}

export interface Situation extends Standing {
  readonly intent: RollbackIntent;
  readonly written: ImageTag;
  /** The write-back that brought the written tag. */
  readonly undoes?: Commit;
  /** Where another environment's tag is written. */
  readonly repaired?: Repaired;
}

export function deriveStanding(
  fleet: Fleet,
  facts: Facts,
  { service, environment: name }: PlacementId,
  placementsOf?: PlacementsOf,
): Standing | Refusal {
  const environment = fleet.environments.find((one) => one.name === name);
  const placement = environment?.placements.find((one) => one.service === service);
  const all = declaredPlacements(facts, placementsOf);
  const found = all.find(({ declared: one }) => one.service === service && one.environment === name);
  if (environment === undefined || placement === undefined || found === undefined) {
    return refuse(`${service} is not in ${name} any more.`);
  }
  const { declared: here, content } = found;
  const reading = facts.registry.get(canonicalImage(placement.image));
  const silence = problemOf(reading) ?? notRead;
  const cluster = facts.clusters.get(placement.context ?? '');
  const list = findObject(cluster?.imageRepositories, placement.imageRepository) ?? here.imageRepository?.object;
  const automation = findObject(cluster?.imageUpdateAutomations, placement.automation) ?? here.automation?.object;
  return {
    facts,
    environment,
    placement,
    here,
    declared: all.map((one) => one.declared),
    repository: cloneOf(facts, found),
    content,
    tags: reading?.state === 'known' ? reading.value.tags : silence,
    ...optional('list', list),
    ...optional('automation', automation),
    flux: facts.settings.fluxVersion,
    compile: createPatternCache(100),
  };
}

const notRead: Problem = { code: 'not-read-yet', message: 'The registry has not been read yet.' };

export function deriveSituation(
  fleet: Fleet,
  facts: Facts,
  intent: RollbackIntent,
  placementsOf?: PlacementsOf,
): Situation | Refusal {
  const { service, environment, tag, digest } = intent;
  const standing = deriveStanding(fleet, facts, intent, placementsOf);
  if ('kind' in standing) return standing;
  const written = valueOf(standing.placement.written);
  if (written === undefined) return refuse(`${service} has no written tag in ${environment}.`);
  const now = written.digest ?? digestInRegistry(standing, tag);
  if (written.tag === tag && (digest === undefined || digest === now)) {
    return refuse(`${environment} is on ${tag} already.`);
  }
  if ('includes' in standing.tags && !standing.tags.includes(tag)) {
    return refuse(`${tag} is not in the registry any more.`, 'Choose another tag.');
  }
  const undoes = valueOf(standing.placement.history)?.find((change) => change.to === written.tag)?.commit;
  const repaired = deriveRepaired(standing.placement, standing.content, facts.settings);
  return { ...standing, intent, written, ...optional('undoes', undoes), ...optional('repaired', repaired) };
}

function digestInRegistry({ facts, placement }: Standing, tag: string): string | undefined {
  const registry = valueOf(facts.registry.get(canonicalImage(placement.image)));
  return valueOf(registry?.digests.get(tag));
}

/** The policy's name, for sentences. */
export function policyName({ placement: { policy } }: Standing): string {
  return policy === undefined ? 'of this image' : keyOf(policy);
}
