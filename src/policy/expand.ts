import type { Match, Pattern } from './pattern';

/** A template of Go's Regexp.Expand, read once: literal text, or a group by number or by name. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'group'; readonly number: number; readonly range: readonly [number, number] }
  | { readonly kind: 'name'; readonly name: string; readonly range: readonly [number, number] };

/**
 * Reads a template as Go does (regexp.go, `expand` and `extract`): `$name` takes the longest run of letters, digits and
 * `_`; `$$` is a dollar; a decimal name without a leading zero is a group number; what is no reference stays as it is.
 */
export function parseTemplate(template: string): readonly TemplatePart[] {
  const reference = /([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\}/uy;
  const parts: TemplatePart[] = [];
  let text = '';
  let at = 0;
  for (let dollar = template.indexOf('$'); dollar >= 0; dollar = template.indexOf('$', at)) {
    text += template.slice(at, dollar);
    at = dollar + 1;
    reference.lastIndex = at;
    const match = reference.exec(template);
    const name = match?.[1] ?? match?.[2];
    if (match && name !== undefined) {
      if (text !== '') parts.push({ kind: 'text', text });
      text = '';
      at += match[0].length;
      const range = [dollar, at] as const;
      parts.push(isGroupNumber(name) ? { kind: 'group', number: Number(name), range } : { kind: 'name', name, range });
    } else {
      text += '$';
      if (template[at] === '$') at++;
    }
  }
  text += template.slice(at);
  if (text !== '') parts.push({ kind: 'text', text });
  return parts;
}

/** Go gives up counting at 10^8: longer names are names. */
function isGroupNumber(name: string): boolean {
  return /^(?:0|[1-9][0-9]{0,8})$/.test(name);
}

/** Made once per policy, used once per tag. */
export interface Expansion {
  /** The groups that the expansion looks at. */
  readonly groups: readonly number[];
  readonly expand: (tag: string, match: Match) => string;
}

/** Groups that the pattern does not have expand to nothing. */
export function createExpansion(template: string, pattern: Pattern): Expansion {
  const steps = parseTemplate(template).map((part): string | readonly number[] => {
    if (part.kind === 'text') return part.text;
    if (part.kind === 'group') return [part.number];
    return pattern.groupNames.flatMap((name, group) => (name === part.name ? [group] : []));
  });
  const groups = [...new Set(steps.flatMap((step) => (typeof step === 'string' ? [] : step)))];
  const expand = (tag: string, match: Match): string => {
    let expanded = '';
    for (const step of steps) expanded += typeof step === 'string' ? step : groupText(tag, match, step);
    return expanded;
  };
  return { groups, expand };
}

/** Of groups that share a name the first one that took part counts. */
function groupText(tag: string, match: Match, groups: readonly number[]): string {
  for (const group of groups) {
    const start = match[2 * group] ?? -1;
    if (start >= 0) return tag.slice(start, match[2 * group + 1]);
  }
  return '';
}
