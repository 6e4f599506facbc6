/** Rows in columns that are as wide as their widest cell; ends with a line feed. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** One paragraph; none without problems. */
export function formatProblems(problems: readonly { readonly message: string }[]): readonly string[] {
  return problems.length === 0 ? [] : [problems.map(({ message }) => `! ${message}\n`).join('')];
}
