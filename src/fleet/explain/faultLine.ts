// The line of a manifest in which a fault lies, where its object alone is named: a person looks for the field, not for the object.
import { findFieldLine } from '../../manifests/fieldLine';
import type { RepositoryContent } from '../../model/facts';
import type { Fault, FaultCode } from '../../model/fault';

const fields: Readonly<Partial<Record<FaultCode, readonly string[]>>> = {
  'scan-suspended': ['spec', 'suspend'],
  'scan-url': ['spec', 'image'],
  'repository-other-image': ['spec', 'image'],
  'scan-pattern': ['spec', 'exclusionList'],
  'policy-no-match': ['spec', 'filterTags', 'pattern'],
  'policy-unparsable': ['spec', 'filterTags'],
  'policy-out-of-range': ['spec', 'policy', 'semver', 'range'],
  'policy-no-repository': ['spec', 'imageRepositoryRef'],
  'policy-access-denied': ['spec', 'imageRepositoryRef'],
  'policy-suspended': ['spec', 'suspend'],
  'automation-suspended-in-git': ['spec', 'suspend'],
  'automation-source': ['spec', 'sourceRef'],
  'automation-selector': ['spec', 'policySelector'],
  'automation-invalid-selector': ['spec', 'policySelector'],
  'automation-path': ['spec', 'update', 'path'],
  'automation-template': ['spec', 'git', 'commit', 'messageTemplate'],
};

/** As it is where the field is not written in that document, or the fault lies in no one field. */
export function withFieldLine<F extends Fault>(fault: F, content: RepositoryContent | undefined): F {
  const { place, code } = fault;
  const field = fields[code];
  const text = place && content?.files.get(place.file);
  if (field === undefined || place?.line === undefined || text === undefined) return fault;
  const line = findFieldLine(text, place.line, field);
  return line === undefined ? fault : { ...fault, place: { ...place, line } };
}
