// What a promotion's run makes before anything in the cluster speaks of it: the tag that its title promises. After the run it is
// looked for along the chain, so a promotion that nobody watched to its end, or that does not arrive, shows all the same.
import type { Commit, Facts, WorkflowRun } from '../model/facts';
import type { Evidence } from '../model/fault';
import type { Chain, Departure, Fleet, Placement } from '../model/fleet';
import { canonicalImage } from '../model/image';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { toLink } from './chain';
import type { PlacementInClone } from './declared';
import { environmentWordsOf, findEnvironmentWord, isOtherEnvironment } from './environments';
import { failedFault, waitingFault } from './explain/diagnosis';
import { runStep, scansStep } from './explain/steps';
import { diagnoseWanted, type WantedFault } from './explain/wanted';
import { policiesOfImage } from './policiesOfImage';
import { patternOf } from './policyPattern';
import { isInFlight, wordsOfTitle } from './promotionRuns';
import { sourceOf } from './promotionSource';
import { retag } from './retag';

/**
 * The tag that the run makes, and, once it has succeeded, what keeps that tag away. Nothing where it has arrived, or where nobody
 * can tell what it would be.
 */
export function derivePromised(
  fleet: Fleet,
  placement: Placement,
  facts: Facts,
  declared: ReadonlyMap<string, readonly PlacementInClone[]>,
): Pick<Placement, 'promised' | 'chain'> | undefined {
  const { run, chain } = placement;
  const source = sourceOf(fleet, placement);
  if (run === undefined || source === undefined || (!isInFlight(run) && run.state !== 'succeeded')) return undefined;
  const promotion = { run, placement, source, facts, declared };
  const promised = promisedBy(promotion);
  if (promised === undefined) {
    const missing = hasCome(placement, run) ? undefined : whatCameInstead(promotion);
    return missing && { chain: withFault(chain, missing) };
  }
  if (hasArrived(placement, run, promised)) return undefined;
  const missing = run.state === 'succeeded' ? whatIsMissing(promotion, promised) : undefined;
  return { promised, chain: missing === undefined ? chain : withFault(chain, missing) };
}

interface Promotion {
  readonly run: WorkflowRun;
  readonly placement: Placement;
  /** Where the build was tested. */
  readonly source: Placement;
  readonly facts: Facts;
  readonly declared: ReadonlyMap<string, readonly PlacementInClone[]>;
}

/** By the tag that the run's title names: that of the build that was tested, or the one that it makes. */
function promisedBy(promotion: Promotion): string | undefined {
  const tags = new Set(tagsOf(promotion));
  const named = [...wordsOfTitle(promotion.run)].find((word) => tags.has(word));
  if (named === undefined) return undefined;
  const { fit, all, policy } = retagged(promotion, named);
  const made = [...(fit === undefined ? [] : [fit]), ...all, ...namesakes(promotion, named)].find((tag) =>
    tags.has(tag),
  );
  const isOwn = policy !== undefined && patternOf(policy.spec)?.test(named) === true;
  return made ?? fit ?? (isOwn ? named : undefined);
}

function retagged({ placement, source, facts, declared }: Promotion, tested: string) {
  const all = [...declared.values()].flat().map((one) => one.declared);
  const policies = policiesOfImage(all, placement, facts);
  const policy = policies.find(({ environment }) => environment === placement.environment)?.policy;
  const names = { from: source.environment, to: placement.environment, policies, ...optional('policy', policy) };
  return { ...retag(tested, names), policy };
}

/** Other tags of the same build for this environment: with all that stands in its tag beside the environment's word. */
function namesakes(promotion: Promotion, tested: string): readonly string[] {
  const words = environmentWordsOf(promotion.source.environment);
  const word = words.find((one) => tested.startsWith(`${one}-`) || tested.endsWith(`-${one}`));
  if (word === undefined) return [];
  const core = tested.startsWith(`${word}-`) ? tested.slice(word.length + 1) : tested.slice(0, -word.length - 1);
  const { environment } = promotion.placement;
  return tagsOf(promotion).filter((tag) => {
    const other = tag.includes(core) ? findEnvironmentWord(tag) : undefined;
    return other !== undefined && !isOtherEnvironment(other, environment) && !isOtherEnvironment(environment, other);
  });
}

function tagsOf({ facts, placement }: Promotion): readonly string[] {
  return valueOf(facts.registry.get(canonicalImage(placement.image)))?.tags ?? [];
}

/** It is here now, or was after the run began: one that was here before and is no more has lost to another. */
function hasArrived({ selected, written, running, history }: Placement, run: WorkflowRun, tag: string): boolean {
  const now = [selected, written, running].map((reading) => valueOf(reading)?.tag);
  return now.includes(tag) || (valueOf(history) ?? []).some(({ to, commit }) => to === tag && isSince(run, commit));
}

/** Something was written since the run began. */
function hasCome({ history }: Placement, run: WorkflowRun): boolean {
  const changes = valueOf(history);
  return changes === undefined || changes.some(({ commit }) => isSince(run, commit));
}

/** A commit's time has whole seconds. */
function isSince({ createdAt }: WorkflowRun, { at }: Commit): boolean {
  return at + 1000 > createdAt;
}

/** Registries show a new tag late; what was read before the run ended says nothing at all. */
const registrySlackMs = 60_000;

function isReadSince({ run, facts, placement }: Promotion): boolean {
  const registry = facts.registry.get(canonicalImage(placement.image));
  return registry?.state === 'known' && registry.at > run.updatedAt + registrySlackMs;
}

function whatIsMissing(promotion: Promotion, tag: string): WantedFault | undefined {
  const { run, placement, facts } = promotion;
  const wanted = diagnoseWanted(facts, placement, tag);
  if (wanted?.link !== 'published' || isReadSince(promotion)) return wanted && withRun(wanted, run);
  const fault = waitingFault('registry-behind', `run ${run.id} has succeeded, ${tag} is not seen in the registry yet`, {
    since: run.updatedAt,
    evidence: [runEvidence(run)],
    steps: [scansStep(placement.imageRepository), runStep(run)],
    remedy: 'Wait some seconds: the tags are read again.',
  });
  return { link: 'published', fault };
}

/**
 * The run names no tag. What the environment before has tested was there when it began, is not here, and nothing was written
 * since: then it made another tag than the policy takes, or none.
 */
function whatCameInstead(promotion: Promotion): WantedFault | undefined {
  const { run, placement, source, facts } = promotion;
  const tested = valueOf(source.running)?.tag ?? valueOf(source.written)?.tag;
  const isTested = (valueOf(source.history) ?? []).every(({ commit }) => commit.at < run.createdAt);
  if (run.state !== 'succeeded' || tested === undefined || !isTested || !isReadSince(promotion)) return undefined;
  const { all } = retagged(promotion, tested);
  const names = [...all, ...namesakes(promotion, tested)];
  if (names.length === 0 || names.some((tag) => hasArrived(placement, { ...run, createdAt: 0 }, tag))) return undefined;
  const tags = new Set(tagsOf(promotion));
  const made = names.find((tag) => tags.has(tag));
  if (made !== undefined) {
    const wanted = diagnoseWanted(facts, placement, made);
    return wanted && withRun(wanted, run);
  }
  const text = `run ${run.id} has succeeded, and no tag that could come here is in the registry`;
  const fault = failedFault('run-fruitless', text, {
    since: run.updatedAt,
    evidence: [
      runEvidence(run),
      { of: `Tested in ${source.environment}`, text: tested },
      { of: 'Would be', text: all.slice(0, 3).join(', ') },
    ],
    steps: [runStep(run), scansStep(placement.imageRepository)],
    remedy: {
      text: 'See in its log which image and tag it has pushed, and let it push a tag that the policy takes to this image.',
      command: 'promote',
    },
  });
  return { link: 'published', fault };
}

function runEvidence(run: WorkflowRun): Evidence {
  return { of: `Run ${run.id} of ${run.workflow}, which has succeeded`, text: run.url, at: run.updatedAt };
}

function withRun({ link, fault }: WantedFault, run: WorkflowRun): WantedFault {
  const [first, ...others] = fault.steps;
  return {
    link,
    fault: { ...fault, evidence: [...fault.evidence, runEvidence(run)], steps: [first, ...others, runStep(run)] },
  };
}

/** A run that has succeeded and of which nothing came, where that is no fault as far as anybody can see. */
export function deriveQuietRun(placement: Placement): Departure | undefined {
  const { run, environment } = placement;
  if (run?.state !== 'succeeded' || hasCome(placement, run)) return undefined;
  return {
    kind: 'run-quiet',
    text: `run ${run.id} of the promotion has succeeded, and nothing was written into ${environment} since`,
    since: run.updatedAt,
    evidence: [runEvidence(run)],
    remedy:
      'Nothing, where the tag that it promoted was here before. Else see in its log which tag it has pushed, and ask why that tag is not here.',
  };
}

/** A link that has failed by itself stays as it is. */
function withFault(chain: Chain, { link: name, fault }: WantedFault): Chain {
  return chain.map((one) =>
    one.name === name && one.link.state !== 'failed' ? toLink(name, { state: 'faulty', faults: [fault] }) : one,
  );
}
