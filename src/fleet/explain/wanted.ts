// "I promoted this tag": what keeps that very tag from being selected.
import { defaultExclusionList } from '../../manifests/fluxObjects';
import type { Facts, RegistryImage } from '../../model/facts';
import type { Fault, Steps } from '../../model/fault';
import type { LinkName, Placement } from '../../model/fleet';
import type { ImagePolicy } from '../../model/flux';
import { canonicalImage, parseImage } from '../../model/image';
import { optional } from '../../model/optional';
import { valueOf } from '../../model/reading';
import { settingOf } from '../../model/settings';
import { select } from '../../policy/select';
import { findObject } from '../liveObjects';
import { findPromotionWorkflow } from '../promotionRuns';
import { failedFault, nameOf, ofObject, refer, waitingFault } from './diagnosis';
import { describeStep, historyStep, reconcileStep, scansStep } from './steps';

export interface WantedFault {
  readonly link: LinkName;
  readonly fault: Fault;
}

/** The tag that somebody means: alone, behind the image's name, or by its digest. */
export function readWanted(text: string, image: string, registry: RegistryImage | undefined): string {
  const bare = text.trim();
  const { name, tag, digest } = parseImage(bare.startsWith('sha256:') ? `${image}@${bare}` : bare);
  const byDigest = [...(registry?.digests ?? [])].find(([, one]) => digest !== undefined && valueOf(one) === digest);
  const isOwn = canonicalImage(name) === canonicalImage(image);
  return (isOwn ? (tag ?? byDigest?.[0]) : undefined) ?? bare;
}

/** Undefined where the tag is there and is what the policy selects, or where nothing is known of it. */
export function diagnoseWanted(facts: Facts, placement: Placement, tag: string): WantedFault | undefined {
  const registry = facts.registry.get(canonicalImage(placement.image));
  if (registry?.state === 'known' && !registry.value.tags.includes(tag)) {
    return absent(facts, placement, tag, registry.value.tags);
  }
  const cluster = facts.clusters.get(placement.context ?? '');
  const policy = findObject(cluster?.imagePolicies, placement.policy);
  if (policy === undefined) return placement.policy === undefined ? notWritten(placement, tag) : undefined;
  const repository = findObject(cluster?.imageRepositories, policy.repositoryRef);
  const exclude = repository?.exclusionList ?? defaultExclusionList;
  const flux = facts.settings.fluxVersion;
  const alone = select(policy.spec, [tag], { exclude, flux });
  const [trace] = alone.trace();
  if (trace?.dropped?.why === 'excluded') {
    const by = trace.dropped.by;
    return {
      link: 'scanned',
      fault: failedFault('tag-excluded', `${tag} is excluded by the ImageRepository: ${by}`, {
        ...(repository && { object: refer(repository) }),
        steps: [scansStep(repository && refer(repository))],
        evidence: [{ of: `${nameOf(policy.repositoryRef)}, exclusionList`, text: by }],
        remedy: {
          text: 'Take the pattern out of `spec.exclusionList`, or push the build under another tag.',
          command: 'resume',
        },
      }),
    };
  }
  if (alone.kind === 'error') return { link: 'selected', fault: ignored(policy, tag, alone.error) };
  if (policy.latestRef === undefined || policy.latestRef.tag === tag) return undefined;
  return { link: 'selected', fault: outranked(facts, placement, policy, tag) };
}

/** Where no policy selects, what Git says is what runs. */
function notWritten({ service, environment, written, writtenAt }: Placement, tag: string): WantedFault | undefined {
  const now = valueOf(written)?.tag;
  const file = writtenAt?.origin.file;
  if (now === tag || file === undefined) return undefined;
  const text = `no policy selects tags for ${service} in ${environment}, and Git says ${now ?? 'no tag'}, not ${tag}`;
  return {
    link: 'written',
    fault: failedFault('tag-not-written', text, {
      place: { file, line: writtenAt?.origin.line ?? 1 },
      steps: [historyStep(file)],
      remedy: { text: `Write ${tag} into ${file}; nobody else does.`, command: 'promote' },
    }),
  };
}

function absent(facts: Facts, placement: Placement, tag: string, tags: readonly string[]): WantedFault {
  const steps: Steps = [scansStep(placement.imageRepository)];
  const elsewhere = [...facts.registry].find(([, reading]) => valueOf(reading)?.tags.includes(tag));
  if (elsewhere !== undefined) {
    const [image] = elsewhere;
    const text = `${tag} is in ${image}, and not in ${placement.image}`;
    const remedy = 'Push it to the repository that the ImageRepository scans.';
    return {
      link: 'published',
      fault: failedFault('tag-elsewhere', text, { steps, remedy, evidence: [{ of: image, text: tag }] }),
    };
  }
  const forge = valueOf(facts.forges.get(canonicalImage(placement.image)));
  const setting = settingOf(placement.image, facts.settings.services);
  const workflow = forge && findPromotionWorkflow(forge, placement.environment, setting);
  const isRun = workflow === undefined || placement.run !== undefined;
  if (!isRun) {
    const evidence = [{ of: `Runs of ${workflow.path}`, text: 'none since the last write-back' }];
    const text = `no run of ${workflow.name} has made ${tag}`;
    const remedy = { text: 'Start the promotion.', command: 'promote' } as const;
    return { link: 'requested', fault: failedFault('run-missing', text, { evidence, steps, remedy }) };
  }
  const like = similarTags(tag, tags);
  const evidence = [
    { of: `Registry, ${placement.image}`, text: `${tags.length} tags, ${tag} is not among them` },
    ...(like.length === 0 ? [] : [{ of: 'Tags like it', text: like.join(', ') }]),
  ];
  const [nearest] = like;
  const remedy = {
    text:
      nearest === undefined
        ? 'See whether the run that should have pushed it has succeeded, and for its spelling.'
        : `See whether ${nearest} was meant; else, what the run that should have pushed it has pushed.`,
    command: 'promote',
  } as const;
  const text = `${/[:/]/.test(tag) ? '' : `${placement.image}:`}${tag} is not in the registry`;
  return { link: 'published', fault: failedFault('tag-missing', text, { evidence, steps, remedy }) };
}

/** Written otherwise, more or less of it, or with another beginning: three at the most. */
function similarTags(tag: string, tags: readonly string[]): readonly string[] {
  const bare = (text: string): string => text.toLowerCase().replace(/^[a-z]+-/, '');
  const [wanted, core] = [tag.toLowerCase(), bare(tag)];
  const ranks = [
    (one: string) => one.toLowerCase() === wanted,
    (one: string) => bare(one) === core,
    (one: string) => core.length >= 3 && (one.toLowerCase().includes(core) || wanted.includes(one.toLowerCase())),
  ];
  return [...new Set(ranks.flatMap((isLike) => tags.filter(isLike)))].slice(0, 3);
}

/** A prerelease, and a range that names none: semver passes it over. */
function isPassedOver(tag: string, range: string | undefined): boolean {
  return range !== undefined && /^v?\d+\.\d+\.\d+-/.test(tag) && !range.includes('-');
}

function ignored(policy: ImagePolicy, tag: string, error: string): Fault {
  const { filterTags } = policy.spec;
  return failedFault('policy-ignores-tag', `the policy does not take ${tag}`, {
    ...ofObject(policy),
    evidence: [
      { of: `${nameOf(refer(policy))}, with this tag alone`, text: error },
      { of: 'Its pattern', text: filterTags?.pattern ?? 'none' },
      { of: 'Its rule', text: JSON.stringify(policy.spec.policy ?? {}) },
    ],
    remedy: isPassedOver(tag, policy.spec.policy?.semver?.range)
      ? 'It is a prerelease, and a range takes those only where it names one: write `>=1.0.0-0` for `>=1.0.0`.'
      : 'Push the build under a tag that the policy takes, or mend the policy.',
  });
}

/** Which tag wins, and by which keys; or nothing but time, where the wanted one would. */
function outranked(facts: Facts, placement: Placement, policy: ImagePolicy, tag: string): Fault {
  const winner = policy.latestRef?.tag ?? '';
  const flux = facts.settings.fluxVersion;
  const contest = select(policy.spec, [tag, winner], { flux });
  const evidence = contest.trace().map(({ tag: one, key }) => ({
    of: one,
    text: `is compared as ${key === '' ? 'an empty text' : (key ?? 'nothing')}`,
  }));
  if (contest.kind === 'tag' && contest.tag === tag) {
    return waitingFault('policy-pending', `${tag} would win, the policy still selects ${winner}`, {
      ...ofObject(policy),
      evidence,
      steps: [reconcileStep(policy.repositoryRef)],
      remedy: { text: 'Wait for the next scan, or ask for one now.', command: 'reconcileNow' },
      ...optional(
        'usualMs',
        findObject(facts.clusters.get(placement.context ?? '')?.imageRepositories, policy.repositoryRef)?.intervalMs,
      ),
    });
  }
  const [rule = 'its rule', choice = {}] = Object.entries(policy.spec.policy ?? {})[0] ?? [];
  const order = 'order' in choice && choice.order === 'desc' ? `descending ${rule}` : rule;
  const file = placement.writtenAt?.origin.file;
  const [key, other] = contest.trace();
  const { extract } = policy.spec.filterTags ?? {};
  const isSameKey = extract !== undefined && key?.key !== undefined && key.key === other?.key;
  const text = isSameKey
    ? `${winner} and ${tag} are the same to the policy: \`extract\` takes '${key.key}' from both`
    : `${winner} wins over ${tag} by ${order} order`;
  return failedFault('policy-prefers-another', text, {
    ...ofObject(policy),
    evidence: [
      ...evidence,
      ...(extract === undefined ? [] : [{ of: 'Its extract', text: extract }]),
      { of: 'Its rule', text: JSON.stringify(policy.spec.policy ?? {}) },
    ],
    steps: [describeStep(refer(policy)), ...(file === undefined ? [] : [historyStep(file)])],
    remedy: isSameKey
      ? 'Let `spec.filterTags.extract` name the group of the pattern by which builds are ordered, as in `$ts`.'
      : order === rule
        ? 'Push the build under a tag that ranks higher, or go back to it by Roll Back.'
        : 'Set `order: asc`: it selects the greatest, `desc` the smallest.',
  });
}
