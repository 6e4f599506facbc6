// What a promotion is about, looked up once for all its candidates.
import { declaredPlacements } from '../../fleet/declared';
import type { PolicyOfEnvironment } from '../../fleet/hardStops';
import { findObject } from '../../fleet/liveObjects';
import type { DeclaredPlacement } from '../../fleet/placements';
import { policiesOfImage } from '../../fleet/policiesOfImage';
import { findPromotionWorkflow } from '../../fleet/promotionRuns';
import { sourceOf } from '../../fleet/promotionSource';
import { retag } from '../../fleet/retag';
import type { Facts, ForgeFacts, RegistryImage, Workflow } from '../../model/facts';
import type { Environment, Fleet, Placement, PlacementId } from '../../model/fleet';
import type { ImagePolicy, ImageRepository } from '../../model/flux';
import { canonicalImage } from '../../model/image';
import { optional } from '../../model/optional';
import { type Reading, valueOf } from '../../model/reading';
import { settingOf } from '../../model/settings';

export interface PromotionSubject {
  readonly facts: Facts;
  readonly environment: Environment;
  readonly source: Placement;
  readonly target: Placement;
  readonly declared: readonly DeclaredPlacement[];
  /** The target's own, where a clone declares it. */
  readonly here?: DeclaredPlacement;
  readonly policies: readonly PolicyOfEnvironment[];
  /** The target's, as Git declares it, else as its cluster has it. */
  readonly policy?: ImagePolicy;
  /** What the policy selects from: as Git declares it, else as the cluster has it. */
  readonly list?: ImageRepository;
  /** As the cluster has it: only there it tells its last scan. */
  readonly scanned?: ImageRepository;
  readonly registry?: Reading<RegistryImage>;
  readonly forge?: Reading<ForgeFacts>;
  readonly workflow?: Workflow;
  /** `commit`: the tag is written by hand, and no rule would take it back. */
  readonly way: 'workflow' | 'commit';
}

/** Undefined where no environment before has the service. */
export function derivePromotionSubject(fleet: Fleet, facts: Facts, id: PlacementId): PromotionSubject | undefined {
  const environment = fleet.environments.find((one) => one.name === id.environment);
  const target = environment?.placements.find((one) => one.service === id.service);
  const source = sourceOf(fleet, id);
  if (environment === undefined || target === undefined || source === undefined) return undefined;
  const declared = declaredPlacements(facts).map((one) => one.declared);
  const here = declared.find((one) => one.service === id.service && one.environment === id.environment);
  const policies = policiesOfImage(declared, target, facts);
  const policy = here?.policy?.object ?? policies.find((one) => one.environment === id.environment)?.policy;
  const scanned = findObject(facts.clusters.get(target.context ?? '')?.imageRepositories, target.imageRepository);
  const name = canonicalImage(target.image);
  const forge = facts.forges.get(name);
  const known = valueOf(forge);
  const setting = settingOf(target.image, facts.settings.services);
  return {
    facts,
    environment,
    source,
    target,
    declared,
    policies,
    way: target.policy === undefined && here?.marker === undefined ? 'commit' : 'workflow',
    ...optional('here', here),
    ...optional('policy', policy),
    ...optional('list', here?.imageRepository?.object ?? scanned),
    ...optional('scanned', scanned),
    ...optional('registry', facts.registry.get(name)),
    ...optional('forge', forge),
    ...optional('workflow', known && findPromotionWorkflow(known, id.environment, setting)),
  };
}

/** The same build under the target's name, as its policy takes it. */
export function targetTagOf(tag: string, subject: PromotionSubject): string {
  const { policies, policy, source, target, way, registry } = subject;
  const ends = { from: source.environment, to: target.environment, policies, ...optional('policy', policy) };
  const { fit, all } = retag(tag, ends);
  if (way === 'workflow') return fit ?? all[0] ?? tag;
  // Nobody makes a tag for a line that is written by hand: the retagged one counts only where it is there already.
  const tags = valueOf(registry)?.tags ?? [];
  return all.find((one) => tags.includes(one)) ?? tag;
}
