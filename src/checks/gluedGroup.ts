import type { TemplatePart } from '../policy/expand';
import type { Pattern } from '../policy/pattern';

export type GroupReference = Exclude<TemplatePart, { readonly kind: 'text' }>;

/** The group that an unknown name begins with, as `ts` in `$ts_x` or `1` in `$1x`: Go reads the longest name there is. */
export function gluedGroup(part: GroupReference, { groupNames }: Pattern): string | undefined {
  if (part.kind === 'group' || groupNames.includes(part.name)) return undefined;
  const names = groupNames.filter((name) => name !== '' && part.name.startsWith(name));
  const longest = names.toSorted((a, b) => b.length - a.length)[0];
  if (longest !== undefined) return longest;
  const number = /^[1-9](?=[A-Za-z_])/.exec(part.name)?.[0];
  return number !== undefined && Number(number) < groupNames.length ? number : undefined;
}
