// A kind that is read in parts, as one reading: what a part cannot tell is a gap of its namespace, and no more. Pure.
import type { Gap } from '../model/facts';
import type { Reading } from '../model/reading';

export interface Part<T> {
  readonly reading: Reading<readonly T[]>;
  /** Absent for all namespaces. */
  readonly namespace?: string;
}

interface Named {
  readonly meta: { readonly namespace: string; readonly name: string };
}

/** No parts are an empty reading of `now`: nothing is wanted. */
export function mergeParts<T extends Named>(
  kind: string,
  parts: readonly Part<T>[],
  now: number,
): { readonly reading: Reading<readonly T[]>; readonly gaps: readonly Gap[] } {
  const [first, ...others] = parts;
  if (first === undefined) return { reading: { state: 'known', value: [], at: now }, gaps: [] };
  if (others.length === 0) return { reading: first.reading, gaps: [] };
  const answered = parts.flatMap(({ reading }) => (reading.state === 'unknown' ? [] : [reading]));
  if (answered.length === 0) return { reading: first.reading, gaps: [] };
  // What two selectors hold is one object all the same.
  const objects = new Map(
    answered.flatMap(({ value }) => value).map((one) => [`${one.meta.namespace}/${one.meta.name}`, one]),
  );
  const seen = { value: [...objects.values()], at: Math.min(...answered.map(({ at }) => at)) };
  const stale = answered.find((reading) => reading.state === 'stale');
  return {
    reading: stale === undefined ? { state: 'known', ...seen } : { ...stale, ...seen },
    gaps: parts.flatMap(({ namespace, reading }) =>
      reading.state === 'unknown' && namespace !== undefined ? [{ kind, namespace, problem: reading.problem }] : [],
    ),
  };
}
