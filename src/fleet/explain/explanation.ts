// Why Didn't It Update?: the chain of one placement with all its independent faults, the first one first. Pure: the same
// mechanism as the tree's icon, told in full.
import type { Facts, RepositoryContent } from '../../model/facts';
import type { Fault } from '../../model/fault';
import type { Departure, Fleet, Hold, Link, LinkName, Placement, PlacementId } from '../../model/fleet';
import type { ObjectReference } from '../../model/flux';
import { canonicalImage } from '../../model/image';
import { optional } from '../../model/optional';
import type { Problem } from '../../model/problem';
import { problemOf, valueOf } from '../../model/reading';
import { crossingOf, failuresOf, toLink, withCrossings } from '../chain';
import { controllerOf } from '../controllerLog';
import { findContest, toldDepartures } from '../departures';
import { findObject } from '../liveObjects';
import { deriveQuietRun } from '../promised';
import { type CrossingScope, findCrossings, ofRepository } from './crossings';
import { nameOf } from './diagnosis';
import { diagnoseDrift } from './drifted';
import { withFieldLine } from './faultLine';
import { findPastCrossings } from './pastCrossings';
import { diagnoseStaleScan } from './scanned';
import { controllerStep } from './steps';
import { diagnoseWanted, readWanted } from './wanted';

export interface LinkFault extends Fault {
  readonly link: LinkName;
}

export interface Explanation {
  readonly service: string;
  readonly environment: string;
  /** The tip of the followed branch, as far as it was read. */
  readonly commit?: string;
  /** The tag that was asked for. */
  readonly wanted?: string;
  readonly at: number;
  /** `delivered`: every link is done. `unknown`: nothing is wrong in what could be seen. */
  readonly verdict: 'delivered' | 'waiting' | 'failed' | 'unknown';
  readonly tags: { readonly selected?: string; readonly written?: string; readonly running?: string };
  readonly chain: readonly Link[];
  /** Independent of one another; the first is to be mended first. */
  readonly faults: readonly LinkFault[];
  readonly holds: readonly Hold[];
  /** What broke no link, and is not as it should be. */
  readonly noticed: readonly Departure[];
  /** What could not be seen, and why. */
  readonly unseen: readonly Problem[];
}

export function explain(facts: Facts, fleet: Fleet, placement: Placement, now: number, asked?: string): Explanation {
  const registry = valueOf(facts.registry.get(canonicalImage(placement.image)));
  const wanted = asked === undefined ? undefined : readWanted(asked, placement.image, registry);
  const running = valueOf(placement.running)?.tag;
  const refined = refineChain(facts, placement, now, running === wanted ? undefined : wanted);
  const content = contentOf(facts, placement);
  const scope = content && crossingScope(facts, placement, content);
  const hit = crossingOf(placement.chain);
  const chain = withCrossings(refined, scope === undefined || hit !== undefined ? [] : findCrossings(scope));
  const faults = independent(
    chain.flatMap(({ name, faults: own }) =>
      own.map((fault): LinkFault => ({ ...fault, ...(fault === hit && orGoBack(fault, placement)), link: name })),
    ),
    now,
  ).map((fault) => withFieldLine(fault, content));
  const unseen = unseenBy(placement, chain, fleet);
  const runs = problemOf(facts.forges.get(canonicalImage(placement.image)));
  return {
    service: placement.service,
    environment: placement.environment,
    ...optional('commit', fleet.commits.get(placement.writtenAt?.folder ?? '')?.hash),
    ...optional('wanted', wanted),
    at: now,
    verdict:
      faults.find(({ verdict }) => verdict === 'failed')?.verdict ??
      faults[0]?.verdict ??
      (unseen.length > 0 ? 'unknown' : 'delivered'),
    tags: {
      ...optional('selected', valueOf(placement.selected)?.tag),
      ...optional('written', valueOf(placement.written)?.tag),
      ...optional('running', running),
    },
    chain,
    faults,
    holds: placement.holds,
    noticed: [
      ...[
        ...toldDepartures(placement, now),
        ...contestOf(facts, placement, faults),
        ...(faults.length > 0 ? [] : quietRunOf(placement)),
      ].filter(({ object }) => !isNamed(object, faults)),
      ...(scope === undefined ? [] : findPastCrossings(scope)),
    ],
    unseen: runs === undefined ? unseen : [...unseen, runs],
  };
}

/** A placement that is not there any more: said, with what may have hidden it, and not told from memory. */
export function explainGone({ problems }: Fleet, { service, environment }: PlacementId, now: number): Explanation {
  const message = `The branch that Flux follows does not declare ${service} in ${environment} any more.`;
  return {
    service,
    environment,
    at: now,
    verdict: 'unknown',
    tags: {},
    chain: [],
    faults: [],
    holds: [],
    noticed: [],
    unseen: [{ code: 'placement-unknown', message }, ...problems],
  };
}

/** Told once: as the fault where the other one has had its way. */
function contestOf({ clusters }: Facts, placement: Placement, faults: readonly LinkFault[]): readonly Departure[] {
  if (faults.some(({ code }) => code === 'workload-overwritten')) return [];
  const contest = findContest(clusters.get(placement.context ?? ''), placement);
  return contest === undefined ? [] : [contest];
}

function quietRunOf(placement: Placement): readonly Departure[] {
  const quiet = deriveQuietRun(placement);
  return quiet === undefined ? [] : [quiet];
}

/** What only time, the wanted tag or the workload's own drift tells. */
function refineChain(facts: Facts, placement: Placement, now: number, wanted: string | undefined): readonly Link[] {
  const asked = wanted === undefined ? undefined : diagnoseWanted(facts, placement, wanted);
  const repository = findObject(
    facts.clusters.get(placement.context ?? '')?.imageRepositories,
    placement.imageRepository,
  );
  const links = placement.chain.map((link): Link => {
    if (link.name === asked?.link && link.link.state !== 'failed') return linkOf(link.name, asked.fault);
    if (link.name === 'scanned' && link.link.state === 'done') {
      const stale = diagnoseStaleScan(repository, now);
      return stale === undefined ? link : toLink('scanned', stale);
    }
    if (link.name === 'rolled out' && placement.drift !== undefined) {
      return linkOf('rolled out', diagnoseDrift(placement, placement.drift, now), link);
    }
    return link;
  });
  const isNew = asked !== undefined && !links.some(({ name }) => name === asked.link);
  return isNew ? [linkOf(asked.link, asked.fault), ...links] : links;
}

/** Whoever was given another environment's tag can have its own back with the repair, in one commit. */
function orGoBack({ code, remedy, repair }: Fault, { environment }: Placement): Pick<Fault, 'remedy'> | undefined {
  if (code !== 'marker-crosses' || repair === undefined) return undefined;
  const text = `Or roll back: the repair, and an earlier tag of ${environment}, in one commit.`;
  return { remedy: { ...remedy, or: { text, command: 'rollBack' } } };
}

function contentOf({ repositories }: Facts, { writtenAt }: Placement): RepositoryContent | undefined {
  return valueOf(repositories.find(({ folder }) => folder === writtenAt?.folder)?.content);
}

/** Where another environment's tag is written, the chain says already by what it was pulled in. */
function crossingScope(facts: Facts, placement: Placement, content: RepositoryContent): CrossingScope {
  const { environment, image, policy, writtenAt } = placement;
  const cluster = facts.clusters.get(placement.context ?? '');
  const applied = findObject(cluster?.gitRepositories, placement.source?.object);
  return {
    environment,
    image,
    ...optional('origin', writtenAt?.origin),
    ...optional('marker', writtenAt?.marker),
    ...optional('policy', policy),
    ...optional('written', valueOf(placement.written)?.tag),
    ...optional('livePolicy', findObject(cluster?.imagePolicies, policy)),
    automations: () =>
      ofRepository(valueOf(cluster?.imageUpdateAutomations), valueOf(cluster?.gitRepositories), applied),
    history: valueOf(placement.history) ?? [],
    tags: valueOf(facts.registry.get(canonicalImage(image)))?.tags ?? [],
    content,
  };
}

/** Beside what the link has failed by already. */
function linkOf(name: LinkName, fault: Fault, before?: Link): Link {
  return toLink(name, { state: 'faulty', faults: [fault, ...failuresOf(before)] });
}

/** Waits for a person, so it does not pass with what comes before it. */
const forAPerson: ReadonlySet<string> = new Set(['run-waiting', 'push-branch-unmerged', 'health-older-revision']);

/**
 * Effects of another fault are left out. What only waits is an effect of what has failed before it; where nothing has
 * failed, the first that waits holds up the rest.
 */
function independent(all: readonly LinkFault[], now: number): readonly LinkFault[] {
  const causes = all.filter((fault) => !all.some((other) => other !== fault && isEffect(fault, other)));
  const told = causes
    .map((fault): LinkFault => (isBlamed(fault, all) ? blamed(fault) : fault))
    .map((fault) => withOverdue(fault, now));
  const own = told.filter((fault) => fault.verdict === 'failed' || forAPerson.has(fault.code));
  return own.length > 0 ? own : told.slice(0, 1);
}

/** So many times as long as usual, and so long at least: then it does not pass by itself. */
const overdueTimes = 5;
const overdueMs = 600_000;

/** What waits for a controller that does not come: it may not run at all, and nothing else says so. */
function withOverdue(fault: LinkFault, now: number): LinkFault {
  const { verdict, since, usualMs, object, remedy, steps } = fault;
  const controller = object && controllerOf(object.kind);
  if (verdict !== 'waiting' || since === undefined || usualMs === undefined || controller === undefined) return fault;
  if (now - since < Math.max(usualMs * overdueTimes, overdueMs)) return fault;
  return {
    ...fault,
    remedy: { ...remedy, text: `It is long overdue: see whether ${controller} runs. ${remedy.text}` },
    steps: [controllerStep(controller), ...steps],
  };
}

const brokenSource: ReadonlySet<string> = new Set([
  'source-missing',
  'source-unauthorized',
  'source-failed',
  'source-pinned',
]);

function isSame(one: ObjectReference, other: ObjectReference | undefined): boolean {
  return other !== undefined && nameOf(one) === nameOf(other);
}

function isEffect(fault: LinkFault, cause: LinkFault): boolean {
  // The pods of the older revision: why it does not become healthy.
  if (cause.code === 'health-older-revision' && fault.link === 'rolled out') return true;
  // No pod can start with what such a marker has written.
  if (cause.code === 'marker-wrong-part' && fault.link === 'rolled out') return true;
  switch (fault.code) {
    // Health is judged of what was applied: the message names it, and its own fault says why.
    case 'health-failed':
      return names(fault, cause);
    case 'health-waiting':
      return cause.link === 'rolled out';
    case 'policy-no-repository':
    case 'policy-no-tags':
      return cause.link === 'scanned' && cause.verdict === 'failed';
    case 'artifact-failed':
      return cause.code === 'source-pending' || (cause.link === 'fetched' && cause.verdict === 'failed');
    // The automation and the Kustomization have one source: where it cannot be read, neither can go on.
    case 'automation-source':
    case 'automation-git':
      return brokenSource.has(cause.code) && fault.needs !== undefined && isSame(fault.needs, cause.object);
    case 'image-pull':
      return cause.code === 'tag-missing';
    // Looked for in the repository that the workload runs from, and selected in another.
    case 'tag-missing':
      return cause.link === 'built' || cause.link === 'requested' || cause.code === 'repository-other-image';
    // Without the policy nobody knows which one it would be; and where the marker names a namespace in error, none writes there.
    case 'repository-missing':
    case 'automation-missing':
    case 'automation-namespace':
      return cause.code === 'marker-orphaned';
    case 'workload-drifted':
      return cause.code === 'image-override-beats';
    case 'workload-overwritten':
      return cause.code === 'image-override-beats' || cause.code === 'kustomization-path';
    case 'workload-missing':
      return cause.link === 'applied' && cause.verdict === 'failed';
    default:
      return false;
  }
}

function blamed(fault: LinkFault): LinkFault {
  const text = `Its Kustomization has given up waiting for it, and tries again. ${fault.remedy.text}`;
  return fault.verdict === 'failed' ? fault : { ...fault, verdict: 'failed', remedy: { ...fault.remedy, text } };
}

/** A health check that has given up turns the wait of what it names into a failure. */
function isBlamed(fault: LinkFault, all: readonly LinkFault[]): boolean {
  return all.some((other) => other.code === 'health-failed' && names(other, fault));
}

function names({ text }: LinkFault, { object, link }: LinkFault): boolean {
  if (object === undefined || link === 'applied') return false;
  return text.includes(`${object.kind}/${object.namespace}/${object.name}`);
}

function isNamed(object: ObjectReference | undefined, faults: readonly LinkFault[]): boolean {
  return object !== undefined && faults.some((fault) => fault.object && nameOf(fault.object) === nameOf(object));
}

/** Each silent source once. */
function unseenBy(placement: Placement, chain: readonly Link[], fleet: Fleet): readonly Problem[] {
  const silent = chain.flatMap(({ link }) => (link.state === 'unknown' ? [link.problem] : []));
  const own = [placement.selected, placement.written, placement.running].flatMap((reading) => problemOf(reading) ?? []);
  const all = [...silent, ...own, ...placement.problems, ...fleet.problems.filter(({ code }) => code !== 'not-flux')];
  return [...new Map(all.map((problem) => [problem.message, problem])).values()];
}
