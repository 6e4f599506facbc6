// A LabelSelector of an object (`matchLabels`, `matchExpressions`) as one list of requirements, all of which must hold.
import type { LabelRequirement } from '../model/flux';
import { at, isFields, listAt, textAt, textMapAt, textsAt } from './fields';

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

/** Undefined where there is no selector. An operator that Kubernetes does not know asks nothing: its controller says so. */
export function decodeLabelSelector(value: unknown): readonly LabelRequirement[] | undefined {
  if (!isFields(value)) return undefined;
  const labels = Object.entries(textMapAt(value, 'matchLabels')).map(
    ([key, one]): LabelRequirement => ({ key, operator: 'In', values: [one] }),
  );
  const expressions = listAt(value, 'matchExpressions').flatMap((expression): readonly LabelRequirement[] => {
    const operator = operators.find((one) => one === at(expression, 'operator'));
    const key = textAt(expression, 'key');
    return operator === undefined || key === undefined
      ? []
      : [{ key, operator, values: textsAt(expression, 'values') }];
  });
  return [...labels, ...expressions];
}

/** As apimachinery's `labels.Requirement` has it: what must not be one of some values need not be there. */
export function selectsLabels(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>>,
): boolean {
  return requirements.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      default:
        return value === undefined;
    }
  });
}

/** `team=blue`, `team in (blue, red)`, `!team`. */
export function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'In':
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(', ')})`;
    case 'NotIn':
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(', ')})`;
    case 'Exists':
      return key;
    default:
      return `!${key}`;
  }
}
