import { parseFloat64 } from './parseFloat';
import type { Keys, Latest } from './policer';

/** A Go map of at most this many keys is one group of slots, which a walk visits from a random slot on, in turn. */
const slotsOfSmallMap = 8;

/**
 * image-reflector-controller `internal/policy/numerical.go`: of equal numbers the last one met wins; NaN compares with
 * nothing, so it always replaces what was best, and is always replaced.
 */
export function latestNumber(keys: Keys, sign: 1 | -1): Latest {
  const ties: string[] = [];
  const refused: string[] = [];
  let best = NaN;
  let hasNaN = false;
  for (const key of keys.keys) {
    const value = parseFloat64(key);
    if (value === undefined) refused.push(key);
    else if (Number.isNaN(value)) hasNaN = true;
    else if (ties.length > 0 && value === best) ties.push(key);
    else if (ties.length === 0 || sign * value > sign * best) {
      best = value;
      ties.splice(0, ties.length, key);
    }
  }
  if (refused.length > 0) return { kind: 'none', errors: refusals(keys, refused) };
  if (hasNaN) return { kind: 'latest', keys: walks(keys).map((walk) => lastBest(walk, sign)) };
  if (keys.walk === 'random' || ties.length === 1) return { kind: 'latest', keys: ties };
  const isTied = new Set(ties);
  return { kind: 'latest', keys: [keys.inOrder().findLast((key) => isTied.has(key)) ?? ''] };
}

function refusals(keys: Keys, refused: readonly string[]): readonly string[] {
  const isRefused = new Set(refused);
  const first =
    keys.walk === 'stored' && refused.length > 1 ? keys.inOrder().find((key) => isRefused.has(key)) : undefined;
  const named = first === undefined ? refused : [first];
  return named.map((key) => `failed to parse invalid numeric value '${key}'`);
}

/** Enough walks to meet every outcome. In a map of more than one group any key may come last, and behind a NaN. */
function walks(keys: Keys): readonly (readonly string[])[] {
  const ordered = keys.inOrder();
  if (keys.walk === 'stored') return [ordered];
  if (ordered.length > slotsOfSmallMap) return ordered.map((key) => [key]);
  return ordered.map((_, start) => [...ordered.slice(start), ...ordered.slice(0, start)]);
}

function lastBest(walk: readonly string[], sign: 1 | -1): string {
  let best = '';
  let bestValue = NaN;
  for (const key of walk) {
    const value = parseFloat64(key) ?? NaN;
    if (sign * value < sign * bestValue) continue;
    best = key;
    bestValue = value;
  }
  return best;
}
