import type { PolicySpec } from '../model/flux';
import { compareBytes } from './compareBytes';
import { parseExclusion } from './exclusion';
import { createExpansion } from './expand';
import { type CompilePattern, compilePattern, type Pattern } from './pattern';
import { type Keys, type Latest, parsePolicer } from './policer';
import { parseRelease } from './release';
import { type Steps, type Trace, traceTag } from './trace';

export interface SelectOptions {
  /**
   * ImageRepository `spec.exclusionList`, for tags as the registry lists them; an empty list means Flux's default. Left
   * out: the tags are those that Flux has stored, nothing is excluded any more.
   */
  readonly exclude?: readonly string[];
  /** Flux's release: `2.6`, `v2.9.4`. Default: the newest known. */
  readonly flux?: string;
  /** Default: compile every time. Hand in a `createPatternCache` where the same patterns come again. */
  readonly compile?: CompilePattern;
}

export type Selection =
  | { readonly kind: 'tag'; readonly tag: string; readonly trace: Trace }
  /** Flux selects any one of these, differently from run to run. In descending byte order. */
  | { readonly kind: 'ambiguous'; readonly tags: readonly string[]; readonly trace: Trace }
  | SelectionError;

export interface SelectionError {
  readonly kind: 'error';
  /** Flux's own text, as in the object's condition. */
  readonly error: string;
  /** Every text that Flux may give, where it names any one of several keys. */
  readonly errors?: readonly string[];
  /** The reason of the condition. `ReadOperationFailed` is the ImageRepository's, the others are the ImagePolicy's. */
  readonly reason: 'InvalidPolicy' | 'Failure' | 'DependencyNotReady' | 'ReadOperationFailed';
  /** Flux does not try again before the object changes. */
  readonly isStalled: boolean;
  readonly trace: Trace;
}

/**
 * Which tag an ImagePolicy selects, bit for bit as image-reflector-controller (`imagepolicy_controller.go` `applyPolicy`,
 * `internal/policy`). Total: bad patterns, ranges and tags give Flux's error.
 */
export function select(spec: PolicySpec, tags: readonly string[], options: SelectOptions = {}): Selection {
  const release = parseRelease(options.flux);
  const compile = options.compile ?? compilePattern;
  const inStoredOrder = release.sortsTags ? descending : asGiven;
  const untraced: Trace = () => inStoredOrder(tags).map((tag) => ({ tag, isMatched: false }));

  const exclusion = parseExclusion(options.exclude, release, compile);
  if (exclusion.kind === 'exclusion-error') {
    const reason = 'ReadOperationFailed';
    return { kind: 'error', error: `scan failed: ${exclusion.message}`, reason, isStalled: false, trace: untraced };
  }
  const policer = parsePolicer(spec.policy, release);
  if (policer.kind === 'policer-error') return invalidPolicy(`invalid policy: ${policer.message}`, untraced);

  const stored = tags.filter((tag) => exclusion.excludedBy(tag) === undefined);
  const trace =
    (steps: Pick<Steps, 'keyOf' | 'tagOf' | 'chosen'>): Trace =>
    () =>
      inStoredOrder(tags).map((tag) => traceTag(tag, { exclusion, policer, ...steps }));

  if (!spec.filterTags || stored.length === 0) {
    const found = { keyOf: asGiven<string>, tagOf: asGiven<string> };
    if (stored.length === 0) {
      const error = 'retrying in 30s error: no tags in database';
      const reason = 'DependencyNotReady';
      return { kind: 'error', error, reason, isStalled: false, trace: trace({ ...found, chosen: new Set() }) };
    }
    const keys: Keys = { keys: stored, walk: 'stored', inOrder: () => inStoredOrder(stored) };
    return conclude(policer.latest(keys), asGiven<string>, (chosen) => trace({ ...found, chosen }));
  }

  const { pattern: text = '', extract = '' } = spec.filterTags;
  const pattern = compile(text, release);
  if (pattern.kind === 'pattern-error') {
    const error = `failed to filter tags: invalid regular expression pattern '${text}': ${pattern.message}`;
    return invalidPolicy(error, untraced);
  }
  const keyOf = createKeyOf(pattern, extract);
  const holders = new Map<string, string>();
  for (const tag of stored) {
    const key = keyOf(tag);
    if (key === undefined) continue;
    // A later stored tag overwrites an earlier one: where Flux sorts, the smallest by bytes stays.
    const holder = release.sortsTags ? holders.get(key) : undefined;
    if (holder === undefined || compareBytes(tag, holder) < 0) holders.set(key, tag);
  }
  const found = { keyOf, tagOf: (key: string) => holders.get(key) };
  if (holders.size === 0) {
    const error = 'version list argument cannot be empty';
    return { kind: 'error', error, reason: 'Failure', isStalled: false, trace: trace({ ...found, chosen: new Set() }) };
  }
  const keys: Keys = {
    keys: [...holders.keys()],
    walk: 'random',
    inOrder: () => [...new Set(inStoredOrder(stored).flatMap((tag) => keyOf(tag) ?? []))],
  };
  return conclude(policer.latest(keys), found.tagOf, (chosen) => trace({ ...found, chosen }));
}

function conclude(
  latest: Latest,
  tagOf: (key: string) => string | undefined,
  trace: (chosen: ReadonlySet<string>) => Trace,
): Selection {
  if (latest.kind === 'none') {
    const errors = [...new Set(latest.errors)].sort(compareBytes);
    const [error = ''] = errors;
    const several = errors.length > 1 ? { errors } : {};
    return { kind: 'error', error, ...several, reason: 'Failure', isStalled: false, trace: trace(new Set()) };
  }
  const chosen = new Set(latest.keys.flatMap((key) => tagOf(key) ?? []));
  const [tag = ''] = chosen;
  if (chosen.size === 1) return { kind: 'tag', tag, trace: trace(chosen) };
  return { kind: 'ambiguous', tags: descending([...chosen]), trace: trace(chosen) };
}

/** The key of a matching tag: the whole tag, or what `extract` makes of the match. */
function createKeyOf(pattern: Pattern, extract: string): (tag: string) => string | undefined {
  if (extract === '') return (tag) => (pattern.test(tag) ? tag : undefined);
  const expand = createExpansion(extract, pattern);
  return (tag) => {
    const match = pattern.search(tag);
    return match && expand(tag, match);
  };
}

function invalidPolicy(error: string, trace: Trace): SelectionError {
  return { kind: 'error', error, reason: 'InvalidPolicy', isStalled: true, trace };
}

function descending(tags: readonly string[]): readonly string[] {
  return tags.toSorted((left, right) => compareBytes(right, left));
}

function asGiven<T>(value: T): T {
  return value;
}
