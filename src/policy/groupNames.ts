import { scanGroups } from './groupScan';

export interface Renaming {
  readonly unique: string;
  /** New name to old name. */
  readonly names: ReadonlyMap<string, string>;
  /** Puts the old names back into a part of the renamed pattern. */
  readonly restore: (part: string) => string;
}

/** Go allows a group name twice, re2js does not: the later ones get names of their own. */
export function renameDuplicates(text: string): Renaming {
  const seen = new Set<string>();
  const names = new Map<string, string>();
  let unique = '';
  let copied = 0;
  let prefix = 'again';
  while (text.includes(prefix)) prefix += '_';
  for (const { name } of scanGroups(text).openings) {
    if (!name) continue;
    const old = text.slice(name.start, name.end);
    if (seen.has(old)) {
      const fresh = `${prefix}${names.size}_${old}`;
      names.set(fresh, old);
      unique += text.slice(copied, name.start) + fresh;
      copied = name.end;
    }
    seen.add(old);
  }
  unique += text.slice(copied);
  return {
    unique,
    names,
    restore: (part) => [...names].reduce((restored, [fresh, old]) => restored.replaceAll(fresh, old), part),
  };
}
