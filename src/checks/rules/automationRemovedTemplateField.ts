import { scalarAt } from '../../manifests/documents';
import { automationDocuments } from '../documentsOf';
import type { Rule } from '../rule';

export const automationRemovedTemplateField: Rule = {
  id: 'automation-removed-template-field',
  severity: 'error',
  summary: 'A commit message template with a field that Flux 2.7 removed.',
  protects:
    '`.Updated` and `.Changed.ImageResult` are gone since Flux 2.7: the automation stalls with `RemovedTemplateField`, but only when there is something to commit. Until then it looks healthy.',
  check: (subject) =>
    automationDocuments(subject).flatMap(({ document }) => {
      const scalar = scalarAt(document, ['spec', 'git', 'commit', 'messageTemplate']);
      const { minors, isDeclared } = subject.repository.fluxMinors();
      if (scalar === undefined || minors.some((minor) => minor < 7)) return [];
      const source = subject.text.slice(scalar.range.start, scalar.range.end);
      const removed = /(?<=\{\{[^}]*?(?<![\w)]))\.(?:Updated\b|Changed\.ImageResult\b)/.exec(source);
      if (removed === null) return [];
      const start = scalar.range.start + removed.index;
      return [
        {
          ...(isDeclared ? {} : { severity: 'warning' as const }),
          range: { start, end: start + removed[0].length },
          message: `Flux has removed ${removed[0]}: the automation stalls as soon as it has something to commit. Range over .Changed.Changes, each with OldValue, NewValue and Setter.`,
        },
      ];
    }),
};
