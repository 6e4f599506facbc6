import type { PolicyChoice } from '../model/flux';
import { createAlphabeticalContest } from './alphabetical';
import type { Contest, Walk } from './contest';
import { createNumericalContest } from './numerical';
import { parseFloat64 } from './parseFloat';
import type { Release } from './release';
import { parseRange, satisfies } from './semver';
import { createSemverContest } from './semverContest';
import { parseVersion } from './version';

export type Unfit = 'not-a-version' | 'out-of-range' | 'not-a-number';

export interface Policer {
  readonly kind: 'policer';
  readonly createContest: (walk: Walk) => Contest;
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

/** Ascending takes the greatest. */
function parseOrder(text: string | undefined, create: (sign: 1 | -1) => Policer): Policer | PolicerError {
  const order = (text ?? '').toUpperCase();
  if (order === '' || order === 'ASC') return create(1);
  if (order === 'DESC') return create(-1);
  return { kind: 'policer-error', message: `invalid order argument provided: '${order}', must be one of: ASC, DESC` };
}

function createAlphabetical(sign: 1 | -1): Policer {
  return {
    kind: 'policer',
    createContest: (walk) => createAlphabeticalContest(walk, sign),
    judge: () => undefined,
  };
}

function createNumerical(sign: 1 | -1): Policer {
  return {
    kind: 'policer',
    createContest: (walk) => createNumericalContest(walk, sign),
    judge: (key) => (parseFloat64(key) === undefined ? 'not-a-number' : undefined),
  };
}

function parseSemver(text: string, { semver }: Release): Policer | PolicerError {
  const range = parseRange(text, semver);
  if (range.kind === 'range-error') return { kind: 'policer-error', message: range.message };
  return {
    kind: 'policer',
    createContest: (walk) => createSemverContest(walk, range, semver),
    judge: (key) => {
      const version = parseVersion(key, semver);
      if (!version) return 'not-a-version';
      return satisfies(version, range, semver) ? undefined : 'out-of-range';
    },
  };
}
