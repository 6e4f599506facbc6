// Which services, and which build of each: every build comes with its verdict before it can be chosen.
import { type PromotionCandidate, promotionCandidates } from '../changes/promotionCandidates';
import { sourceOf } from '../fleet/promotionSource';
import { formatTag } from '../fleet/tagParts';
import { formatAge } from '../model/duration';
import type { Placement, PlacementId } from '../model/fleet';
import { valueOf } from '../model/reading';
import { askPick, askPicks } from './ask';
import { findPlacement, placementOf } from './choose';
import type { Reporter } from './report';
import type { World } from './world';

export interface Build {
  readonly image: string;
  readonly tag: string;
  readonly target: PlacementId;
}

/** From a row the one placement; else any number of those that can be promoted into, each with what it would get. */
export async function askTargets(
  { world, reporter }: { readonly world: World; readonly reporter: Reporter },
  argument: unknown,
): Promise<readonly Build[]> {
  const given = placementOf(argument);
  const { fleet } = world;
  const target = given && findPlacement(fleet, given);
  if (target !== undefined) return buildOf(world, target, reporter);
  const placements = fleet.environments
    .flatMap((environment) => environment.placements)
    .filter((placement) => sourceOf(fleet, placement) !== undefined);
  const items = placements.map((placement) => {
    const [candidate] = promotionCandidates(fleet, world.facts, placement, Date.now());
    const what =
      candidate === undefined ? 'nothing to promote' : formatTag(candidate.preflight.candidate.tag, candidate.parts);
    return {
      label: placement.service,
      description: `${what} to ${placement.environment}`,
      detail: candidate === undefined ? '' : verdictOf(candidate),
      placement,
    };
  });
  const [only] = placements;
  if (placements.length === 1 && only !== undefined) return buildOf(world, only, reporter);
  const options = { title: 'Promote: which services', placeHolder: 'One, or several at once', matchOnDetail: true };
  const picked = await askPicks(items, options);
  return (picked ?? []).flatMap(({ placement }) => buildOf(world, placement, reporter));
}

function buildOf(world: World, target: Placement, reporter: Reporter): readonly Build[] {
  const [candidate] = promotionCandidates(world.fleet, world.facts, target, Date.now());
  if (candidate !== undefined) {
    return [{ image: target.image, tag: candidate.preflight.candidate.tag, target: idOf(target) }];
  }
  const hasSource = sourceOf(world.fleet, target) !== undefined;
  reporter.refused({
    kind: 'refusal',
    reason: hasSource
      ? `The environment before ${target.environment} has no build of ${target.service} yet.`
      : `${target.service} has no environment before ${target.environment} to promote from.`,
    wayOut: hasSource ? 'Wait until it runs one.' : 'Order the environments in the setting fluxPromote.environments.',
  });
  return [];
}

function idOf({ service, environment }: Placement): PlacementId {
  return { service, environment };
}

/** The build of one service: what runs first, then older ones. */
export async function askCandidate(world: World, [build]: readonly Build[]): Promise<readonly Build[]> {
  if (build === undefined) return [];
  const { service, environment } = build.target;
  const candidates = promotionCandidates(world.fleet, world.facts, build.target, Date.now());
  const items = candidates.map((candidate) => ({
    label: candidate.preflight.candidate.tag,
    description: stateOf(candidate),
    detail: verdictOf(candidate),
    tag: candidate.preflight.candidate.tag,
  }));
  const before = candidates[0]?.preflight.source.environment ?? '';
  const options = {
    title: `Promote ${service} to ${environment}: which build`,
    placeHolder: `Builds of ${before}, the running one first`,
    matchOnDescription: true,
  };
  const picked = await askPick(items, options);
  return picked === undefined ? [] : [{ ...build, tag: picked.tag }];
}

/** `running in staging since 3 h, healthy, sha256:5f2c…` */
function stateOf({ isRunning, since, parts, preflight }: PromotionCandidate): string {
  const { source, candidate } = preflight;
  const age = since ?? parts.builtAt;
  const rolledOut = source.chain.find(({ name }) => name === 'rolled out')?.link.state === 'done';
  return [
    `${isRunning ? 'running' : 'was'} in ${source.environment}`,
    ...(age === undefined ? [] : [`since ${formatAge(Date.now() - age)}`]),
    ...(isRunning && rolledOut ? ['healthy'] : []),
    ...(candidate.digest === undefined ? [] : [`${candidate.digest.slice(0, 19)}…`]),
    ...(valueOf(preflight.target.written)?.tag === candidate.targetTag ? ['in place'] : []),
  ].join(', ');
}

function verdictOf({ obstacle, preflight }: PromotionCandidate): string {
  if (obstacle !== undefined) return `$(circle-slash) ${[obstacle.text, obstacle.remedy].filter(Boolean).join(' ')}`;
  const open = preflight.lines.filter(({ verdict }) => verdict === 'unknown').length;
  const known = `$(pass) Becomes ${preflight.candidate.targetTag}`;
  return open === 0 ? known : `${known}; ${open} of ${preflight.lines.length} checks are not known`;
}
