import { type Contest, type Holders, hold, type Latest, pickStored, type Walk } from './contest';
import { parseFloat64 } from './parseFloat';

/** A Go map of at most this many keys is one group of slots, which a walk visits from a random slot on, in turn. */
const slotsOfSmallMap = 8;

/**
 * image-reflector-controller `internal/policy/numerical.go`: one key that is no number fails the policy; of equal numbers
 * the last one met wins; NaN compares with nothing, so it always replaces what was best, and is always replaced. `sign` is
 * 1 to take the greatest.
 */
export function createNumericalContest(walk: Walk, sign: 1 | -1): Contest {
  const ties: Holders = new Map();
  const refused = new Set<string>();
  let best = 0;
  let hasNaN = false;
  return {
    enter: (key, tag) => {
      const value = parseFloat64(key);
      if (value === undefined) refused.add(key);
      else if (Number.isNaN(value)) hasNaN = true;
      else if (value === best) hold(ties, key, tag, walk);
      else if (ties.size === 0 || sign * value > sign * best) {
        best = value;
        ties.clear();
        ties.set(key, tag);
      }
    },
    decide: (): Latest => {
      if (refused.size > 0) return { kind: 'none', errors: refusals([...refused], walk) };
      if (hasNaN) return { kind: 'latest', tags: walks(walk).map((pairs) => lastBest(pairs, sign)) };
      if (walk.order === 'random') return { kind: 'latest', tags: [...ties.values()] };
      return { kind: 'latest', tags: [pickStored([...ties.keys()], 'last', walk)] };
    },
  };
}

function refusals(refused: readonly string[], walk: Walk): readonly string[] {
  const named = walk.order === 'random' ? refused : [pickStored(refused, 'first', walk)];
  return named.map((key) => `failed to parse invalid numeric value '${key}'`);
}

type Pair = readonly [key: string, tag: string];

/** Enough walks to meet every outcome. In a map of more than one group any key may come last, and behind a NaN. */
function walks({ order, inOrder }: Walk): readonly (readonly Pair[])[] {
  const pairs = [...inOrder()];
  if (order === 'stored') return [pairs];
  if (pairs.length > slotsOfSmallMap) return pairs.map((pair) => [pair]);
  return pairs.map((_, start) => [...pairs.slice(start), ...pairs.slice(0, start)]);
}

function lastBest(pairs: readonly Pair[], sign: 1 | -1): string {
  let best = '';
  let bestValue = NaN;
  for (const [key, tag] of pairs) {
    const value = parseFloat64(key) ?? NaN;
    if (sign * value < sign * bestValue) continue;
    best = tag;
    bestValue = value;
  }
  return best;
}
