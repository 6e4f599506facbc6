// What a reader of many facts keeps between two fleets: facts come again and again, and most of each is what it was before.
// Pure as far as anybody can see: the same inputs give the same result, remembered or not.
import type { Placement } from '../model/fleet';
import type { PlacementInClone } from './declared';
import type { ObjectIndex } from './objectIndex';
import { type PlacementsOf, rememberPlacements } from './rememberPlacements';

/** What was derived for the key before, where all inputs are the very same. */
export type Recall<R> = (key: object, inputs: readonly unknown[], derive: () => R) => R;

export interface FleetMemory {
  readonly placementsOf: PlacementsOf;
  readonly declared: Recall<readonly PlacementInClone[]>;
  readonly placements: Recall<Placement>;
  /** By the array of the objects. */
  readonly indexes: Recall<ObjectIndex>;
}

export function fleetMemory(): FleetMemory {
  return { placementsOf: rememberPlacements(), declared: remember(), placements: remember(), indexes: remember() };
}

function remember<R>(): Recall<R> {
  const results = new WeakMap<object, { readonly inputs: readonly unknown[]; readonly result: R }>();
  return (key, inputs, derive) => {
    const before = results.get(key);
    if (before !== undefined && isSame(before.inputs, inputs)) return before.result;
    const result = derive();
    results.set(key, { inputs, result });
    return result;
  };
}

function isSame(before: readonly unknown[], now: readonly unknown[]): boolean {
  return before.length === now.length && before.every((input, at) => Object.is(input, now[at]));
}
