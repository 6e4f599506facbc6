// "I promoted this tag": what keeps that very tag from being selected.
import { defaultExclusionList } from '../../manifests/fluxObjects';
import type { Facts } from '../../model/facts';
import type { Fault, Steps } from '../../model/fault';
import type { LinkName, Placement } from '../../model/fleet';
import type { ImagePolicy } from '../../model/flux';
import { canonicalImage } from '../../model/image';
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

/** Undefined where the tag is there and is what the policy selects, or where nothing is known of it. */
export function diagnoseWanted(facts: Facts, placement: Placement, tag: string): WantedFault | undefined {
  const registry = facts.registry.get(canonicalImage(placement.image));
  if (registry?.state === 'known' && !registry.value.tags.includes(tag)) {
    return absent(facts, placement, tag, registry.value.tags);
  }
  const cluster = facts.clusters.get(placement.context ?? '');
  const policy = findObject(cluster?.imagePolicies, placement.policy);
  if (policy === undefined) return undefined;
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
  const evidence = [{ of: `Registry, ${placement.image}`, text: `${tags.length} tags, ${tag} is not among them` }];
  const remedy = {
    text: 'See whether the run that should have pushed it has succeeded, and for its spelling.',
    command: 'promote',
  } as const;
  const text = `${placement.image}:${tag} is not in the registry`;
  return { link: 'published', fault: failedFault('tag-missing', text, { evidence, steps, remedy }) };
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
    remedy: 'Push the build under a tag that the policy takes, or mend the policy.',
  });
}

/** Which tag wins, and by which keys; or nothing but time, where the wanted one would. */
function outranked(facts: Facts, placement: Placement, policy: ImagePolicy, tag: string): Fault {
  const winner = policy.latestRef?.tag ?? '';
  const flux = facts.settings.fluxVersion;
  const contest = select(policy.spec, [tag, winner], { flux });
  const evidence = contest
    .trace()
    .map(({ tag: one, key }) => ({ of: one, text: `is compared as ${key ?? 'nothing'}` }));
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
  const rule = Object.keys(policy.spec.policy ?? {})[0] ?? 'its rule';
  const file = placement.writtenAt?.origin.file;
  return failedFault('policy-prefers-another', `${winner} wins over ${tag} by ${rule} order`, {
    ...ofObject(policy),
    evidence,
    steps: [describeStep(refer(policy)), ...(file === undefined ? [] : [historyStep(file)])],
    remedy: 'Push the build under a tag that ranks higher, or go back to it by Roll Back.',
  });
}
