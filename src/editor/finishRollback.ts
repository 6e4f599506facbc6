// A pair of commits of which only the first was made: found again from Git, and offered before anything else is done there.
import { planMarkersBack } from '../changes/planResume';
import { trailersOf } from '../fleet/trailers';
import { formatAge } from '../model/duration';
import type { Hold, Placement } from '../model/fleet';
import { valueOf } from '../model/reading';
import { agreePlan } from './agreePlan';
import { askPick } from './ask';
import { readAfresh } from './readAfresh';
import { offerPull, type WriteTools, writePlan } from './writePlan';

/** The hold of a marker that one of our own rollbacks took off and meant to put back. */
export function findUnfinished({ holds }: Placement): Hold | undefined {
  return holds.find(
    ({ kind, commit }) => kind === 'unmarked' && commit !== undefined && trailersOf(commit).has('Flux-Promote-Second'),
  );
}

export async function finishRollback(
  placement: Placement,
  { commit, reason }: Hold,
  tools: WriteTools,
): Promise<'finished' | 'another' | 'left'> {
  const { service, environment } = placement;
  const age = commit === undefined ? '' : `${formatAge(Date.now() - commit.at)} ago by ${commit.author.name}`;
  const finish = {
    label: '$(check) Finish the Rollback',
    description: age,
    detail: `Puts the marker back on its line. ${reason ?? ''}`.trimEnd(),
  };
  const another = { label: '$(discard) Another Rollback', description: '', detail: 'Leaves the marker off.' };
  const options = { title: `${service} in ${environment}: a rollback is half done` };
  const picked = await askPick([finish, another], options);
  if (picked === another) return 'another';
  if (picked === undefined) return 'left';
  await readAfresh(tools.world, 'Finishing the rollback', {
    image: placement.image,
    tag: valueOf(placement.written)?.tag ?? '',
  });
  const plan = () => planMarkersBack(tools.world.fleet, tools.world.facts, { service, environment });
  const first = plan();
  if (first.kind === 'refusal') {
    tools.reporter.refused(first);
    return 'left';
  }
  if (!(await agreePlan(first, tools))) return 'left';
  const written = await writePlan({ plan: first }, plan, tools);
  if (written === undefined) return 'left';
  await tools.fetchNow({ service, environment }, new AbortController().signal);
  await offerPull(`The rollback of ${service} in ${environment} is complete: the marker is back.`, written, tools);
  return 'finished';
}
