// What a reader of many facts keeps between two fleets: facts come again and again, and most of each is what it was before.
// Pure as far as anybody can see: the same inputs give the same result, remembered or not.
import type { Placement } from '../model/fleet';
import type { PlacementInClone } from './declared';
import { type ObjectIndex, rememberIndexes } from './objectIndex';
import { type PlacementsOf, rememberPlacements } from './rememberPlacements';
import type { Sight } from './sight';

/** What was derived for the key before, where all inputs are the very same. */
export type Recall<R> = (key: object, inputs: readonly unknown[], derive: () => R) => R;

export interface FleetMemory {
  readonly placementsOf: PlacementsOf;
  /** By environment, and there by service. */
  readonly declared: Recall<ReadonlyMap<string, readonly PlacementInClone[]>>;
  /** With what each was derived from. */
  readonly placements: WeakMap<PlacementInClone, DerivedPlacement>;
  readonly index: ObjectIndex;
}

export interface DerivedPlacement {
  /** All but the cluster. */
  readonly inputs: readonly unknown[];
  readonly sight: Sight;
  readonly placement: Placement;
}

export function fleetMemory(): FleetMemory {
  return {
    placementsOf: rememberPlacements(),
    declared: remember(),
    placements: new WeakMap(),
    index: rememberIndexes(),
  };
}

export function remember<R>(): Recall<R> {
  const results = new WeakMap<object, { readonly inputs: readonly unknown[]; readonly result: R }>();
  return (key, inputs, derive) => {
    const before = results.get(key);
    if (before !== undefined && isSameInputs(before.inputs, inputs)) return before.result;
    const result = derive();
    results.set(key, { inputs, result });
    return result;
  };
}

export function isSameInputs(before: readonly unknown[], now: readonly unknown[]): boolean {
  return before.length === now.length && before.every((input, at) => Object.is(input, now[at]));
}
