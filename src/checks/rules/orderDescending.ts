import { rewriteScalar } from '../fix';
import { policiesOf } from '../policyFields';
import type { Rule } from '../rule';
import { selectionEvidence } from '../selectionEvidence';
import { textField } from '../textField';

export const orderDescending: Rule = {
  id: 'order-descending',
  severity: 'warning',
  summary: '`order: desc` selects the oldest, not the newest.',
  protects: 'Flux sorts and takes the last: `asc`, the default, selects the greatest key and `desc` the smallest.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) =>
      (['alphabetical', 'numerical'] as const).flatMap((kind) => {
        const field = textField(policy, ['spec', 'policy', kind, 'order'], ({ spec }) => spec.policy?.[kind]?.order);
        const [form] = field?.forms ?? [];
        if (field === undefined || form === undefined || field.value.toLowerCase() !== 'desc') return [];
        return [
          {
            range: field.scalar.range,
            message:
              'With desc Flux selects the smallest key, the oldest build. Write asc for the newest, or silence this rule where the smallest is meant.',
            evidence: selectionEvidence(subject.repository, form),
            fixes: [
              rewriteScalar(subject, { title: 'Order asc', range: field.scalar.range, value: 'asc', isSafe: false }),
            ],
          },
        ];
      }),
    ),
};
