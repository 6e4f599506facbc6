// Whether the cluster lets the user do what is about to be offered, asked before it is; and what to ask for where it does not.
import { nameOf } from '../fleet/explain/diagnosis';
import type { ObjectReference } from '../model/flux';
import type { RightsReader } from './applyCluster';
import { type Refusal, refuse } from './plan';

/** The objects that the user may not change. Rejects with the cluster's own trouble. */
export async function whichMayNotBeChanged(
  objects: readonly ObjectReference[],
  rights: RightsReader,
  signal: AbortSignal,
): Promise<readonly ObjectReference[]> {
  const answers = await Promise.all(objects.map(async (object) => await rights.mayChange(object, signal)));
  return objects.filter((_, at) => answers[at] !== true);
}

/** `instead`: what to do without the right, as the end of a sentence. */
export function refuseWithoutRight(context: string, objects: readonly ObjectReference[], instead: string): Refusal {
  const names = objects.map(nameOf).join(', ');
  return refuse(
    `The cluster ${context} does not let you change ${names}.`,
    `Ask for the right to patch ${objects.length === 1 ? 'it' : 'them'}, or ${instead}.`,
  );
}
