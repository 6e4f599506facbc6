import type { ManagedFields, Meta } from '../model/flux';

/** The field manager that wrote a field last. `path`: `spec.suspend`. */
export function writerOf({ managedFields }: Pick<Meta, 'managedFields'>, path: string): ManagedFields | undefined {
  const writers = managedFields.filter(({ paths }) => paths.includes(path));
  return writers.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0))[0];
}
