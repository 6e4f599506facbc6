// What is judged of one candidate: that it is there, that it is what was tested, and that its new tag wins.
import { worstLink } from '../../fleet/chain';
import { keyOf } from '../../fleet/placements';
import { canonicalImage, legalTag } from '../../model/image';
import { valueOf } from '../../model/reading';
import { select } from '../../policy/select';
import type { PromotionSubject } from './subject';
import { failedLine, notKnown, type PreflightLine, passed } from './verdict';

export interface CandidateTags {
  readonly tag: string;
  readonly digest?: string;
  /** What production's tag will be. */
  readonly targetTag: string;
}

export function tagLines(subject: PromotionSubject, candidate: CandidateTags): readonly PreflightLine[] {
  const isAutomated = subject.way === 'workflow';
  return [
    existsLine(subject, candidate),
    rolledOutLine(subject, candidate),
    isAutomated ? targetTagLine(subject, candidate) : handWrittenLine(subject, candidate),
    ...(isAutomated ? [winsLine(subject, candidate)] : []),
  ];
}

function existsLine({ registry, source: { image } }: PromotionSubject, { tag, digest }: CandidateTags): PreflightLine {
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

function rolledOutLine({ source }: PromotionSubject, { tag }: CandidateTags): PreflightLine {
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

function targetTagLine(subject: PromotionSubject, { tag, targetTag }: CandidateTags): PreflightLine {
  const { environment } = subject.target;
  if (!legalTag.test(targetTag)) return failedLine(`${targetTag} is not a legal tag.`);
  if (targetTag === tag) {
    return failedLine(
      `${tag} does not name its environment, so there is no tag of ${environment} to give it.`,
      `Promote it by a commit that writes the tag in ${environment}.`,
    );
  }
  const isThere = valueOf(subject.registry)?.tags.includes(targetTag) === true;
  if (!isThere) return passed(`The tag in ${environment} will be ${targetTag}.`);
  if (isExcluded(subject, targetTag)) {
    return passed(`${targetTag} exists and is excluded: lifting its exclusion promotes it again, without a run.`);
  }
  return failedLine(
    `${targetTag} exists already: this build was promoted before.`,
    'Choose a newer build, or roll back to this one.',
  );
}

function handWrittenLine(subject: PromotionSubject, { targetTag }: CandidateTags): PreflightLine {
  const { target, registry } = subject;
  if (valueOf(target.written)?.tag === targetTag) {
    return failedLine(`${target.environment} is on ${targetTag} already.`, 'Choose another build.');
  }
  return registry?.state === 'known' && registry.value.tags.includes(targetTag)
    ? passed(`${targetTag} is written in ${target.environment} by a commit: nobody automates it there.`)
    : notKnown(`${targetTag} would be written in ${target.environment}; whether the registry has it is not known.`);
}

/** Whether the list that the policy selects from leaves the tag out. */
export function isExcluded({ list, policy, facts }: PromotionSubject, tag: string): boolean {
  if (list === undefined || policy === undefined) return false;
  const flux = facts.settings.fluxVersion;
  const takes = (exclude: readonly string[]) => select(policy.spec, [tag], { exclude, flux }).kind === 'tag';
  return takes([]) && !takes(list.exclusionList);
}

/** Against today's tags; an exclusion of the tag itself is lifted in the same plan and does not count. */
function winsLine(subject: PromotionSubject, { targetTag }: CandidateTags): PreflightLine {
  const { registry, policy, list, facts } = subject;
  if (registry?.state !== 'known') {
    return notKnown(`Whether ${targetTag} will be selected is unknown: the registry is silent.`);
  }
  if (policy === undefined) {
    return notKnown(`Whether ${targetTag} will be selected is unknown: no ImagePolicy is known.`);
  }
  const name = keyOf(policy.meta);
  const flux = facts.settings.fluxVersion;
  const exclude = (list?.exclusionList ?? []).filter(
    (pattern) => select(policy.spec, [targetTag], { exclude: [pattern], flux }).kind === 'tag',
  );
  const answer = select(policy.spec, [...new Set([...registry.value.tags, targetTag])], { exclude, flux });
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

/** The digest of a tag, as the registry tells it, else as the source's pods run it. */
export function digestOf({ facts, source }: PromotionSubject, tag: string): string | undefined {
  const registry = valueOf(facts.registry.get(canonicalImage(source.image)));
  const running = valueOf(source.running);
  return valueOf(registry?.digests.get(tag)) ?? (running?.tag === tag ? running.digest : undefined);
}
