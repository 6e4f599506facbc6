import type { ImagePolicy } from '../model/flux';
import { type Pattern, type PatternError } from '../policy/pattern';
import { parseRelease } from '../policy/release';
import type { CheckSubject, FluxDocument } from './rule';
import { documentsOfKind } from './subject';
import { isTemplate, type TextField, textField } from './textField';

export function policiesOf(subject: CheckSubject): readonly FluxDocument<ImagePolicy>[] {
  return documentsOfKind<ImagePolicy>(subject, 'ImagePolicy');
}

/** Undefined also for a pattern that is filled in later, by a substitution or a template. */
export function patternField(policy: FluxDocument<ImagePolicy>): TextField<ImagePolicy> | undefined {
  const field = textField(policy, ['spec', 'filterTags', 'pattern'], ({ spec }) => spec.filterTags?.pattern);
  return field === undefined || isTemplate(field.value) ? undefined : field;
}

export function extractField(policy: FluxDocument<ImagePolicy>): TextField<ImagePolicy> | undefined {
  return textField(policy, ['spec', 'filterTags', 'extract'], ({ spec }) => spec.filterTags?.extract);
}

export function rangeField(policy: FluxDocument<ImagePolicy>): TextField<ImagePolicy> | undefined {
  const field = textField(policy, ['spec', 'policy', 'semver', 'range'], ({ spec }) => spec.policy?.semver?.range);
  return field === undefined || isTemplate(field.value) ? undefined : field;
}

export function compileFor(subject: CheckSubject, pattern: string): Pattern | PatternError {
  return compileWith(subject)(pattern);
}

/** Go's engine of the Flux release that is judged for. */
export function compileWith({ repository }: CheckSubject): (pattern: string) => Pattern | PatternError {
  const { goMinor } = parseRelease(repository.settings.fluxVersion);
  return (pattern) => repository.compile(pattern, { goMinor });
}
