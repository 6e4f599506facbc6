// The pattern that takes exactly one tag and gives a policy the same groups of it: what a pin is made of.
import type { PolicySpec } from '../model/flux';
import { compilePattern } from './pattern';

/** Undefined where the policy's own pattern does not match the tag. What comes out is proved by `select`, not trusted. */
export function pinPattern({ filterTags }: PolicySpec, tag: string): string | undefined {
  const pattern = compilePattern(filterTags?.pattern ?? '');
  const match = pattern.kind === 'pattern' ? pattern.search(tag) : undefined;
  if (pattern.kind !== 'pattern' || match === undefined) return undefined;
  // Without `extract` nothing looks at the groups.
  const groups = (filterTags?.extract ?? '') === '' ? [] : pattern.groupNames.map((name, group) => ({ name, group }));
  const spans = groups.slice(1).map(({ name, group }) => ({
    open: name === '' ? '(' : `(?P<${name}>`,
    start: match[2 * group] ?? -1,
    end: match[2 * group + 1] ?? -1,
  }));
  let text = '^';
  for (let at = 0; at <= tag.length; at += 1) {
    // What closes here goes before what opens here; a group without text does both at once.
    text += ')'.repeat(spans.filter(({ start, end }) => end === at && start < at).length);
    for (const { open, start, end } of spans) if (start === at) text += end === at ? `${open})` : open;
    const character = tag.charAt(at);
    text += character === '.' ? '\\.' : character;
  }
  return `${text}$`;
}
