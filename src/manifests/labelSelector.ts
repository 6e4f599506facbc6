// Kubernetes label selectors as text: `a=b,c!=d,e in (f,g),!h` (apimachinery labels.Parse).

/** Undefined for a text that is no selector. An empty one matches all. */
export function parseLabelSelector(
  selector: string,
): ((labels: Readonly<Record<string, string>>) => boolean) | undefined {
  const requirements = splitRequirements(selector).map((part) => parseRequirement(part.trim()));
  if (requirements.includes(undefined)) return undefined;
  return (labels) => requirements.every((requirement) => requirement?.(labels) ?? false);
}

function splitRequirements(selector: string): readonly string[] {
  return selector.trim() === '' ? [] : selector.split(/,(?![^(]*\))/);
}

type Requirement = (labels: Readonly<Record<string, string>>) => boolean;

function parseRequirement(text: string): Requirement | undefined {
  const set = /^([\w./-]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) =>
      values.includes(labels[key] ?? '') === (operator === 'in') && (operator === 'notin' || key in labels);
  }
  const comparison = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(text);
  if (comparison !== null) {
    const [, key = '', operator, value = ''] = comparison;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const existence = /^(!?)\s*([\w./-]+)$/.exec(text);
  if (existence === null) return undefined;
  const [, negation, key = ''] = existence;
  return (labels) => key in labels === (negation === '');
}
