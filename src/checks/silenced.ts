/** The comment that silences rules on the line below it: `# flux-promote-disable-next-line rule-a, rule-b`. */
export const silencingComment = 'flux-promote-disable-next-line';

/** Whether a rule is silenced on a line (one-based). A comment that names no rule silences all of them. */
export function silencedLines(text: string): (line: number, rule: string) => boolean {
  if (!text.includes(silencingComment)) return () => false;
  const byLine = new Map<number, readonly string[]>();
  for (const [index, line] of text.split('\n').entries()) {
    const match = /^\s*#\s*flux-promote-disable-next-line(?:\s+([a-z, -]+))?/.exec(line);
    if (match === null) continue;
    byLine.set(
      index + 2,
      (match[1] ?? '').split(/[\s,]+/).filter((id) => id !== ''),
    );
  }
  return (line, rule) => {
    const ids = byLine.get(line);
    return ids !== undefined && (ids.length === 0 || ids.includes(rule));
  };
}
