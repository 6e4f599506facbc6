import { scalarAt } from '../../manifests/documents';
import type { Kustomization } from '../../model/flux';
import { ofKind } from '../declaredPolicies';
import { automationDocuments } from '../documentsOf';
import type { Rule } from '../rule';

export const automationBornSuspendedUnderWait: Rule = {
  id: 'automation-born-suspended-under-wait',
  severity: 'warning',
  summary: 'An automation that Git declares suspended, under a Kustomization that waits.',
  protects:
    'A suspended ImageUpdateAutomation writes no status. One that is created suspended never becomes ready, and a Kustomization with `wait: true` runs into its time-out and fails, with all that depends on it. One that was ready before passes.',
  check: (subject) =>
    automationDocuments(subject).flatMap(({ document, own }) => {
      const scalar = scalarAt(document, ['spec', 'suspend']);
      if (!own.isSuspended || scalar === undefined) return [];
      const { roots } = subject.repository.manifests;
      const kustomizations = ofKind<Kustomization>(subject.repository.manifests, 'Kustomization');
      const waiting = roots
        .filter(({ objects }) => objects.some((one) => one.file === subject.file && one.document === document.index))
        .flatMap(({ kustomization }) =>
          kustomizations.filter(
            ({ object: { meta, waits } }) =>
              waits && meta.name === kustomization?.name && meta.namespace === kustomization.namespace,
          ),
        )[0];
      if (waiting === undefined) return [];
      return [
        {
          range: scalar.range,
          message: `The Kustomization ${waiting.object.meta.name} waits for everything that it applies, and an automation that is created suspended never gets ready: on a new cluster it fails. Exclude or pin a tag instead, or leave the automation out.`,
        },
      ];
    }),
};
