import { compareBytes } from './compareBytes';

/** How Flux walks over what a policy chooses from. */
export interface Walk {
  /** `stored`: in the order of the stored tags. `random`: a Go map of keys, in another order on every run. */
  readonly order: 'stored' | 'random';
  /** Tags are stored in descending byte order; otherwise in the order in which they are entered. */
  readonly isSorted: boolean;
  /** Keys with their tags, as they are stored or go into the map. Costs a sort: asked for only where the order decides. */
  readonly inOrder: () => ReadonlyMap<string, string>;
}

/** Every tag that Flux may select, or every text that it may fail with; never both, never empty. */
export type Latest =
  | { readonly kind: 'latest'; readonly tags: readonly string[] }
  | { readonly kind: 'none'; readonly errors: readonly string[] };

/** One selection: every key is entered with its tag, then the contest is decided. */
export interface Contest {
  readonly enter: (key: string, tag: string) => void;
  /** At least one key was entered. */
  readonly decide: () => Latest;
}

/** Keys of equal rank, each with the tag that holds it. */
export type Holders = Map<string, string>;

/** A later stored tag with the same key overwrites an earlier one: where Flux sorts, the smallest by bytes stays. */
export function hold(holders: Holders, key: string, tag: string, { isSorted }: Walk): void {
  const holder = isSorted ? holders.get(key) : undefined;
  if (holder === undefined || compareBytes(tag, holder) < 0) holders.set(key, tag);
}

/** Of the stored keys the one that is met first, or last. */
export function pickStored(keys: readonly string[], which: 'first' | 'last', { isSorted }: Walk): string {
  if (!isSorted) return keys.at(which === 'first' ? 0 : -1) ?? '';
  const sign = which === 'first' ? 1 : -1;
  return keys.reduce((best, key) => (sign * compareBytes(key, best) > 0 ? key : best));
}
