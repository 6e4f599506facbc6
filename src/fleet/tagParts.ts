// The readable parts of a tag: version, commit and time, by the named groups of the policies' own patterns. What no group
// names is told by its shape alone: `production-v0.0.2-025c591-1770392924` reads as v0.0.2 · 025c591 either way.
import type { TagParts } from '../model/fleet';
import type { Pattern } from '../policy/pattern';

const groupNames: Readonly<Record<keyof TagParts, RegExp>> = {
  version: /^(?:v|ver|version|semver)$/i,
  commit: /^(?:commit|sha|hash|rev|revision|git)/i,
  builtAt: /^(?:ts|time|timestamp|date|datetime|stamp|built|created|epoch)/i,
};

/** The first pattern that takes the tag and names a part tells it. */
export function readTag(tag: string, patterns: readonly Pattern[]): TagParts {
  const named = patterns.flatMap((pattern) => namedParts(tag, pattern));
  return Object.assign({}, parseTag(tag), ...named.toReversed());
}

function namedParts(tag: string, pattern: Pattern): readonly TagParts[] {
  const match = pattern.search(tag);
  if (match === undefined) return [];
  const found: { version?: string; commit?: string; builtAt?: number } = {};
  pattern.groupNames.forEach((name, group) => {
    const [start = -1, end = -1] = [match[2 * group], match[2 * group + 1]];
    if (name === '' || start < 0) return;
    const text = tag.slice(start, end);
    if (groupNames.version.test(name)) found.version ??= text;
    else if (groupNames.commit.test(name)) found.commit ??= text.slice(0, 7);
    else if (groupNames.builtAt.test(name)) {
      const at = parseTime(text);
      if (at !== undefined) found.builtAt ??= at;
    }
  });
  return [found];
}

/** By shape alone. */
export function parseTag(tag: string): TagParts {
  const parts: { version?: string; commit?: string; builtAt?: number } = {};
  for (const token of tag.split(/[-_+]/)) {
    if (/^v?\d+(?:\.\d+)+$/.test(token)) parts.version ??= token;
    else if (/^\d{10}$|^\d{14}$/.test(token)) parts.builtAt ??= parseTime(token) ?? 0;
    else if (/^[0-9a-f]{7,40}$/.test(token)) parts.commit ??= token.slice(0, 7);
  }
  return parts;
}

/** `v0.0.2 · 025c591`, or the whole tag where it has no such parts. */
export function formatTag(tag: string, { version, commit }: TagParts = parseTag(tag)): string {
  return version === undefined ? tag : [version, commit].filter((part) => part !== undefined).join(' · ');
}

/** Unix seconds or milliseconds, or digits from the year on: YYYYMMDD, with hhmm, with ss; separators do not count. */
function parseTime(text: string): number | undefined {
  const digits = text.replace(/[-_.:TZ]/g, '');
  if (/^\d{10}$/.test(digits)) return Number(digits) * 1000;
  if (/^\d{13}$/.test(digits)) return Number(digits);
  if (!/^\d{8}(?:\d{4}(?:\d{2})?)?$/.test(digits)) return undefined;
  const [year, month, day, hour, minute, second] = [
    digits.slice(0, 4),
    ...[4, 6, 8, 10, 12].map((at) => digits.slice(at, at + 2)),
  ].map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0);
}
