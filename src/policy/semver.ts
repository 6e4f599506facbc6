// Version ranges, ported from Masterminds/semver v3 `constraints.go`, which Flux uses. Not npm's semver: the grammar, the
// meaning of `*` and the prerelease rule differ.

import { RE2JS } from 're2js';
import { goQuote } from './goQuote';
import type { Release } from './release';
import { comparePrereleases, compareVersions, parseLooseVersion, type Version } from './version';

export interface Constraint {
  /** As written: empty, `=`, `!=`, `>`, `<`, `>=`, `=>`, `<=`, `=<`, `~`, `~>` or `^`. */
  readonly operator: string;
  readonly version: Version;
  /** Part of the version is missing or a wildcard: the minor and all below, the patch, or (neither flag) all of it. */
  readonly isDirty: boolean;
  readonly isMinorDirty: boolean;
  readonly isPatchDirty: boolean;
}

export interface VersionRange {
  readonly kind: 'range';
  /** Joined by `||`; within a segment every constraint has to hold. */
  readonly segments: readonly (readonly Constraint[])[];
}

export interface VersionRangeError {
  readonly kind: 'range-error';
  /** Masterminds' text. */
  readonly message: string;
}

const versionPattern =
  'v?([0-9|x|X|\\*]+)(\\.[0-9|x|X|\\*]+)?(\\.[0-9|x|X|\\*]+)?' +
  '(-([0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*))?' +
  '(\\+([0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*))?';
const operators = '=||!=|>|<|>=|=>|<=|=<|~|~>|\\^';

// Run by re2js: the original expressions repeat blanks in repeats, which a backtracking engine pays for exponentially.
const one = RE2JS.compile(`^\\s*(${operators})\\s*(${versionPattern})\\s*$`).re2();
const hyphenated = RE2JS.compile(`\\s*(${versionPattern})\\s+-\\s+(${versionPattern})\\s*`).re2();
const each = RE2JS.compile(`(${operators})\\s*(${versionPattern})`).re2();
const segmentPattern = RE2JS.compile(
  `^(\\s*(${operators})\\s*(${versionPattern})\\s*)((?:\\s+|,\\s*)(${operators})\\s*(${versionPattern})\\s*)*$`,
).re2();

/** Masterminds/semver `NewConstraint`. */
export function parseRange(text: string, semver: Release['semver']): VersionRange | VersionRangeError {
  if (semver === '3.5' && Buffer.byteLength(text) > 512) {
    return { kind: 'range-error', message: 'constraint string is too long (max 512 bytes)' };
  }
  const parts = rewriteHyphens(text).split('||');
  if (semver === '3.5' && parts.length > 32) {
    return { kind: 'range-error', message: 'too many constraint groups (max 32)' };
  }
  const segments: (readonly Constraint[])[] = [];
  for (const part of parts) {
    if (!segmentPattern.match(part)) return improper(part, semver);
    const constraints: Constraint[] = [];
    for (const found of (each.findAll(part, -1) as readonly string[] | null) ?? []) {
      const constraint = parseConstraint(found, semver);
      if (!constraint) {
        return {
          kind: 'range-error',
          message: semver === '3.3' ? 'constraint Parser Error' : 'constraint parser error',
        };
      }
      constraints.push(constraint);
    }
    segments.push(constraints);
  }
  return { kind: 'range', segments };
}

/** Whether the range admits the version, by the prerelease rule of that release (it changed with 3.4, Flux 2.7). */
export function satisfies(version: Version, range: VersionRange, semver: Release['semver']): boolean {
  return range.segments.some((segment) => {
    const admitsPrerelease = segment.some((constraint) => constraint.version.prerelease !== '');
    return segment.every((constraint) => {
      if (version.prerelease !== '') {
        const own = constraint.version.prerelease !== '' || (constraint.operator === '!=' && !constraint.isDirty);
        if (!(semver === '3.3' ? own : admitsPrerelease)) return false;
      }
      return check(version, constraint);
    });
  });
}

function improper(text: string, semver: Release['semver']): VersionRangeError {
  return { kind: 'range-error', message: `improper constraint: ${semver === '3.5' ? goQuote(text) : text}` };
}

/** `A - B` becomes `>= A, <= B `. */
function rewriteHyphens(text: string): string {
  let rewritten = text;
  for (const match of (hyphenated.findAllSubmatch(text, -1) as readonly (readonly string[])[] | null) ?? []) {
    rewritten = rewritten.replace(match[0] ?? '', () => `>= ${match[1] ?? ''}, <= ${match[11] ?? ''} `);
  }
  return rewritten;
}

function parseConstraint(text: string, semver: Release['semver']): Constraint | undefined {
  const match = (one.findSubmatch(text) ?? []) as readonly (string | null)[];
  const [, operator, whole, major, minor, patch, prerelease] = match.map((part) => part ?? '');
  const isAny = isMissing(major);
  const isMinorDirty = !isAny && isMissing(minor?.replace('.', ''));
  const isPatchDirty = !isAny && !isMinorDirty && isMissing(patch?.replace('.', ''));
  const version = parseLooseVersion(
    isAny
      ? `0.0.0${prerelease}`
      : isMinorDirty
        ? `${major}.0.0${prerelease}`
        : isPatchDirty
          ? `${major}${minor}.0${prerelease}`
          : (whole ?? ''),
    semver,
  );
  if (!version) return undefined;
  return {
    operator: operator ?? '',
    version,
    isDirty: isAny || isMinorDirty || isPatchDirty,
    isMinorDirty,
    isPatchDirty,
  };
}

function isMissing(part: string | undefined): boolean {
  return part === undefined || part === '' || part === 'x' || part === 'X' || part === '*';
}

function check(version: Version, constraint: Constraint): boolean {
  switch (constraint.operator) {
    case '':
    case '=':
      return constraint.isDirty ? isTilde(version, constraint) : compareVersions(version, constraint.version) === 0;
    case '!=':
      return isOther(version, constraint);
    case '>':
      return isGreater(version, constraint);
    case '<':
      return compareVersions(version, constraint.version) < 0;
    case '>=':
    case '=>':
      return compareVersions(version, constraint.version) >= 0;
    case '<=':
    case '=<':
      return isAtMost(version, constraint);
    case '~':
    case '~>':
      return isTilde(version, constraint);
    default:
      return isCaret(version, constraint);
  }
}

function isOther(version: Version, { version: own, isDirty, isMinorDirty, isPatchDirty }: Constraint): boolean {
  if (isDirty) {
    if (own.major !== version.major) return true;
    if (own.minor !== version.minor && !isMinorDirty) return true;
    if (isMinorDirty) return false;
    if (isPatchDirty) return comparePrereleases(version.prerelease, own.prerelease) !== 0;
  }
  return compareVersions(version, own) !== 0;
}

function isGreater(version: Version, { version: own, isMinorDirty, isPatchDirty }: Constraint): boolean {
  if (version.major !== own.major) return version.major > own.major;
  if (isMinorDirty) return false;
  if (isPatchDirty) return version.minor > own.minor;
  return compareVersions(version, own) > 0;
}

function isAtMost(version: Version, { version: own, isDirty, isMinorDirty }: Constraint): boolean {
  if (!isDirty) return compareVersions(version, own) <= 0;
  if (version.major > own.major) return false;
  return version.major !== own.major || version.minor <= own.minor || isMinorDirty;
}

function isTilde(version: Version, { version: own, isMinorDirty, isPatchDirty }: Constraint): boolean {
  if (compareVersions(version, own) < 0) return false;
  // `~0.0.0` and `~*` take everything.
  if (own.major === 0 && own.minor === 0 && own.patch === 0 && !isMinorDirty && !isPatchDirty) return true;
  return version.major === own.major && (version.minor === own.minor || isMinorDirty);
}

function isCaret(version: Version, { version: own, isMinorDirty, isPatchDirty }: Constraint): boolean {
  if (compareVersions(version, own) < 0) return false;
  if (own.major > 0 || isMinorDirty) return version.major === own.major;
  if (version.major > 0) return false;
  if (own.minor > 0 || isPatchDirty) return version.minor === own.minor;
  return version.minor === 0 && own.patch === version.patch;
}
