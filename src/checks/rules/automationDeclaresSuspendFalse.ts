import { scalarAt } from '../../manifests/documents';
import { automationDocuments } from '../documentsOf';
import { replaceText } from '../fix';
import type { Rule } from '../rule';

export const automationDeclaresSuspendFalse: Rule = {
  id: 'automation-declares-suspend-false',
  severity: 'information',
  summary: '`suspend: false` in Git, which undoes every suspend in the cluster.',
  protects:
    'kustomize-controller applies what Git says: with an explicit `suspend: false` an automation that somebody suspends in the cluster runs again after the next reconciliation. Without the line a suspend by `flux suspend` stays.',
  check: (subject) =>
    automationDocuments(subject).flatMap(({ document }) => {
      const scalar = scalarAt(document, ['spec', 'suspend']);
      if (scalar?.value !== false) return [];
      const start = subject.text.lastIndexOf('\n', scalar.range.start) + 1;
      const line = /^\s*suspend:\s*false[ \t]*\r?\n/.exec(subject.text.slice(start))?.[0];
      return [
        {
          range: scalar.range,
          message:
            'A suspend in the cluster does not last while Git says false: Flux applies this line again. Remove it; false is the default.',
          fixes:
            line === undefined
              ? []
              : [
                  replaceText(subject, {
                    title: 'Remove the line',
                    isSafe: true,
                    range: { start, end: start + line.length },
                    text: '',
                  }),
                ],
        },
      ];
    }),
};
