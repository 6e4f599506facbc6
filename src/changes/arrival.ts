// What is said when a promotion has arrived: success with its proof, or an alarm where another image came than was tested.
import type { Lineage } from '../model/lineage';
import type { Problem } from '../model/problem';
import type { DispatchPlan } from './plan';

export type Arrival =
  | { readonly kind: 'done' | 'unproved'; readonly text: string }
  | { readonly kind: 'alarm'; readonly problem: Problem };

export function deriveArrival(
  { source, target }: Pick<DispatchPlan, 'source' | 'target'>,
  { verdict, ...lineage }: Lineage,
): Arrival {
  const arrived = `Promoted: ${target.environment} runs ${target.tag}`;
  switch (verdict) {
    case 'same': {
      const digest = lineage.target.digest?.slice(0, 19) ?? '';
      return { kind: 'done', text: `${arrived}, the same image as ${source.tag}: both are ${digest}….` };
    }
    case 'wrapped':
      return { kind: 'done', text: `${arrived}, the same image as ${source.tag} under another digest.` };
    case 'unknown':
      return { kind: 'unproved', text: `${arrived}. ${lineage.summary} ${lineage.meaning}`.trimEnd() };
    default:
      return {
        kind: 'alarm',
        problem: {
          code: 'lineage-different',
          message: `${target.environment} runs ${target.tag}, which is not the image that was tested as ${source.tag}. Roll back, and see in the workflow's log what it pushed.`,
          remedy: 'proveLineage',
        },
      };
  }
}
