import { rangeAt } from '../../manifests/documents';
import type { ImagePolicy } from '../../model/flux';
import { createExpansion } from '../../policy/expand';
import { select } from '../../policy/select';
import { compileFor, extractField, policiesOf } from '../policyFields';
import type { CheckSubject, FluxDocument, Rule } from '../rule';
import { knownTagsOf } from '../selectionEvidence';

export const keysCollide: Rule = {
  id: 'keys-collide',
  severity: 'warning',
  summary: 'Several tags with the winning key, of which Flux takes the smallest, or any.',
  protects:
    'Flux keeps one tag per key. Since Flux 2.7 the smallest by bytes stays, so `r0` wins over `r1`; keys that are equal as numbers or versions are chosen at random, another from run to run.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const [form] = policy.forms;
      const range = extractField(policy)?.scalar.range ?? rangeAt(policy.document, ['spec', 'policy']);
      const tags = form && knownTagsOf(subject.repository, form);
      if (form === undefined || range === undefined || tags === undefined || isBlind(subject, policy)) return [];
      const { settings, compile } = subject.repository;
      const selection = select(form.spec, tags, { flux: settings.fluxVersion, compile });
      if (selection.kind === 'error') return [];
      if (selection.kind === 'ambiguous') {
        return [
          {
            range,
            message: `Flux selects any of ${selection.tags.join(', ')}, another from run to run: they count as equal. Let extract tell them apart, or filter for one shape.`,
            evidence: selection.tags,
          },
        ];
      }
      // Whole tags are keys of their own.
      if ((form.spec.filterTags?.extract ?? '') === '') return [];
      const same = selection
        .trace()
        .flatMap(({ tag, dropped }) => (dropped?.why === 'same-key' && dropped.by === selection.tag ? [tag] : []));
      if (same.length === 0) return [];
      return [
        {
          range,
          message: `Flux selects ${selection.tag}, but ${same.slice(0, 3).join(', ')}${same.length > 3 ? ` and ${same.length - 3} more` : ''} have the same key, and of equal keys the smallest tag by bytes wins. Let extract take in what tells them apart.`,
          evidence: [selection.tag, ...same.slice(0, 9)],
        },
      ];
    }),
};

/** An `extract` that tells no tags apart is another rule's business. */
function isBlind(subject: CheckSubject, policy: FluxDocument<ImagePolicy>): boolean {
  const extract = policy.own.spec.filterTags?.extract ?? '';
  const pattern = compileFor(subject, policy.own.spec.filterTags?.pattern ?? '');
  if (extract === '' || pattern.kind !== 'pattern') return false;
  return createExpansion(extract, pattern).groups.length === 0;
}
