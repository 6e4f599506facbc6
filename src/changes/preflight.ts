// The checks before a promotion: each line a verdict with its evidence. A failed line refuses; an unknown one is said.
import { worstLink } from '../fleet/chain';
import { declaredPlacements } from '../fleet/declared';
import { crossingText, findCrossing, findMutablePlacement, type PolicyOfEnvironment } from '../fleet/hardStops';
import type { DeclaredPlacement } from '../fleet/placements';
import { policiesOfImage } from '../fleet/policiesOfImage';
import { prefixOf } from '../fleet/policyPattern';
import { findPromotionWorkflow, isInFlight } from '../fleet/promotionRuns';
import { type PlacementId, sourceOf } from '../fleet/rows';
import type { Facts, RegistryImage } from '../model/facts';
import type { Environment, Fleet, Placement } from '../model/fleet';
import { canonicalImage, type ImageTag, legalTag } from '../model/image';
import { optional } from '../model/optional';
import { problemOf, type Reading, valueOf } from '../model/reading';
import { settingOf } from '../model/settings';
import { fullBudget } from '../policy/prove';
import { select } from '../policy/select';

export type Verdict = 'passed' | 'failed' | 'unknown';

export interface PreflightLine {
  readonly verdict: Verdict;
  readonly text: string;
  readonly remedy?: string;
}

export interface Candidate extends ImageTag {
  /** What production's tag will be. */
  readonly targetTag: string;
}

export interface Preflight {
  readonly source: Placement;
  readonly target: Placement;
  readonly candidate: Candidate;
  readonly lines: readonly PreflightLine[];
}

/** The candidate is what the environment before runs, or `tag`. Undefined where no environment before has the service. */
export function derivePreflight(fleet: Fleet, facts: Facts, id: PlacementId, tag?: string): Preflight | undefined {
  const environment = fleet.environments.find((one) => one.name === id.environment);
  const target = environment?.placements.find((one) => one.service === id.service);
  const source = sourceOf(fleet, id);
  if (environment === undefined || target === undefined || source === undefined) return undefined;
  const running = valueOf(source.running) ?? valueOf(source.written);
  const chosen = tag ?? running?.tag;
  if (chosen === undefined) return undefined;
  const registry = facts.registry.get(canonicalImage(source.image));
  const digest =
    valueOf(valueOf(registry)?.digests.get(chosen)) ?? (running?.tag === chosen ? running.digest : undefined);
  const declared = declaredPlacements(facts).map((one) => one.declared);
  const policies = policiesOfImage(declared, target, facts);
  const targetTag = retagged(chosen, policies, source.environment, target.environment);
  return {
    source,
    target,
    candidate: { tag: chosen, targetTag, ...optional('digest', digest) },
    lines: [
      existsLine(registry, source.image, chosen, digest),
      rolledOutLine(source, chosen),
      targetTagLine(registry, chosen, targetTag, target),
      winsLine(registry, policies, declared, target, targetTag, facts.settings.fluxVersion),
      crossingLine(policies, target.environment),
      mutableLine(declared, target.environment),
      holdLine(target, facts),
      inFlightLine(facts, target),
      ...protectedLine(environment),
    ],
  };
}

/** The same version, commit and time under the target's prefix. */
function retagged(tag: string, policies: readonly PolicyOfEnvironment[], from: string, to: string): string {
  const [source, target] = [from, to].map((environment) =>
    prefixOf(policies.find((one) => one.environment === environment)?.policy.spec),
  );
  if (source && target && tag.startsWith(source)) return target + tag.slice(source.length);
  return tag.startsWith(from) ? to + tag.slice(from.length) : tag;
}

function passed(text: string): PreflightLine {
  return { verdict: 'passed', text };
}

function notKnown(text: string): PreflightLine {
  return { verdict: 'unknown', text };
}

function failedLine(text: string, remedy?: string): PreflightLine {
  return { verdict: 'failed', text, ...optional('remedy', remedy) };
}

function existsLine(
  registry: Reading<RegistryImage> | undefined,
  image: string,
  tag: string,
  digest: string | undefined,
): PreflightLine {
  if (registry === undefined) return notKnown(`Whether ${image}:${tag} is in the registry is not known yet.`);
  if (registry.state === 'unknown') {
    return notKnown(`Whether ${image}:${tag} is in the registry is unknown. ${registry.problem.message}`);
  }
  if (registry.state === 'stale') {
    return notKnown(`Whether ${image}:${tag} is in the registry now is unknown. ${registry.problem.message}`);
  }
  if (!registry.value.tags.includes(tag)) return failedLine(`${tag} is not in the registry.`, 'Choose another build.');
  return digest === undefined
    ? notKnown(`${tag} is in the registry; its digest is not known yet.`)
    : passed(`${tag} is in the registry as ${digest.slice(0, 19)}…`);
}

function rolledOutLine(source: Placement, tag: string): PreflightLine {
  const { environment } = source;
  if (source.running.state !== 'known') {
    return notKnown(`What ${environment} runs now is unknown. ${source.running.problem.message}`);
  }
  const running = source.running.value?.tag;
  if (running !== tag) {
    return notKnown(
      `${environment} runs ${running ?? 'nothing'}, not ${tag}: this build is not what is tested there now.`,
    );
  }
  const worst = worstLink(source.chain.filter(({ name }) => name === 'applied' || name === 'rolled out'));
  if (worst === undefined) return passed(`${environment} runs it, rolled out and healthy.`);
  const text = `${environment} is not known to be healthy: ${worst.name} is ${worst.link.state}.`;
  return worst.link.state === 'unknown' ? notKnown(text) : failedLine(text, `Wait until ${environment} is healthy.`);
}

function targetTagLine(
  registry: Reading<RegistryImage> | undefined,
  tag: string,
  targetTag: string,
  { environment }: Placement,
): PreflightLine {
  if (!legalTag.test(targetTag)) return failedLine(`${targetTag} is not a legal tag.`);
  if (targetTag === tag) {
    return failedLine(
      `${tag} does not name its environment, so there is no tag of ${environment} to give it.`,
      `Promote it by a commit that writes the tag in ${environment}.`,
    );
  }
  if (valueOf(registry)?.tags.includes(targetTag) === true) {
    return failedLine(
      `${targetTag} exists already: this build was promoted before.`,
      'Choose a newer build, or roll back to this one.',
    );
  }
  return passed(`The tag in ${environment} will be ${targetTag}.`);
}

function winsLine(
  registry: Reading<RegistryImage> | undefined,
  policies: readonly PolicyOfEnvironment[],
  declared: readonly DeclaredPlacement[],
  target: Placement,
  targetTag: string,
  flux: string,
): PreflightLine {
  const placement = declared.find((one) => one.service === target.service && one.environment === target.environment);
  const policy =
    placement?.policy?.object ?? policies.find(({ environment }) => environment === target.environment)?.policy;
  if (registry?.state !== 'known')
    return notKnown(`Whether ${targetTag} will be selected is unknown: the registry is silent.`);
  if (policy === undefined)
    return notKnown(`Whether ${targetTag} will be selected is unknown: no ImagePolicy is known.`);
  const { tags } = registry.value;
  const name = `${policy.meta.namespace}/${policy.meta.name}`;
  const exclude = placement?.imageRepository?.object.exclusionList ?? [];
  const answer = select(policy.spec, [...tags, targetTag], { exclude, flux });
  if (answer.kind === 'tag' && answer.tag === targetTag) return passed(`The policy ${name} will select it.`);
  const instead =
    answer.kind === 'tag'
      ? `selects ${answer.tag} instead`
      : answer.kind === 'ambiguous'
        ? `may select ${answer.tags.join(' or ')}`
        : `fails: ${answer.error}`;
  return failedLine(
    `The policy ${name} would not select ${targetTag}: it ${instead}.`,
    'An older build never wins again: roll back to it, or build it with a fresh stamp.',
  );
}

function crossingLine(policies: readonly PolicyOfEnvironment[], environment: string): PreflightLine {
  const subjects = policies.filter((one) => one.environment === environment);
  if (subjects.length === 0) {
    return notKnown("Whether the policy takes other environments' tags is unknown: no ImagePolicy is known.");
  }
  const found = subjects.map((subject) => ({ subject, crossing: findCrossing(subject, policies, fullBudget) }));
  for (const { subject, crossing } of found) {
    if (crossing.kind !== 'crosses') continue;
    return failedLine(
      `Hard stop: ${crossingText(crossing, subject)}`,
      `Anchor the pattern to the tags of ${environment} first.`,
    );
  }
  const open = found.flatMap(({ crossing }) => (crossing.kind === 'undecided' ? [crossing.why] : []));
  return open[0] === undefined
    ? passed("The policy takes no other environment's tags.")
    : notKnown(`Whether the policy takes other environments' tags is undecided: ${open[0]}`);
}

function mutableLine(declared: readonly DeclaredPlacement[], environment: string): PreflightLine {
  const found = findMutablePlacement(declared.filter((one) => one.environment === environment));
  return found === undefined
    ? passed(`No mutable tag in what ${environment} builds to.`)
    : failedLine(
        `Hard stop: ${environment} would run ${found.service} with ${found.why}, which can change without a change in Git.`,
        'Give it a tag of its own first.',
      );
}

/** What is suspended in Git is known without a cluster; what is suspended in the cluster alone is not. */
function holdLine(target: Placement, facts: Facts): PreflightLine {
  const hold = target.holds.find((one) => one.kind === 'suspended');
  if (hold !== undefined) return failedLine(`${hold.text}.`, 'Resume it first.');
  const cluster = facts.clusters.get(target.context ?? '');
  const silent = [cluster?.imagePolicies, cluster?.imageRepositories, cluster?.imageUpdateAutomations].find(
    (reading) => reading?.state !== 'known',
  );
  return cluster !== undefined && silent === undefined
    ? passed('Nothing is suspended.')
    : notKnown(
        `Whether something is suspended in the cluster is unknown. ${problemOf(silent)?.message ?? 'It has not been read.'}`,
      );
}

function inFlightLine({ forges, settings }: Facts, { image, environment }: Placement): PreflightLine {
  const forge = forges.get(canonicalImage(image));
  if (forge === undefined) return notKnown('Whether a promotion is already running is not known yet.');
  if (forge.state !== 'known') {
    return notKnown(`Whether a promotion is already running is unknown. ${forge.problem.message}`);
  }
  const workflow = findPromotionWorkflow(forge.value, environment, settingOf(image, settings.services));
  const running = forge.value.runs.find((run) => isInFlight(run) && run.workflow === workflow?.path);
  return running === undefined
    ? passed('No promotion is running.')
    : failedLine(`Run ${running.id} is promoting already.`, `Wait for it: ${running.url}`);
}

function protectedLine({ name, isProtected }: Environment): readonly PreflightLine[] {
  return isProtected ? [passed(`${name} is protected: you will be asked to type its name.`)] : [];
}
