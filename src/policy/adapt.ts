import { type PatternScan, scanPattern } from './patternScan';
import { renameProperty } from './unicodeNames';

/** A Go pattern in the words of re2js. */
export interface Adapted {
  readonly text: string;
  /** Names of groups that were renamed: new to old. */
  readonly names: ReadonlyMap<string, string>;
  /** Puts the old words back into a part of the adapted pattern. */
  readonly restore: (part: string) => string;
}

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/** Where re2js reads a pattern otherwise than Go: group names that come twice, names of properties, `[` before `:]`. */
export function adaptPattern(text: string, goMinor: number): Adapted {
  const scan = scanPattern(text);
  const names = new Map<string, string>();
  const replacements = [
    ...renameGroups(text, scan, names),
    ...(goMinor < 25 ? [] : renameProperties(text, scan)),
    ...scan.plainBrackets.map((start) => ({ start, end: start + 1, by: '\\[' })),
  ].sort((left, right) => left.start - right.start);
  let adapted = '';
  let copied = 0;
  for (const { start, end, by } of replacements) {
    adapted += text.slice(copied, start) + by;
    copied = end;
  }
  adapted += text.slice(copied);
  const restore = (part: string): string => {
    const start = adapted.indexOf(part);
    return start < 0
      ? part
      : text.slice(placeBefore(start, replacements), placeBefore(start + part.length, replacements));
  };
  return { text: adapted, names, restore };
}

/** Where a place in the adapted pattern was before. */
function placeBefore(adapted: number, replacements: readonly Replacement[]): number {
  let place = adapted;
  for (const { start, end, by } of replacements) if (start + by.length <= place) place += end - start - by.length;
  return place;
}

/** The later ones of the same name get names of their own. */
function renameGroups(text: string, { openings }: PatternScan, names: Map<string, string>): readonly Replacement[] {
  let prefix = 'again';
  while (text.includes(prefix)) prefix += '_';
  const seen = new Set<string>();
  return openings.flatMap(({ name }) => {
    if (!name) return [];
    const old = text.slice(name.start, name.end);
    if (!seen.has(old)) {
      seen.add(old);
      return [];
    }
    const by = `${prefix}${names.size}_${old}`;
    names.set(by, old);
    return [{ ...name, by }];
  });
}

function renameProperties(text: string, { properties }: PatternScan): readonly Replacement[] {
  return properties.map(({ start, end }) => ({ start, end, by: renameProperty(text.slice(start, end)) }));
}
