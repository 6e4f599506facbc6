// One proof as JSON: `{pattern, within}` to `{included: true}` or, for an overlap, `{disjoint: true}`; `{witness}` or
// `{undecided}` where that is not so or not known.
import type { CompilePattern, Pattern } from '../policy/pattern';
import { type Inclusion, type Overlap, proveInclusion, proveOverlap } from '../policy/prove';
import { asLine, LineError, textOf } from './batch';

export type Proof = 'inclusion' | 'overlap';

export function answerProof(proof: Proof, value: unknown, compile: CompilePattern): Inclusion | Overlap {
  const line = asLine(value, '{"pattern": "…", "within": "…"}');
  return prove(proof, textOf(line, 'pattern'), textOf(line, 'within'), compile);
}

/** Throws a `LineError` with Go's words for a pattern that Flux refuses. */
export function prove(proof: Proof, one: string, other: string, compile: CompilePattern): Inclusion | Overlap {
  const first = compilePattern(one, compile);
  const second = compilePattern(other, compile);
  return proof === 'inclusion' ? proveInclusion(first, second) : proveOverlap(first, second);
}

function compilePattern(text: string, compile: CompilePattern): Pattern {
  const pattern = compile(text);
  if (pattern.kind === 'pattern-error') throw new LineError(`Flux refuses the pattern ${text}: ${pattern.message}`);
  return pattern;
}

export function formatProof(answer: Inclusion | Overlap): string {
  if ('undecided' in answer) return answer.undecided;
  if ('witness' in answer) return answer.witness;
  return 'included' in answer ? 'included' : 'disjoint';
}
