// Lifting a hold, whoever put it there: the edit in Git, and before it is written what is then selected, and by what.
import { keyOf } from '../fleet/placements';
import type { Facts } from '../model/facts';
import type { Fleet, Hold, PlacementId } from '../model/fleet';
import { valueOf } from '../model/reading';
import { type CommitPlan, type Refusal, refuse } from './plan';
import { liftHold } from './rollback/lift';
import { changesOf, formatCommit, placeTrailers } from './rollback/message';
import { answerOf, proveSelection } from './rollback/proof';
import { deriveStanding, policyName, type Standing } from './rollback/situation';

export interface ResumeIntent extends PlacementId {
  readonly hold: Hold;
  /** Why, in the user's words. */
  readonly reason: string;
}

export function planResume(fleet: Fleet, facts: Facts, intent: ResumeIntent): CommitPlan | Refusal {
  const standing = deriveStanding(fleet, facts, intent);
  if ('kind' in standing) return standing;
  const { hold, service, environment } = intent;
  const { kind, namespace, name } = hold.object;
  const files = liftHold(standing, hold);
  if ('kind' in files) return files;
  const then = selectionAfter(standing, files);
  const what =
    hold.kind === 'unmarked' ? 'The marker is put back' : `${kind} ${namespace}/${name} is ${words[hold.kind]}`;
  return {
    ...planOf(standing, files),
    title: `Resume ${service} in ${environment}`,
    message: formatCommit({
      subject: `Resume ${service} in ${environment}`,
      reason: intent.reason,
      does: `${what}. ${then.text}`,
      trailers: [
        'Flux-Promote: resume',
        ...placeTrailers(intent),
        `Flux-Promote-Lifts: ${hold.kind} ${namespace}/${name}`,
      ],
    }),
    target: { service, environment, tag: then.tag ?? valueOf(standing.placement.written)?.tag ?? '' },
    from: valueOf(standing.placement.written)?.tag ?? '',
    summary: [`${what}.`, then.text],
  };
}

const words: Readonly<Record<Exclude<Hold['kind'], 'unmarked'>, string>> = {
  excluded: 'freed of the exclusion',
  pinned: 'freed of its pin',
  suspended: 'resumed',
};

/**
 * The second commit of a pair: the markers back on the lines, once nothing can write the bad tag any more. Whoever finds the
 * pair unfinished finishes it the same way.
 */
export function planMarkersBack(fleet: Fleet, facts: Facts, id: PlacementId): CommitPlan | Refusal {
  const standing = deriveStanding(fleet, facts, id);
  if ('kind' in standing) return standing;
  const hold = standing.placement.holds.find((one) => one.kind === 'unmarked');
  if (hold === undefined) return refuse(`The markers of ${id.service} in ${id.environment} are in their places.`);
  const written = valueOf(standing.placement.written)?.tag;
  const selected = valueOf(standing.placement.selected)?.tag;
  const rests = standing.automation?.isSuspended === true;
  if (written === undefined || (selected !== written && !rests)) {
    return refuse(
      `With its marker back, Flux would write ${selected ?? 'what it selects'} over ${written ?? 'the tag'} at once.`,
      `Wait until the policy ${policyName(standing)} selects ${written ?? 'it'}, or roll back once more.`,
    );
  }
  const files = liftHold(standing, hold);
  if ('kind' in files) return files;
  return {
    ...planOf(standing, files),
    title: `Roll back ${id.service} in ${id.environment}`,
    message: formatCommit({
      subject: `Put the marker of ${id.service} in ${id.environment} back`,
      reason: `Nothing writes another tag over ${written} any more.`,
      does: 'Second commit of a rollback; the first took the marker off the line.',
      trailers: [
        'Flux-Promote: markers',
        ...placeTrailers(id),
        ...(hold.commit === undefined ? [] : [`Flux-Promote-Completes: ${hold.commit.hash}`]),
      ],
    }),
    target: { ...id, tag: written },
    from: written,
    summary: ['The marker is put back on its line: the rollback is complete.'],
  };
}

function planOf(standing: Standing, files: ReadonlyMap<string, string>) {
  const { repository, content } = standing;
  return {
    kind: 'commit',
    folder: repository.folder,
    remote: repository.remote.name,
    branch: repository.branch,
    base: content.commit.hash,
    changes: changesOf(standing, { files }),
  } as const;
}

/** What Flux selects the moment the hold is lifted, and who writes it. */
export function selectionAfter(standing: Standing, files: ReadonlyMap<string, string>) {
  const { tags, automation, here } = standing;
  if ('code' in tags) return { text: `What is selected then is not known: ${tags.message}` };
  const selection = proveSelection(standing, { files }, tags).here;
  if (selection === undefined) return { text: 'What is selected then is not known: its policy is declared elsewhere.' };
  const tag = selection.kind === 'tag' ? selection.tag : undefined;
  const written = valueOf(standing.placement.written)?.tag;
  const stays = tag !== undefined && tag === written ? ', which is written already' : '';
  const writer = automation ?? here.automation?.object;
  const by = writer === undefined ? 'an automation' : `ImageUpdateAutomation ${keyOf(writer.meta)}`;
  const text = `${policyName(standing)} then selects ${answerOf(selection)}${stays}${stays === '' && tag !== undefined ? `, and ${by} writes it at once` : ''}.`;
  return { text, ...(tag === undefined ? {} : { tag }) };
}
