import { findEnvironmentWord, rankEnvironment } from '../../fleet/environments';
import { isBelow } from '../../fleet/placements';
import { rangeAt } from '../../manifests/documents';
import type { ImageUpdateAutomation } from '../../model/flux';
import { automationDocuments } from '../documentsOf';
import type { CheckSubject, Rule } from '../rule';

export const automationCoversOtherEnvironment: Rule = {
  id: 'automation-covers-other-environment',
  severity: 'warning',
  summary: 'An automation of one environment that also writes another’s files.',
  protects:
    'An ImageUpdateAutomation writes every marker of its namespace’s policies below `spec.update.path`. One that is named after an environment, with a path above several, writes and pushes the others’ tags too, whatever suspends or guards those.',
  check: (subject) =>
    automationDocuments(subject).flatMap(({ document, forms }) => {
      const [form] = forms;
      const range = rangeAt(document, ['spec', 'update', 'path']) ?? rangeAt(document, ['metadata', 'name']);
      const own = form && environmentOf(form);
      if (form === undefined || range === undefined || own === undefined || form.policySelector !== undefined)
        return [];
      const others = otherEnvironments(subject, form, own);
      if (others.length === 0) return [];
      return [
        {
          range,
          message: `By its name this automation is for ${own}, and its path takes in tags of ${others.join(', ')}, which it writes as well. Point spec.update.path at the folder of ${own}.`,
        },
      ];
    }),
};

function environmentOf({ meta }: ImageUpdateAutomation): string | undefined {
  return findEnvironmentWord(meta.namespace) ?? findEnvironmentWord(meta.name);
}

function otherEnvironments(subject: CheckSubject, form: ImageUpdateAutomation, own: string): readonly string[] {
  const rank = rankEnvironment(own, []);
  const names = subject.repository.placements
    .filter(({ marker }) => marker?.namespace === form.meta.namespace && isBelow(marker.file, form.updatePath))
    .map(({ environment }) => environment)
    .filter((environment) => rankEnvironment(environment, []) >= 0 && rankEnvironment(environment, []) !== rank);
  return [...new Set(names)];
}
