// What the learner does in the lab's steps and proofs, as it shows in Git, the registry, the forge and the cluster.
import type { Facts, WorkflowRun } from '../model/facts';
import type { Fleet, Placement } from '../model/fleet';
import { canonicalImage } from '../model/image';
import { valueOf } from '../model/reading';
import { settingOf } from '../model/settings';
import { deriveBaseline } from './baseline';
import { isOtherEnvironment } from './environments';
import { findObject } from './liveObjects';
import { findPromotionWorkflow } from './promotionRuns';

/** The facts, and since when they count. */
interface Since {
  readonly facts: Facts;
  readonly createdAt: number;
}

/** Every line of the baseline is ok; namespaces are proved by what lives in them. */
export function baselineSeen(facts: Facts, fleet: Fleet): string | undefined {
  const lines = deriveBaseline(facts, fleet, new Map(), 0).sections.flatMap((section) => section.lines);
  const isWhole = fleet.environments.length > 0 && lines.every(({ verdict }) => verdict === 'ok');
  return isWhole ? `All ${lines.length} lines of the baseline were ok.` : undefined;
}

/** The newest run of a workflow that has succeeded since the lab was made. */
function succeededRun(
  { image }: Placement,
  { facts, createdAt }: Since,
  isWanted: (run: WorkflowRun) => boolean,
): WorkflowRun | undefined {
  const runs = valueOf(facts.forges.get(canonicalImage(image)))?.runs ?? [];
  return runs.find((run) => run.state === 'succeeded' && run.createdAt >= createdAt && isWanted(run));
}

function promotionRun(placement: Placement, since: Since): WorkflowRun | undefined {
  const { image, environment } = placement;
  const { forges, settings } = since.facts;
  const forge = valueOf(forges.get(canonicalImage(image)));
  const workflow = forge && findPromotionWorkflow(forge, environment, settingOf(image, settings.services));
  return workflow && succeededRun(placement, since, (run) => run.workflow === workflow.path);
}

function runText({ id, workflow, actor }: WorkflowRun): string {
  return `run ${id} of ${workflow}${actor === undefined ? '' : ` by ${actor}`} succeeded`;
}

export function promotionSeen(placement: Placement, since: Since): string | undefined {
  const run = promotionRun(placement, since);
  return run && `${placement.service}: ${runText(run)}.`;
}

/** After the promotion's run, the automation itself has written a tag, and the workload runs it. */
export function writeBackSeen(placement: Placement, since: Since): string | undefined {
  const run = promotionRun(placement, since);
  const { context, automation, running, history, service, environment } = placement;
  const bot = findObject(since.facts.clusters.get(context ?? '')?.imageUpdateAutomations, automation)?.author?.email;
  const [change] = valueOf(history) ?? [];
  if (run === undefined || change === undefined || valueOf(running)?.tag !== change.to) return undefined;
  if (change.commit.author.email !== bot || change.commit.at < run.createdAt) return undefined;
  return `${change.commit.author.name} wrote ${change.to} in ${change.commit.hash.slice(0, 7)}, and ${service} in ${environment} runs it.`;
}

/** An older tag is written again, it stays selected, and the workload runs it. Undoing another environment's tag is none. */
export function rollbackSeen(placement: Placement, { createdAt }: Since): string | undefined {
  const { history, selected, running, holds, service, environment } = placement;
  const changes = valueOf(history) ?? [];
  const [change] = changes;
  if (change?.from === undefined || change.commit.at < createdAt) return undefined;
  const { from, to } = change;
  const firstSeen = changes.map((one) => one.to).toReversed();
  const isBack = firstSeen.indexOf(to) < firstSeen.indexOf(from) && !isOtherEnvironment(from, environment);
  if (!isBack || valueOf(selected)?.tag !== to || valueOf(running)?.tag !== to) return undefined;
  const rule = holds.find(({ tags }) => tags.includes(from) || tags.includes(to))?.commit;
  const by = rule === undefined ? '' : ` by the rule in ${rule.hash.slice(0, 7)} of ${rule.author.name}`;
  return `${change.commit.author.name} took ${from} back to ${to} in ${change.commit.hash.slice(0, 7)}${by}; ${service} in ${environment} runs it and its policy selects it.`;
}

/** What was promoted since the lab was made is the image that was tested. Another environment's tag was not promoted. */
export function sameImageSeen(placement: Placement, { facts, createdAt }: Since): string | undefined {
  const { lineage, running, history, image, environment } = placement;
  const tag = valueOf(running)?.tag;
  const [change] = valueOf(history) ?? [];
  if (tag === undefined || isOtherEnvironment(tag, environment)) return undefined;
  if (change?.to !== tag || change.commit.at < createdAt) return undefined;
  if (lineage?.verdict !== 'same' && lineage?.verdict !== 'wrapped') return undefined;
  const digest = valueOf(valueOf(facts.registry.get(canonicalImage(image)))?.digests.get(tag));
  return `${tag} is the image that was tested as ${lineage.source ?? 'another tag'}${digest === undefined ? '' : `: ${digest}`}.`;
}

/** A workflow has built for production, and lineage says that what runs is not what was tested. */
export function rebuildSeen(placement: Placement, since: Since): string | undefined {
  const run = succeededRun(placement, since, ({ workflow }) => /rebuild/i.test(workflow));
  const tag = valueOf(placement.running)?.tag;
  if (run === undefined || tag === undefined || placement.lineage?.verdict !== 'different') return undefined;
  const { environment, source } = placement.lineage;
  const tested = source === undefined ? `anything that ${environment} has tested` : `the image tested as ${source}`;
  return `${runText(run)}; lineage of ${tag} answered “different”: it is not ${tested}.`;
}
