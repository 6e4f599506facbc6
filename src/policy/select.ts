import type { PolicySpec } from '../model/flux';
import { compareBytes } from './compareBytes';
import { type Exclusion, parseExclusion } from './exclusion';
import { type Filter, parseFilter, wholeTag } from './filter';
import { type CompilePattern, compilePattern } from './pattern';
import { type Policer, parsePolicer } from './policer';
import { parseRelease, type Release } from './release';
import { type Trace, traceTag } from './trace';

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
  return createSelect(spec, options)(tags);
}

/** The same, for many lists of tags: rules and patterns are read once. */
export function createSelect(
  { policy, filterTags }: PolicySpec,
  { exclude, flux, compile = compilePattern }: SelectOptions,
): (tags: readonly string[]) => Selection {
  const release = parseRelease(flux);
  const untraced =
    (tags: readonly string[]): Trace =>
    () =>
      storedOrder(release)(tags).map((tag) => ({ tag, isMatched: false }));

  const exclusion = parseExclusion(exclude, release, compile);
  if (exclusion.kind === 'exclusion-error') {
    const error = `scan failed: ${exclusion.message}`;
    return (tags) => ({ kind: 'error', error, reason: 'ReadOperationFailed', isStalled: false, trace: untraced(tags) });
  }
  const policer = parsePolicer(policy, release);
  if (policer.kind === 'policer-error') {
    return (tags) => invalidPolicy(`invalid policy: ${policer.message}`, untraced(tags));
  }
  const filter = filterTags ? parseFilter(filterTags, release, compile) : wholeTag;
  if (filter.kind === 'filter-error') {
    return (tags) => invalidPolicy(`failed to filter tags: ${filter.message}`, untraced(tags));
  }
  const rules = { exclusion, policer, keyOf: filter.keyOf, isFiltered: filterTags !== undefined, release };
  return (tags) => choose(rules, tags);
}

interface Rules {
  readonly exclusion: Exclusion;
  readonly policer: Policer;
  readonly keyOf: Filter['keyOf'];
  readonly isFiltered: boolean;
  readonly release: Release;
}

function choose({ exclusion, policer, keyOf, isFiltered, release }: Rules, tags: readonly string[]): Selection {
  const inStoredOrder = storedOrder(release);
  const isStored = (tag: string): boolean => exclusion.excludedBy(tag) === undefined;
  const inOrder = (): ReadonlyMap<string, string> =>
    new Map(inStoredOrder(tags).flatMap((tag) => pairOf(isStored(tag) ? keyOf(tag) : undefined, tag)));
  const traceOf =
    (chosen: readonly string[]): Trace =>
    () => {
      const steps = { exclusion, policer, keyOf, holders: inOrder(), chosen: new Set(chosen) };
      return inStoredOrder(tags).map((tag) => traceTag(tag, steps));
    };

  const order = isFiltered ? 'random' : 'stored';
  const contest = policer.createContest({ order, isSorted: release.sortsTags, inOrder });
  let isAnyStored = false;
  let isAnyEntered = false;
  for (const tag of tags) {
    if (!isStored(tag)) continue;
    isAnyStored = true;
    const key = keyOf(tag);
    if (key === undefined) continue;
    isAnyEntered = true;
    contest.enter(key, tag);
  }
  if (!isAnyStored) {
    const error = 'retrying in 30s error: no tags in database';
    return { kind: 'error', error, reason: 'DependencyNotReady', isStalled: false, trace: traceOf([]) };
  }
  if (!isAnyEntered) return failure(['version list argument cannot be empty'], traceOf([]));
  const latest = contest.decide();
  if (latest.kind === 'none') return failure(latest.errors.toSorted(compareBytes), traceOf([]));
  const chosen = descending([...new Set(latest.tags)]);
  const [tag = ''] = chosen;
  if (chosen.length === 1) return { kind: 'tag', tag, trace: traceOf(chosen) };
  return { kind: 'ambiguous', tags: chosen, trace: traceOf(chosen) };
}

function pairOf(key: string | undefined, tag: string): readonly (readonly [string, string])[] {
  return key === undefined ? [] : [[key, tag]];
}

function failure(errors: readonly string[], trace: Trace): SelectionError {
  const [error = ''] = errors;
  const several = errors.length > 1 ? { errors } : {};
  return { kind: 'error', error, ...several, reason: 'Failure', isStalled: false, trace };
}

function invalidPolicy(error: string, trace: Trace): SelectionError {
  return { kind: 'error', error, reason: 'InvalidPolicy', isStalled: true, trace };
}

function descending(tags: readonly string[]): readonly string[] {
  return tags.toSorted((left, right) => compareBytes(right, left));
}

function storedOrder({ sortsTags }: Release): (tags: readonly string[]) => readonly string[] {
  return sortsTags ? descending : asGiven;
}

function asGiven<T>(value: T): T {
  return value;
}
