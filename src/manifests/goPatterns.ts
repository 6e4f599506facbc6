// The few regular expressions that kustomize compiles from a file: selectors of patches, names of `images`.
// Only those that mean the same in JavaScript and cannot explode are answered; for the rest the build says so.

/** Undefined for a pattern that is not plain enough to be sure. */
export function compilePattern(source: string, { anchored }: { readonly anchored: string }): RegExp | undefined {
  if (!isPlainPattern(source)) return undefined;
  try {
    return new RegExp(anchored.replace('%s', () => source));
  } catch {
    return undefined; // refused here; what Go says of it is not known
  }
}

/** Literals, `.`, classes, alternatives and groups without a quantifier behind; few quantifiers, none nested. */
function isPlainPattern(source: string): boolean {
  const quantifiers = source.match(/[*+?]|\{\d/g)?.length ?? 0;
  const rest = source.replace(/\\[.\-/+*?()|[\]{}^$]/g, 'x').replace(/\[\^?[A-Za-z0-9_.-]+\]/g, 'x');
  return (
    quantifiers <= 3 &&
    /^(?:[A-Za-z0-9_./:@-]|[.x][*+?]|\(\?:|[|()^$]|[A-Za-z0-9_-][*+?])*$/.test(rest) &&
    !/\)[*+?{]/.test(rest)
  );
}
