// The pattern of a policy, ready for proofs. A policy without one takes every tag; one that Go refuses takes none.
import type { ImagePolicy, PolicySpec } from '../model/flux';
import { type CompilePattern, compilePattern, type Pattern } from '../policy/pattern';
import { fixedPrefix } from '../policy/prove';

export function patternOf(spec: PolicySpec, compile: CompilePattern = compilePattern): Pattern | undefined {
  const compiled = compile(spec.filterTags?.pattern ?? '');
  return compiled.kind === 'pattern' ? compiled : undefined;
}

/** By which the parts of a tag can be read; none for a policy that names none. */
export function patternsOf(policy: ImagePolicy | undefined, compile?: CompilePattern): readonly Pattern[] {
  if (policy?.spec.filterTags?.pattern === undefined) return [];
  return [patternOf(policy.spec, compile)].filter((pattern) => pattern !== undefined);
}

/** What every tag that the policy takes begins with; empty where nothing is certain. */
export function prefixOf(spec: PolicySpec | undefined, compile: CompilePattern = compilePattern): string {
  const pattern = spec === undefined ? undefined : patternOf(spec, compile);
  return pattern === undefined ? '' : fixedPrefix(pattern);
}
