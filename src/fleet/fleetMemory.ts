// What a reader of many facts keeps between two fleets: facts come again and again, and most of each is what it was before.
// Pure as far as anybody can see: the same inputs give the same result, remembered or not.
import { type PlacementsOf, rememberPlacements } from './rememberPlacements';

export interface FleetMemory {
  readonly placementsOf: PlacementsOf;
  /** What was derived for the key before, where all inputs are the very same; one result for each key. */
  recall<R>(key: object, inputs: readonly unknown[], derive: () => R): R;
}

export function fleetMemory(): FleetMemory {
  const results = new WeakMap<object, { readonly inputs: readonly unknown[]; readonly result: unknown }>();
  return {
    placementsOf: rememberPlacements(),
    recall: <R>(key: object, inputs: readonly unknown[], derive: () => R): R => {
      const before = results.get(key);
      const isSame =
        before?.inputs.length === inputs.length && before.inputs.every((input, at) => Object.is(input, inputs[at]));
      // A key stands for one kind of result, as each caller's own objects do.
      if (before !== undefined && isSame) return before.result as R;
      const result = derive();
      results.set(key, { inputs, result });
      return result;
    },
  };
}
