/**
 * What a sequence says when it is not counted how often a cycle went round: a block that follows itself is kept once, and so is
 * the beginning of one more round at the end. How often something is tried again is a matter of time alone.
 */
export function collapse(lines: readonly string[]): readonly string[] {
  let rest = lines;
  for (let length = 1; length * 2 <= rest.length; length += 1) {
    const shorter = withoutRepeats(rest, length);
    if (shorter.length < rest.length) length = 0; // what is left may repeat in another length
    rest = shorter;
  }
  return isRest(rest.at(-1) ?? '') ? rest : withoutBegunRound(rest);
}

/** Where a condition stays until something else happens. */
function isRest(line: string): boolean {
  return line === 'gone' || /^True (?:Reconciliation)?Succeeded:/.test(line);
}

function withoutRepeats(lines: readonly string[], length: number): readonly string[] {
  const kept: string[] = [];
  for (const line of lines) {
    kept.push(line);
    const block = kept.slice(-length);
    const before = kept.slice(-2 * length, -length);
    if (before.length === length && isSame(block, before)) kept.length -= length;
  }
  return kept;
}

function withoutBegunRound(lines: readonly string[]): readonly string[] {
  for (let length = 1; length < lines.length; length += 1) {
    for (let begun = length; begun > 0; begun -= 1) {
      const start = lines.length - begun - length;
      if (start >= 0 && isSame(lines.slice(-begun), lines.slice(start, start + begun))) return lines.slice(0, -begun);
    }
  }
  return lines;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}
