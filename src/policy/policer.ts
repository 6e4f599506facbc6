import type { PolicyChoice } from '../model/flux';
import { compareBytes } from './compareBytes';
import { latestNumber } from './numerical';
import { parseFloat64 } from './parseFloat';
import type { Release } from './release';
import { parseRange, satisfies } from './semver';
import { compareVersions, parseVersion, type Version } from './version';

/** What a policy is asked to choose from. */
export interface Keys {
  readonly keys: readonly string[];
  /**
   * `stored`: Flux walks the keys in the order of the stored tags. `random`: it walks a Go map, in another order on every
   * run.
   */
  readonly walk: 'stored' | 'random';
  /** The keys as they are stored, or as they went into the map. Costs a sort: asked for only where the order decides. */
  readonly inOrder: () => readonly string[];
}

/** Every key that Flux may choose, or every text that it may fail with; never both, never empty. */
export type Latest =
  | { readonly kind: 'latest'; readonly keys: readonly string[] }
  | { readonly kind: 'none'; readonly errors: readonly string[] };

export type Unfit = 'not-a-version' | 'out-of-range' | 'not-a-number';

export interface Policer {
  readonly kind: 'policer';
  /** `keys` has at least one. */
  readonly latest: (keys: Keys) => Latest;
  /** Why a key can never be chosen. */
  readonly judge: (key: string) => Unfit | undefined;
}

export interface PolicerError {
  readonly kind: 'policer-error';
  readonly message: string;
}

/** image-reflector-controller `internal/policy/factory.go`: with several choices the first of these three counts. */
export function parsePolicer(choice: PolicyChoice | undefined, release: Release): Policer | PolicerError {
  if (choice?.semver) return parseSemver(choice.semver.range, release);
  if (choice?.alphabetical) return parseOrder(choice.alphabetical.order, createAlphabetical);
  if (choice?.numerical) return parseOrder(choice.numerical.order, createNumerical);
  return { kind: 'policer-error', message: 'given ImagePolicyChoice object is invalid' };
}

type Order = 'ASC' | 'DESC';

function parseOrder(text: string | undefined, create: (order: Order) => Policer): Policer | PolicerError {
  const order = (text ?? '').toUpperCase();
  if (order === '' || order === 'ASC') return create('ASC');
  if (order === 'DESC') return create('DESC');
  const message = `invalid order argument provided: '${order}', must be one of: ASC, DESC`;
  return { kind: 'policer-error', message };
}

/** Ascending takes the greatest by bytes. */
function createAlphabetical(order: Order): Policer {
  const sign = order === 'ASC' ? 1 : -1;
  return {
    kind: 'policer',
    latest: ({ keys }) => ({
      kind: 'latest',
      keys: [keys.reduce((best, key) => (sign * compareBytes(key, best) > 0 ? key : best))],
    }),
    judge: () => undefined,
  };
}

/** Ascending takes the greatest; one key that is no number fails the policy. */
function createNumerical(order: Order): Policer {
  return {
    kind: 'policer',
    latest: (keys) => latestNumber(keys, order === 'ASC' ? 1 : -1),
    judge: (key) => (parseFloat64(key) === undefined ? 'not-a-number' : undefined),
  };
}

function parseSemver(text: string, { semver }: Release): Policer | PolicerError {
  const range = parseRange(text, semver);
  if (range.kind === 'range-error') return { kind: 'policer-error', message: range.message };
  return {
    kind: 'policer',
    latest: (keys) => {
      let best: Version | undefined;
      let ties: string[] = [];
      for (const key of keys.keys) {
        const version = parseVersion(key, semver);
        if (!version || !satisfies(version, range, semver)) continue;
        const order = best ? compareVersions(version, best) : 1;
        if (order > 0) {
          best = version;
          ties = [key];
        } else if (order === 0) ties.push(key);
      }
      const [only] = ties;
      if (only === undefined) {
        return { kind: 'none', errors: ['unable to determine latest version from provided list'] };
      }
      // Of equal versions the first one met stays.
      if (ties.length === 1 || keys.walk === 'random') return { kind: 'latest', keys: ties };
      const isTied = new Set(ties);
      return { kind: 'latest', keys: [keys.inOrder().find((key) => isTied.has(key)) ?? only] };
    },
    judge: (key) => {
      const version = parseVersion(key, semver);
      if (!version) return 'not-a-version';
      return satisfies(version, range, semver) ? undefined : 'out-of-range';
    },
  };
}
