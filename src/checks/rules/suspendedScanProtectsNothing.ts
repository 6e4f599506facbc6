import { keyOf } from '../../fleet/placements';
import { scalarAt } from '../../manifests/documents';
import type { ImagePolicy } from '../../model/flux';
import { covers } from '../automations';
import { repositoryDocuments } from '../documentsOf';
import { policiesOf } from '../policyFields';
import type { CheckSubject, Rule } from '../rule';

export const suspendedScanProtectsNothing: Rule = {
  id: 'suspended-scan-protects-nothing',
  severity: 'information',
  summary: 'A suspended ImageRepository or ImagePolicy whose tag an automation still writes.',
  protects:
    'Suspending a scan or a policy stops newer tags only. The policy keeps its `latestRef`, and the automation writes it again over every revert.',
  check: (subject) =>
    [...repositoryDocuments(subject), ...policiesOf(subject)].flatMap(({ document, own, forms }) => {
      const scalar = scalarAt(document, ['spec', 'suspend']);
      if (!own.isSuspended || scalar === undefined) return [];
      const policies =
        own.kind === 'ImagePolicy'
          ? forms.flatMap((form) => (form.kind === 'ImagePolicy' ? [form] : []))
          : readersOf(
              subject,
              forms.map(({ meta }) => keyOf(meta)),
            );
      const written = policies.find((policy) => isWritten(subject, policy));
      if (written === undefined) return [];
      return [
        {
          range: scalar.range,
          message: `This stops newer tags, and holds no revert: the automation goes on writing the last tag of the policy ${written.meta.name}. To hold a tag, exclude the bad one, pin the policy, or suspend the automation.`,
        },
      ];
    }),
};

function readersOf({ repository }: CheckSubject, keys: readonly string[]): readonly ImagePolicy[] {
  return repository
    .policies()
    .all.map(({ object }) => object)
    .filter(({ repositoryRef }) => keys.includes(keyOf(repositoryRef)));
}

function isWritten({ repository }: CheckSubject, { meta }: ImagePolicy): boolean {
  const running = repository.automationsIn(meta.namespace).filter(({ object }) => !object.isSuspended);
  return repository.manifests.markers.some(
    (marker) =>
      marker.namespace === meta.namespace &&
      marker.policy === meta.name &&
      running.some((automation) => covers(automation, marker.file)),
  );
}
