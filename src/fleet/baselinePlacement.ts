// What the baseline asks of one placement: its policy has selected a tag, its workload runs it, and it is the environment's own.
import type { Facts } from '../model/facts';
import type { Placement } from '../model/fleet';
import type { PolicySpec } from '../model/flux';
import { valueOf } from '../model/reading';
import { select } from '../policy/select';
import { troubleOf } from './baselineCluster';
import { type BaselineLine, failedLine, okLine, silentLine, unknownLine } from './baselineLine';
import { crossingOf } from './chain';
import { findObject } from './liveObjects';
import { type DeclaredPlacement, keyOf } from './placements';
import { linkText } from './rowTexts';

export function placementLines(
  placement: Placement,
  facts: Facts,
  declared: readonly DeclaredPlacement[],
): readonly BaselineLine[] {
  const { policy, workload, service, environment } = placement;
  const own = declared.find((one) => one.service === service && one.environment === environment);
  const live = findObject(facts.clusters.get(placement.context ?? '')?.imagePolicies, policy);
  const spec = live?.spec ?? own?.policy?.object.spec;
  return [
    ...(policy === undefined ? [] : [policyLine(placement, policy, facts)]),
    ...(workload === undefined ? [] : [workloadLine(placement, workload)]),
    ...(policy === undefined ? [] : [ownTagLine(placement, spec, facts.settings.fluxVersion)]),
  ];
}

function policyLine(
  { context, service }: Placement,
  reference: NonNullable<Placement['policy']>,
  { clusters }: Facts,
): BaselineLine {
  const what = `${service}: ImagePolicy ${keyOf(reference)} selects a tag`;
  const reading = clusters.get(context ?? '')?.imagePolicies;
  if (reading === undefined) return unknownLine(what, 'The cluster has not been read yet.');
  if (reading.state !== 'known') return silentLine(what, reading.problem);
  const found = findObject(reading, reference);
  if (found === undefined) {
    return failedLine(what, 'It does not exist in the cluster.', 'Look at the Kustomization that should create it.');
  }
  const trouble = troubleOf(found);
  if (trouble !== undefined)
    return failedLine(what, `It ${trouble}.`, 'Look at its pattern and at the scan of its ImageRepository.');
  return found.latestRef === undefined
    ? failedLine(what, 'It has selected nothing.', 'Look at its pattern and at the scan of its ImageRepository.')
    : okLine(what, `It selects ${found.latestRef.tag}.`);
}

function workloadLine(
  { service, running, written, chain }: Placement,
  workload: NonNullable<Placement['workload']>,
): BaselineLine {
  const what = `${service}: ${workload.kind} ${keyOf(workload)} runs what Git says`;
  if (running.state !== 'known') return silentLine(what, running.problem);
  const wanted = valueOf(written)?.tag;
  const found = running.value?.tag;
  if (found !== wanted) {
    const next = 'Reconcile Now puts it back, unless somebody is still changing it.';
    return failedLine(what, `It runs ${found ?? 'nothing'}, Git says ${wanted ?? 'no tag'}.`, next);
  }
  const rollout = chain.find(({ name }) => name === 'rolled out');
  if (rollout !== undefined && rollout.link.state !== 'done') {
    const verdict = rollout.link.state === 'unknown' ? unknownLine : failedLine;
    return verdict(what, `It runs ${found ?? 'nothing'}; the rollout is ${linkText(rollout)}.`, 'Look at its pods.');
  }
  return okLine(what, `It runs ${found ?? 'nothing'}, rolled out and healthy.`);
}

/** The tag against the pattern of the policy that writes it, and the policy against the environment. */
function ownTagLine(
  { service, environment, running, written, chain }: Placement,
  spec: PolicySpec | undefined,
  flux: string,
): BaselineLine {
  const what = `${service}: the tag in ${environment} is one of ${environment}`;
  const tag = valueOf(running)?.tag ?? valueOf(written)?.tag;
  if (tag === undefined) return unknownLine(what, 'No tag is known.');
  const crossing = crossingOf(chain);
  if (crossing !== undefined) return failedLine(what, `${crossing.text}.`, crossing.remedy.text);
  if (spec === undefined) return unknownLine(what, `${tag} cannot be compared: the policy is not known.`);
  const { pattern } = spec.filterTags ?? {};
  const rule = pattern === undefined ? 'its policy' : `the pattern ${pattern}`;
  return select(spec, [tag], { flux }).kind === 'tag'
    ? okLine(what, `${tag} fits ${rule}.`)
    : failedLine(
        what,
        `${tag} does not fit ${rule}.`,
        `Why Didn't It Update? of ${service} in ${environment} says who changed the tag or the pattern.`,
      );
}
