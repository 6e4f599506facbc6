// How long a promotion usually takes here, part by part, from this service's own earlier ones: its runs, its write-backs, and
// what the cluster still keeps of its rollouts.
import { formatAge } from '../model/duration';
import type { Facts, TagChange, Workflow, WorkflowRun } from '../model/facts';
import type { Placement } from '../model/fleet';
import type { ObjectReference, ReplicaSet } from '../model/flux';
import { canonicalImage, parseImage } from '../model/image';
import { valueOf } from '../model/reading';
import { settingOf } from '../model/settings';
import { findPromotionWorkflow, isRunOf } from './promotionRuns';

/** Fewer say nothing. */
const fewestRuns = 3;

/** From dispatch to success, the median of the runs at hand; undefined where there are too few. */
export function usualRunMs(runs: readonly WorkflowRun[], workflow: Pick<Workflow, 'path'>): number | undefined {
  return median(succeeded(runs, workflow).map(({ createdAt, updatedAt }) => updatedAt - createdAt));
}

/** From the end of a run to the write-back that followed it. */
export function usualWriteMs(
  runs: readonly WorkflowRun[],
  workflow: Pick<Workflow, 'path'>,
  history: readonly TagChange[],
): number | undefined {
  const ended = succeeded(runs, workflow);
  const delays = ended.flatMap(({ createdAt, updatedAt }) => {
    const written = history.findLast(({ commit }) => commit.at >= createdAt)?.commit.at;
    const isOfNext = ended.some(
      (other) => other.createdAt > createdAt && written !== undefined && other.createdAt <= written,
    );
    return written === undefined || isOfNext ? [] : [Math.max(0, written - updatedAt)];
  });
  return median(delays);
}

/** From a write-back to the first pods of its tag, by the ReplicaSets that the workload has kept. */
export function usualRolloutMs(
  history: readonly TagChange[],
  workload: ObjectReference,
  replicaSets: readonly ReplicaSet[],
): number | undefined {
  const own = replicaSets.filter(
    ({ meta }) => meta.namespace === workload.namespace && meta.owners.some(({ name }) => name === workload.name),
  );
  const delays = history.flatMap(({ to, commit }) => {
    const first = own.find(({ containers }) => containers.some(({ image }) => parseImage(image).tag === to));
    const delay = (first?.meta.createdAt ?? -Infinity) - commit.at;
    // An older ReplicaSet is scaled up again when its tag comes back.
    return delay >= 0 ? [delay] : [];
  });
  return median(delays);
}

/**
 * Behind what is waited for: `, longer than the usual 4 min`, where it takes half as long again, and at least some seconds more;
 * empty while all is as usual, and where nobody knows.
 */
export function latenessText(elapsedMs: number, usualMs: number | undefined): string {
  if (usualMs === undefined || elapsedMs <= Math.max(1.5 * usualMs, usualMs + 5000)) return '';
  return `, longer than the usual ${formatAge(usualMs)}`;
}

/** Of what is waited for after the run: the write-back, then the rollout. `since` is when the change was asked for. */
export function deliveryLateness(
  facts: Facts,
  placement: Placement,
  { tag, since }: { readonly tag: string; readonly since: number },
  now: number,
): string {
  const { image, environment, written, run, workload, context } = placement;
  const history = valueOf(placement.history) ?? [];
  const [change] = history;
  if (valueOf(written)?.tag === tag && change?.to === tag) {
    const replicaSets = valueOf(facts.clusters.get(context ?? '')?.replicaSets) ?? [];
    return workload === undefined
      ? ''
      : latenessText(now - change.commit.at, usualRolloutMs(history.slice(1), workload, replicaSets));
  }
  const forge = valueOf(facts.forges.get(canonicalImage(image)));
  const workflow = forge && findPromotionWorkflow(forge, environment, settingOf(image, facts.settings.services));
  if (forge === undefined || workflow === undefined) return '';
  const begun = run?.state === 'succeeded' ? run.updatedAt : since;
  return latenessText(now - begun, usualWriteMs(forge.runs, workflow, history));
}

function succeeded(runs: readonly WorkflowRun[], workflow: Pick<Workflow, 'path'>): readonly WorkflowRun[] {
  return runs.filter((run) => run.state === 'succeeded' && run.createdAt > 0 && isRunOf(run, workflow));
}

function median(values: readonly number[]): number | undefined {
  if (values.length < fewestRuns) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
