import type { Evidence } from '../model/fault';
import type { ManagedFields, Meta } from '../model/flux';
import { optional } from '../model/optional';

/** The field manager that wrote a field last. `path`: `spec.suspend`. */
export function writerOf({ managedFields }: Pick<Meta, 'managedFields'>, path: string): ManagedFields | undefined {
  const writers = managedFields.filter(({ paths }) => paths.includes(path));
  return writers.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0))[0];
}

/** Of whom has written `spec.suspend`; none where nobody knows. */
export function suspenderEvidence(writer: ManagedFields | undefined): readonly Evidence[] {
  if (writer === undefined) return [];
  return [{ of: 'Field manager of spec.suspend', text: writer.manager, ...optional('at', writer.at) }];
}
