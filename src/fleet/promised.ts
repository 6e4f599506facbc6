// What a promotion's run makes before anything in the cluster speaks of it: the tag that its title promises. After the run it is
// looked for along the chain, so a promotion that nobody watched to its end, or that does not arrive, shows all the same.
import type { Facts, WorkflowRun } from '../model/facts';
import type { Fault } from '../model/fault';
import type { Chain, Fleet, LinkName, Placement } from '../model/fleet';
import { canonicalImage } from '../model/image';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { toLink } from './chain';
import type { PlacementInClone } from './declared';
import { waitingFault } from './explain/diagnosis';
import { runStep, scansStep } from './explain/steps';
import { diagnoseWanted } from './explain/wanted';
import { policiesOfImage } from './policiesOfImage';
import { isInFlight, wordsOfTitle } from './promotionRuns';
import { sourceOf } from './promotionSource';
import { retag } from './retag';

/** Nothing for a placement whose run promises no tag by its title, or one that has arrived already. */
export function derivePromised(
  fleet: Fleet,
  placement: Placement,
  facts: Facts,
  declared: ReadonlyMap<string, readonly PlacementInClone[]>,
): Pick<Placement, 'promised' | 'chain'> | undefined {
  const { run } = placement;
  if (run === undefined || (!isInFlight(run) && run.state !== 'succeeded')) return undefined;
  const promised = promisedBy(run, fleet, placement, facts, declared);
  if (promised === undefined || hasArrived(placement, promised)) return undefined;
  const missing = run.state === 'succeeded' ? whatIsMissing(run, placement, facts, promised) : undefined;
  return { promised, chain: missing === undefined ? placement.chain : withFault(placement.chain, missing) };
}

function promisedBy(
  run: WorkflowRun,
  fleet: Fleet,
  placement: Placement,
  facts: Facts,
  declared: ReadonlyMap<string, readonly PlacementInClone[]>,
): string | undefined {
  const source = sourceOf(fleet, placement);
  if (source === undefined) return undefined;
  const tags = new Set(valueOf(facts.registry.get(canonicalImage(placement.image)))?.tags);
  const tested = [...wordsOfTitle(run)].find((word) => tags.has(word));
  if (tested === undefined) return undefined;
  const policies = policiesOfImage(
    [...declared.values()].flat().map((one) => one.declared),
    placement,
    facts,
  );
  const policy = policies.find(({ environment }) => environment === placement.environment)?.policy;
  return retag(tested, { from: source.environment, to: placement.environment, policies, ...optional('policy', policy) })
    .fit;
}

function hasArrived({ selected, written, running, history }: Placement, tag: string): boolean {
  const now = [selected, written, running].map((reading) => valueOf(reading)?.tag);
  return now.includes(tag) || (valueOf(history) ?? []).some(({ to }) => to === tag);
}

/** Registries show a new tag late; what was read before the run ended says nothing at all. */
const registrySlackMs = 60_000;

function whatIsMissing(run: WorkflowRun, placement: Placement, facts: Facts, tag: string) {
  const wanted = diagnoseWanted(facts, placement, tag);
  const registry = facts.registry.get(canonicalImage(placement.image));
  const readAt = registry?.state === 'known' ? registry.at : 0;
  if (wanted?.link !== 'published' || readAt > run.updatedAt + registrySlackMs) return wanted;
  const fault = waitingFault('registry-behind', `run ${run.id} has succeeded, ${tag} is not seen in the registry yet`, {
    since: run.updatedAt,
    evidence: [{ of: `Run ${run.id} of ${run.workflow}`, text: run.url, at: run.updatedAt }],
    steps: [scansStep(placement.imageRepository), runStep(run)],
    remedy: 'Wait some seconds: the tags are read again.',
  });
  return { link: 'published' as const, fault };
}

/** A link that has failed by itself stays as it is. */
function withFault(chain: Chain, { link: name, fault }: { readonly link: LinkName; readonly fault: Fault }): Chain {
  return chain.map((one) =>
    one.name === name && one.link.state !== 'failed' ? toLink(name, { state: 'faulty', faults: [fault] }) : one,
  );
}
