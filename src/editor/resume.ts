// Resume: every hold that is found, ours or not, with its age, author and reason, and what is selected the moment it is lifted.
import { applySuspension, type ClusterPen } from '../changes/applyCluster';
import { isSuspendedInCluster, planClusterResume } from '../changes/planClusterResume';
import { planResume } from '../changes/planResume';
import { nameOf } from '../fleet/explain/diagnosis';
import { formatAge } from '../model/duration';
import type { Hold, Placement, PlacementId } from '../model/fleet';
import type { ObjectReference } from '../model/flux';
import { valueOf } from '../model/reading';
import { agreePlan } from './agreePlan';
import { askPick, askText } from './ask';
import { changeCluster } from './changeCluster';
import { placementOf } from './choose';
import { readAfresh } from './readAfresh';
import { offerPull, type WriteTools, writePlan } from './writePlan';

interface Held {
  readonly placement: Placement;
  readonly hold: Hold;
}

export async function resumeHold(tools: WriteTools, argument: unknown): Promise<void> {
  const { world, reporter } = tools;
  const found = await askHold(tools, argument);
  if (found === undefined) return;
  const { placement, hold } = found;
  const { service, environment } = placement;
  const title = `Resume ${service} in ${environment}`;
  if (isSuspendedInCluster(hold)) {
    await resumeInCluster({ service, environment, object: hold.object }, tools);
    return;
  }
  const reason = await askText({ title, prompt: 'Why? This goes into the commit message.' });
  if (reason === undefined) return;
  await readAfresh(world, title, { image: placement.image, tag: valueOf(placement.written)?.tag ?? '' });
  const plan = () => planResume(world.fleet, world.facts, { service, environment, hold, reason });
  const first = plan();
  if (first.kind === 'refusal') {
    reporter.refused(first);
    return;
  }
  if (!(await agreePlan(first, tools))) return;
  const written = await writePlan({ plan: first }, plan, tools);
  if (written === undefined) return;
  await tools.fetchNow({ service, environment }, new AbortController().signal);
  await offerPull(`${title}: commit ${written.commit.slice(0, 7)}. ${first.summary.at(-1) ?? ''}`, written, tools);
}

async function resumeInCluster(
  wanted: PlacementId & { readonly object: ObjectReference },
  tools: WriteTools,
): Promise<void> {
  const { world, reporter } = tools;
  const plan = planClusterResume(world.fleet, world.facts, wanted);
  if (plan.kind === 'refusal') {
    reporter.refused(plan);
    return;
  }
  const change = {
    ...plan,
    environment: wanted.environment,
    button: 'Resume It',
    instead: 'let somebody resume it who has the right',
    apply: (pen: ClusterPen, signal: AbortSignal) => applySuspension(plan.object, 'resumed', pen, signal),
  };
  if (await changeCluster(change, tools)) reporter.done(`${plan.title}: ${nameOf(plan.object)} goes on.`);
}

async function askHold({ world, reporter }: WriteTools, argument: unknown): Promise<Held | undefined> {
  const wanted = placementOf(argument);
  const placements = world.fleet.environments
    .toReversed()
    .flatMap((environment) => environment.placements)
    .filter(
      (one) => wanted === undefined || (one.service === wanted.service && one.environment === wanted.environment),
    );
  const held = placements.flatMap((placement) => placement.holds.map((hold): Held => ({ placement, hold })));
  if (held.length === 0) {
    const where = wanted === undefined ? 'here' : `${wanted.service} in ${wanted.environment}`;
    reporter.refused({ kind: 'refusal', reason: `Nothing is held ${where}: Flux writes what it selects.` });
    return undefined;
  }
  const items = held.map((one) => ({ ...describe(one), held: one }));
  const options = { title: 'Resume: what is held', matchOnDescription: true, matchOnDetail: true };
  return (await askPick(items, options))?.held;
}

function describe({ placement, hold }: Held) {
  const age = hold.since === undefined ? undefined : `${formatAge(Date.now() - hold.since)} ago`;
  const by = hold.commit?.author.name ?? hold.manager;
  const where = hold.declaredAt === undefined ? 'in the cluster only' : hold.declaredAt.file;
  return {
    label: `${placement.service} in ${placement.environment}: ${hold.kind}`,
    description: [age, by, where].filter((part) => part !== undefined).join(' · '),
    detail: [hold.text, hold.reason].filter((part) => part !== undefined).join('. '),
  };
}
