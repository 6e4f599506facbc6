// Forty pairs of faults, drawn by a fixed seed: one before Git and one behind it, so that neither hides the other.
import { faultRows } from '../faults';
import type { FaultRow } from './row';

export interface FaultPair {
  readonly first: FaultRow;
  readonly second: FaultRow;
}

const seed = 20_261_128;
const count = 40;

/** mulberry32 */
function numbersFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * What is built without the marked tag has no automation as far as anybody can see, and a folder that cannot be built has no
 * image but the one that is scanned. What such a marker writes stops the workload by itself.
 */
function isBlind(first: FaultRow, second: FaultRow): boolean {
  return (
    first.code === 'marker-wrong-part' ||
    second.code === 'image-override-misses' ||
    (second.code === 'build-failed' &&
      (first.code === 'repository-other-image' || /^marker-(?:dead|lost|malformed)$/.test(first.code)))
  );
}

/**
 * An override is judged by the marker, and a file that nobody applies too: without a marker there is only one fault. And a
 * Kustomization that takes another path applies the objects that were withheld.
 */
function hides(first: FaultRow, second: FaultRow): boolean {
  const isUnmarked = first.code.startsWith('marker-');
  return (
    (isUnmarked && second.code.startsWith('image-override')) ||
    (second.code === 'kustomization-path' && (isUnmarked || first.code.endsWith('-missing')))
  );
}

/** A wait passes with what comes before it, and time changes every answer: neither is one of a pair. What nobody marks has no override either. */
const alone: ReadonlySet<FaultRow['code']> = new Set<FaultRow['code']>([
  'run-going',
  'tag-not-written',
  'registry-behind',
  'scan-stale',
  'policy-pending',
  'automation-pending',
  'push-race',
  'source-behind',
  'source-pending',
  'health-waiting',
  'workload-missing',
  'not-ready',
]);

export function drawPairs(): readonly FaultPair[] {
  const some = faultRows.filter(({ code }) => !alone.has(code));
  const before = some.filter(({ part }) => part === 'run' || part === 'images' || part === 'automation');
  const behind = some.filter(({ part }) => part === 'apply' || part === 'workload');
  const all = before.flatMap((first) =>
    behind.filter((second) => !hides(first, second)).map((second): FaultPair => ({ first, second })),
  );
  const next = numbersFrom(seed);
  const drawn = all.map((pair) => ({ pair, at: next() })).toSorted((a, b) => a.at - b.at);
  return drawn
    .map(({ pair }) => pair)
    .filter(({ first, second }) => !isBlind(first, second))
    .slice(0, count);
}
