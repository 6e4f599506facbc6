/** The one candidate within two typing errors of `text`; undefined when there is none, or several are as near. */
export function closest(text: string, candidates: readonly string[]): string | undefined {
  const limit = Math.min(2, Math.floor(text.length / 3));
  const near = candidates
    .map((candidate) => ({ candidate, distance: distanceOf(text.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance);
  const [first, second] = near;
  return first === undefined || first.distance === second?.distance ? undefined : first.candidate;
}

/** Levenshtein's: insertions, deletions and replacements of one character. */
function distanceOf(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [line, character] of Array.from(left).entries()) {
    const next = [line + 1];
    for (const [column, other] of Array.from(right).entries()) {
      next.push(
        Math.min(
          (row[column] ?? 0) + (character === other ? 0 : 1),
          (row[column + 1] ?? 0) + 1,
          (next[column] ?? 0) + 1,
        ),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
