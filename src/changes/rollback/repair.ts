// Where another environment's policy writes the line, no rule of its own holds an earlier tag: the repair of what pulled the
// foreign tag in goes into the same commit, and from then on the environment's own policy must select what is written.
import { keyOf } from '../../fleet/placements';
import { type Refusal, refuse } from '../plan';
import type { Draft } from './draft';
import { refuseSilence } from './exclude';
import { draftLines } from './lines';
import { answerOf, proveSelection } from './proof';
import type { Situation } from './situation';

export function draftRepair(situation: Situation): Draft | Refusal {
  const { repaired, intent, written, tags } = situation;
  const policy = repaired?.here.policy;
  if (repaired === undefined || policy === undefined) return refuse('Nothing pulls a foreign tag in here.');
  if ('code' in tags) return refuseSilence(tags.message);
  const after = { ...situation, ...repaired };
  const lines = draftLines(after, 'keep');
  if (lines.kind === 'refusal') return lines;
  const files = new Map([...repaired.files, ...lines.files]);
  const name = keyOf(policy.object.meta);
  const own = proveSelection(after, { files }, tags).here;
  if (own?.kind !== 'tag' || own.tag !== intent.tag) {
    const answer = own === undefined ? 'nothing' : answerOf(own);
    return refuse(
      `Once it is repaired ${name} selects ${answer}, and Flux writes that.`,
      `Run Repair… first, and roll back from there.`,
    );
  }
  return {
    kind: 'draft',
    files,
    does: `${written.tag} is replaced by ${intent.tag}, which ${name} selects, and what pulled it in is mended.`,
    summary: [],
  };
}

export function describeRepair({ repaired }: Situation): string {
  const policy = repaired?.here.policy;
  return policy === undefined
    ? 'The line goes back to its own policy.'
    : `The line goes back to ${keyOf(policy.object.meta)}.`;
}
