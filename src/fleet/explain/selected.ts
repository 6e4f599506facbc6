// selected: the ImagePolicy has chosen a tag. Reasons and texts: image-reflector-controller's imagepolicy_controller.go.
// Stalled is read before Ready: a policy that was failing already keeps the older text there.
import type { Diagnosis, Fault } from '../../model/fault';
import type { Condition, ImagePolicy, ImageRepository } from '../../model/flux';
import { canonicalImage } from '../../model/image';
import type { DeclaredObject } from '../../model/manifest';
import { optional } from '../../model/optional';
import { valueOf } from '../../model/reading';
import type { SelectionError } from '../../policy/select';
import { keyOf } from '../placements';
import {
  type Detail,
  type DiagnosisInput,
  diagnose,
  done,
  failedFault,
  failingCondition,
  nameOf,
  ofObject,
  pending,
  placeOf,
  refer,
  type Trouble,
  waitingFault,
} from './diagnosis';
import { describeStep, reconcileStep } from './steps';
import { suspendedFault } from './suspended';
import { withObject } from './withObject';

export function diagnoseSelected(input: DiagnosisInput): Diagnosis {
  const { live, placement, refused } = input;
  const declared = placement.policy;
  if (declared !== undefined && refused !== undefined) return diagnose(foretold(input, declared, refused));
  const reference = placement.policyReference;
  const missing = { code: declared === undefined ? 'marker-orphaned' : 'policy-missing', kind: 'ImagePolicy' } as const;
  const { marker, origin } = placement;
  const at = marker ?? origin;
  const place = at && { file: at.file, line: at.line };
  const others = declared === undefined ? policiesOf(input) : [];
  return withObject(live.policy, { ...missing, declared, reference, place, others }, input, (policy, state) => {
    const common = { ...ofObject(policy), ...placeOf(declared) };
    const kept =
      policy.latestRef === undefined ? '' : ` It keeps ${policy.latestRef.tag}, which the automation goes on writing.`;
    if (state.state === 'failed') {
      const { code, text = state.reason, remedy } = policyTrouble(policy, failingCondition(policy));
      const evidence = [...common.evidence, ...tagEvidence(input, policy)];
      const outdated = outdatedFault(input, policy, { ...common, evidence, since: state.since });
      if (outdated !== undefined) return diagnose(outdated);
      if (code === 'policy-no-tags' && isBeforeScan(valueOf(live.imageRepository), state.since))
        return firstScan(common);
      return diagnose(failedFault(code, text, { ...common, evidence, since: state.since, remedy: `${remedy}${kept}` }));
    }
    if (state.state === 'suspended') {
      const effect = `Newer tags are not selected before.${kept}`;
      const suspension = { code: 'policy-suspended', text: 'the policy is suspended', effect } as const;
      return diagnose(suspendedFault(policy, declared, suspension));
    }
    if (state.state === 'progressing') return pending('policy-pending', policy, state);
    if (policy.latestRef !== undefined) return done;
    return firstScan(common);
  });
}

/** The first scan goes on, or has ended after the policy looked: it looks again by itself. */
function isBeforeScan(repository: ImageRepository | undefined, looked: number | undefined): boolean {
  if (repository === undefined || repository.isSuspended || failingCondition(repository) !== undefined) return false;
  const { lastScan } = repository;
  return lastScan === undefined || (lastScan.tagCount > 0 && (lastScan.at ?? 0) >= (looked ?? 0));
}

function firstScan(common: Pick<Detail, 'object' | 'place' | 'evidence' | 'steps'>): Diagnosis {
  const remedy = 'Wait for the first scan of its ImageRepository.';
  return diagnose(waitingFault('policy-pending', 'nothing has been selected yet', { ...common, remedy }));
}

/** The cluster's policy fails and is not Git's, which would select: mended and not applied yet, or changed past Git. */
function outdatedFault(
  { mended, placement }: DiagnosisInput,
  policy: ImagePolicy,
  common: Pick<Detail, 'object' | 'place' | 'evidence' | 'since' | 'steps'>,
): Fault | undefined {
  const { policy: declared, kustomization } = placement;
  if (mended === undefined || declared === undefined) return undefined;
  const { pattern = 'none' } = policy.spec.filterTags ?? {};
  const text = `${nameOf(refer(policy))} is not what Git declares, and fails: Git's would select ${mended}`;
  return failedFault('policy-outdated', text, {
    ...common,
    evidence: [
      { of: 'Its pattern in the cluster', text: pattern },
      { of: `Its pattern in ${declared.file}`, text: declared.object.spec.filterTags?.pattern ?? 'none' },
      ...(common.evidence ?? []),
    ],
    steps: kustomization === undefined ? common.steps : [reconcileStep(kustomization), ...common.steps],
    remedy: {
      text: 'Wait until Flux applies what Git declares, or ask for it now; where it stays so, see why its Kustomization does not.',
      command: 'reconcileNow',
    },
  });
}

/** By Git and the registry alone: what its controller says as soon as it has read both. */
function foretold(
  input: DiagnosisInput,
  declared: DeclaredObject<ImagePolicy>,
  { reason, error }: SelectionError,
): Fault {
  const policy = declared.object;
  const object = refer(policy);
  const { code, text = error, remedy } = policyTrouble(policy, { reason, message: error });
  return failedFault(code, text, {
    object,
    ...placeOf(declared),
    evidence: [
      { of: `${nameOf(object)} as Git declares it, with the registry's tags`, text: error },
      ...tagEvidence(input, policy),
    ],
    steps: [describeStep(object)],
    remedy,
  });
}

/** Those that Git declares for the image. */
function policiesOf({ content, placement }: DiagnosisInput): readonly string[] {
  const objects = valueOf(content)?.manifests.objects ?? [];
  const repositories = new Set(
    objects.flatMap(({ object }) =>
      object.kind === 'ImageRepository' && canonicalImage(object.image) === canonicalImage(placement.image)
        ? [keyOf(object.meta)]
        : [],
    ),
  );
  return objects.flatMap(({ object }) =>
    object.kind === 'ImagePolicy' && repositories.has(keyOf(object.repositoryRef)) ? [keyOf(object.meta)] : [],
  );
}

/** One reason, `Failure`, stands for three causes; Flux's fixed texts tell them apart. */
function policyTrouble(policy: ImagePolicy, said: Pick<Condition, 'reason' | 'message'> | undefined): Trouble {
  const { reason = '', message = '' } = said ?? {};
  switch (reason) {
    case 'InvalidPolicy':
    case 'IntervalNotConfigured':
    case 'FeatureGateDisabled':
      return { code: 'policy-invalid', remedy: 'Mend what the message names; Flux does not try again before.' };
    case 'AccessDenied':
      return {
        code: 'policy-access-denied',
        text: 'the policy may not read the ImageRepository of another namespace',
        remedy:
          "Add the policy's namespace to the ImageRepository's `spec.accessFrom`, or put both into one namespace.",
      };
    case 'ImageURLInvalid':
      return { code: 'policy-no-repository', remedy: "Mend the ImageRepository's `spec.image` first." };
    case 'Failed':
      return {
        code: 'policy-no-digest',
        text: 'the digest of the tag cannot be read',
        remedy: 'See whether the registry answers.',
      };
    case 'DependencyNotReady':
      return message.includes('does not exist')
        ? {
            code: 'policy-no-repository',
            text: `${nameOf(policy.repositoryRef)}, which the policy names, does not exist`,
            remedy: 'Mend `spec.imageRepositoryRef`.',
          }
        : {
            code: 'policy-no-tags',
            text: `${nameOf(policy.repositoryRef)} has stored no tag`,
            remedy: 'See its own scan.',
          };
    default:
  }
  if (message.startsWith('version list argument cannot be empty')) {
    return {
      code: 'policy-no-match',
      text: `no tag matches ${quotePattern(policy)}`,
      remedy: 'Mend the pattern, or undo the commit that changed it.',
    };
  }
  if (message.startsWith('unable to determine latest version')) {
    return {
      code: 'policy-out-of-range',
      text: `no tag is a version in ${policy.spec.policy?.semver?.range ?? 'the range'}`,
      remedy: 'Widen the range, or push such a tag.',
    };
  }
  if (message.startsWith('failed to parse invalid numeric value')) {
    return {
      code: 'policy-unparsable',
      text: 'a tag that matches gives no number to order by',
      remedy: 'Numerical order needs a number of every tag that matches: narrow the pattern, or extract the digits.',
    };
  }
  return { code: 'policy-failed', remedy: 'See what the message names; Flux goes on trying.' };
}

function quotePattern({ spec }: ImagePolicy): string {
  return `'${spec.filterTags?.pattern ?? ''}'`;
}

/** What there would be to choose from, newest first by name: a pattern is mended against real tags. */
function tagEvidence({ registry, written, placement }: DiagnosisInput, policy: ImagePolicy) {
  const tags = valueOf(registry)?.tags ?? [];
  const now = valueOf(written)?.tag;
  if (tags.length === 0) return [];
  const shown = [...new Set([...(now === undefined ? [] : [now]), ...tags.toSorted().toReversed()])].slice(0, 4);
  return [
    {
      of: `Registry, ${placement.image}`,
      text: `${tags.length} tags, such as ${shown.join(', ')}`,
      ...optional('at', registry?.state === 'known' ? registry.at : undefined),
    },
    ...(policy.latestRef === undefined
      ? []
      : [{ of: `${nameOf(refer(policy))}, latestRef`, text: policy.latestRef.tag }]),
  ];
}
