// What the texts that a policy compares look like: the whole tags, or the one group that `extract` names.

import type { PolicySpec } from '../model/flux';
import { createExpansion, parseTemplate } from '../policy/expand';
import type { CompilePattern, Pattern } from '../policy/pattern';
import { type Budget, fixedPrefix, proveEmpty } from '../policy/prove';
import { escapePattern } from './escapePattern';
import { readTokens } from './patternTokens';

export interface KeyPattern {
  /** Matches every key; where the key is a group, its whole text. */
  readonly keys: Pattern;
  readonly filter: Pattern;
  /** What every key begins with. */
  readonly prefix: string;
  /** Whether a key of this text is possible. */
  readonly isWhole: (key: string) => boolean;
  /** A shortest tag that gets this key, by the real engine; undefined when none does. */
  readonly tagOf: (key: string) => string | undefined;
}

/** Undefined when the pattern is refused, or the key is more than one plain group. */
export function readKeyPattern(spec: PolicySpec, compile: CompilePattern, budget: Budget): KeyPattern | undefined {
  const { pattern: text = '', extract = '' } = spec.filterTags ?? {};
  const filter = compile(text);
  if (filter.kind !== 'pattern') return undefined;
  if (extract === '') {
    const isWhole = (key: string): boolean => filter.test(key);
    return {
      keys: filter,
      filter,
      prefix: fixedPrefix(filter),
      isWhole,
      tagOf: (key) => (isWhole(key) ? key : undefined),
    };
  }
  const group = groupOf(extract, filter);
  const place = group === undefined ? undefined : placeOf(text, group);
  if (place === undefined) return undefined;
  const keys = compile(`^(?:${place.inside})$`);
  if (keys.kind !== 'pattern') return undefined;
  const { expand } = createExpansion(extract, filter);
  return {
    keys,
    filter,
    prefix: fixedPrefix(keys),
    isWhole: (key) => keys.test(key),
    tagOf: (key) => {
      const only = compile(`${place.before}(?:${escapePattern(key)})${place.after}`);
      const found = only.kind === 'pattern' ? proveEmpty(only, budget) : undefined;
      if (found === undefined || !('witness' in found)) return undefined;
      const match = filter.search(found.witness);
      return match !== undefined && expand(found.witness, match) === key ? found.witness : undefined;
    },
  };
}

function groupOf(extract: string, { groupNames }: Pattern): number | undefined {
  const [part, ...rest] = parseTemplate(extract);
  if (part === undefined || part.kind === 'text' || rest.length > 0) return undefined;
  const group = part.kind === 'group' ? part.number : groupNames.indexOf(part.name);
  return group > 0 && group < groupNames.length ? group : undefined;
}

interface GroupPlace {
  readonly before: string;
  readonly inside: string;
  readonly after: string;
}

/** Only a group that always takes part, and whose text means the same on its own. */
function placeOf(pattern: string, group: number): GroupPlace | undefined {
  const tokens = readTokens(pattern);
  const hasFlags = tokens.some(({ kind, text }) => kind === 'open' && /^\(\?[imsU-]/.test(text));
  const hasChoice = tokens.some(({ kind, text, depth }) => kind === 'character' && text === '|' && depth === 0);
  if (hasFlags || hasChoice) return undefined;
  const open = tokens.filter(({ kind, text }) => kind === 'open' && text !== '(?:')[group - 1];
  if (open === undefined || open.depth > 0) return undefined;
  const close = tokens.find(({ kind, start, depth }) => kind === 'close' && depth === 0 && start > open.start);
  if (close === undefined || tokens.find(({ start }) => start === close.end)?.kind === 'repeat') return undefined;
  const inside = pattern.slice(open.end, close.start);
  if (/[\^$]|\\[bBAz]/.test(inside.replace(/\[\^/g, '['))) return undefined;
  return { before: pattern.slice(0, open.start), inside, after: pattern.slice(close.end) };
}
