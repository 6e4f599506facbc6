import { compareBytes } from './compareBytes';
import type { Release } from './release';

/** A version as Masterminds/semver reads it loosely. Numbers above 15 digits are bigints, so that equal numbers are `===`. */
export interface Version {
  readonly major: number | bigint;
  readonly minor: number | bigint;
  readonly patch: number | bigint;
  /** Without the leading `-`; empty for a release. */
  readonly prerelease: string;
}

const loose =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
/** Up to Flux 2.6 leading zeros were refused, and all three numbers were needed. */
const strict = /^v?(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}(?:[-+]|$)/;
const numeric = /^[0-9]+$/;
const largest = 2n ** 64n - 1n;

/** Which keys are versions for Flux (fluxcd/pkg `version.ParseVersion`): three parts between dots, then Masterminds' loose form. */
export function parseVersion(text: string, semver: Release['semver']): Version | undefined {
  if (text.indexOf('.', text.indexOf('.') + 1) === -1) return undefined;
  return semver === '3.3' && !strict.test(text) ? undefined : parseLooseVersion(text, semver);
}

/** Masterminds/semver `NewVersion`: one to three numbers, leading zeros allowed, `v` allowed. */
export function parseLooseVersion(text: string, semver: Release['semver']): Version | undefined {
  if (semver === '3.5' && Buffer.byteLength(text) > 256) return undefined;
  const match = loose.exec(text);
  if (!match) return undefined;
  const major = parseUint(match[1] ?? '0');
  const minor = parseUint(match[2] ?? '0');
  const patch = parseUint(match[3] ?? '0');
  const prerelease = match[4] ?? '';
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  if (prerelease.split('.').some((part) => part.length > 1 && part.startsWith('0') && numeric.test(part)))
    return undefined;
  return { major, minor, patch, prerelease };
}

/** Negative when `left` is older; zero also when only the build metadata differ. */
export function compareVersions(left: Version, right: Version): number {
  return (
    compareNumbers(left.major, right.major) ||
    compareNumbers(left.minor, right.minor) ||
    compareNumbers(left.patch, right.patch) ||
    comparePrereleases(left.prerelease, right.prerelease)
  );
}

export function comparePrereleases(left: string, right: string): number {
  if (left === right) return 0;
  if (left === '') return 1;
  if (right === '') return -1;
  const lefts = left.split('.');
  const rights = right.split('.');
  for (let at = 0; at < Math.max(lefts.length, rights.length); at++) {
    const order = comparePrereleaseParts(lefts[at], rights[at]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers before text; a number that does not fit 64 bits is text. */
function comparePrereleaseParts(left: string | undefined, right: string | undefined): number {
  if (left === undefined) return -1;
  if (right === undefined) return 1;
  const leftNumber = parseUint(left);
  const rightNumber = parseUint(right);
  if (leftNumber === undefined && rightNumber === undefined) return compareBytes(left, right);
  if (leftNumber === undefined) return 1;
  if (rightNumber === undefined) return -1;
  return compareNumbers(leftNumber, rightNumber);
}

function compareNumbers(left: number | bigint, right: number | bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function parseUint(text: string): number | bigint | undefined {
  if (!numeric.test(text)) return undefined;
  if (text.length <= 15) return Number(text);
  const value = BigInt(text);
  if (value > largest) return undefined;
  return value < 10n ** 15n ? Number(value) : value;
}
