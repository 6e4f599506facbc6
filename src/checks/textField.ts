import { scalarAt } from '../manifests/documents';
import type { Scalar } from '../manifests/scalars';
import type { FluxKind } from '../model/flux';
import type { FluxDocument } from './rule';

/** A text of a document that reaches Flux as it stands here. */
export interface TextField<T extends FluxKind = FluxKind> {
  readonly value: string;
  readonly scalar: Scalar;
  /** The forms of the object that keep it. Never empty. */
  readonly forms: readonly T[];
}

/**
 * The text at a path, where this file decides it: undefined when it is missing, no text, or replaced by a patch
 * in every overlay.
 */
export function textField<T extends FluxKind>(
  described: FluxDocument<T>,
  path: readonly (string | number)[],
  read: (object: T) => string | undefined,
): TextField<T> | undefined {
  const scalar = scalarAt(described.document, path);
  if (scalar === undefined || typeof scalar.value !== 'string') return undefined;
  const { value } = scalar;
  const forms = described.forms.filter((form) => read(form) === value);
  return forms.length === 0 ? undefined : { value, scalar, forms };
}

/** Filled in before Flux reads it: by `postBuild`, by a ResourceSet, by a Helm chart. */
export function isTemplate(text: string): boolean {
  return /\$\{[A-Za-z_]\w*[:}=-]|\{\{|<<\s/.test(text);
}
