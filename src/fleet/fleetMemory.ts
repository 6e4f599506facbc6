// What a reader of many facts keeps between two fleets: facts come again and again, and most of each is what it was before.
// Pure as far as anybody can see: the same inputs give the same result, remembered or not.
import { isSameList } from '../model/collections';
import type { Placement } from '../model/fleet';
import type { Reading } from '../model/reading';
import type { PlacementInClone } from './declared';
import { type ObjectIndex, rememberIndexes } from './objectIndex';
import { type PlacementsOf, rememberPlacements } from './rememberPlacements';
import type { SeenCluster, TakenLook } from './sight';

/** What was derived for the key before, where all inputs are the very same. */
export type Recall<R> = (key: object, inputs: readonly unknown[], derive: () => R) => R;

export interface FleetMemory {
  readonly placementsOf: PlacementsOf;
  /** By environment, and there by service. */
  readonly declared: Recall<ReadonlyMap<string, readonly PlacementInClone[]>>;
  /** By the placements that an environment declares. */
  readonly environments: WeakMap<readonly PlacementInClone[], DerivedEnvironment>;
  readonly index: ObjectIndex;
}

/** What was derived, and from what. */
export interface DerivedEnvironment {
  /** What all of its placements depend on. */
  readonly settings: readonly unknown[];
  /** Where the facts stand that each placement takes its own from. */
  readonly sources: readonly unknown[];
  readonly cluster: SeenCluster;
  readonly derived: readonly DerivedPlacement[];
  /** Of which of them a look is, by its `of`. */
  readonly lookers: ReadonlyMap<string, readonly number[]>;
  /** The very same as long as none of them has changed. */
  readonly placements: readonly Placement[];
}

export interface DerivedPlacement {
  /** What it depends on besides the cluster. */
  readonly readings: readonly (Reading<unknown> | undefined)[];
  readonly others: readonly unknown[];
  readonly taken: readonly TakenLook[];
  readonly placement: Placement;
}

export function fleetMemory(): FleetMemory {
  return {
    placementsOf: rememberPlacements(),
    declared: remember(),
    environments: new WeakMap(),
    index: rememberIndexes(),
  };
}

export function remember<R>(): Recall<R> {
  const results = new WeakMap<object, { readonly inputs: readonly unknown[]; readonly result: R }>();
  return (key, inputs, derive) => {
    const before = results.get(key);
    if (before !== undefined && isSameList(before.inputs, inputs)) return before.result;
    const result = derive();
    results.set(key, { inputs, result });
    return result;
  };
}
