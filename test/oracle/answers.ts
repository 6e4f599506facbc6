import { createExpansion } from '../../src/policy/expand';
import { parseFloat64 } from '../../src/policy/parseFloat';
import { compilePattern } from '../../src/policy/pattern';
import { parseRelease } from '../../src/policy/release';
import { createSearch } from '../../src/policy/search';
import { type Selection, select } from '../../src/policy/select';
import { parseRange, satisfies } from '../../src/policy/semver';
import { parseVersion } from '../../src/policy/version';
import type { Question } from './questions';

/** What the oracle says; which fields are there depends on the question. */
export interface Answer {
  readonly anyOf?: readonly string[];
  readonly errorAnyOf?: readonly string[];
  readonly error?: string;
  readonly refused?: boolean;
  readonly bits?: string;
  readonly names?: readonly string[];
  /** Byte offsets in UTF-8. */
  readonly match?: readonly number[];
  readonly expanded?: string;
  readonly verdicts?: string;
}

/** Our own answer, in the oracle's form. */
export function answerQuestion(question: Question, flux: string): Answer {
  if (question.ask === 'select') return answerSelect(select(question.spec, question.tags, { flux }));
  if (question.ask === 'float') return answerFloat(parseFloat64(question.text));
  if (question.ask === 'match') return answerMatch(question.pattern, question.text, question.template);
  const { semver } = parseRelease(flux);
  const range = parseRange(question.range, semver);
  if (range.kind === 'range-error') return { error: range.message };
  const verdicts = question.tags.map((tag) => {
    const version = parseVersion(tag, semver);
    return version ? (satisfies(version, range, semver) ? '+' : '-') : '?';
  });
  return { verdicts: verdicts.join('') };
}

function answerSelect(selection: Selection): Answer {
  if (selection.kind === 'tag') return { anyOf: [selection.tag] };
  if (selection.kind === 'ambiguous') return { anyOf: selection.tags };
  return { errorAnyOf: selection.errors ?? [selection.error] };
}

function answerFloat(value: number | undefined): Answer {
  if (value === undefined) return { refused: true };
  if (Number.isNaN(value)) return { bits: 'nan' };
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return { bits: view.getBigUint64(0).toString(16).padStart(16, '0') };
}

function answerMatch(text: string, tag: string, template: string): Answer {
  const pattern = compilePattern(text);
  if (pattern.kind === 'pattern-error') return { error: pattern.message };
  const names = pattern.groupNames;
  const slow = pattern.search(tag);
  const fast = createSearch(
    pattern,
    names.map((_, group) => group),
  )(tag);
  if (String(slow && Array.from(slow)) !== String(fast && Array.from(fast)))
    return { error: 'the two searches differ' };
  if (!slow) return { names };
  const match = Array.from(slow, (at) => (at < 0 ? -1 : Buffer.byteLength(tag.slice(0, at))));
  return { names, match, expanded: createExpansion(template, pattern).expand(tag, slow) };
}

/** `select` gives all possible answers, the oracle those that it met. */
export function isSameAnswer(ours: Answer, theirs: Answer): boolean {
  if (theirs.anyOf || theirs.errorAnyOf) {
    return covers(ours.anyOf, theirs.anyOf) && covers(ours.errorAnyOf, theirs.errorAnyOf);
  }
  const keys = ['error', 'refused', 'bits', 'names', 'match', 'expanded', 'verdicts'] as const;
  return keys.every((key) => JSON.stringify(ours[key]) === JSON.stringify(theirs[key]));
}

/** Of more than eight keys the oracle need not have met every one. */
function covers(ours: readonly string[] | undefined, theirs: readonly string[] | undefined): boolean {
  if (!ours || !theirs) return ours === theirs;
  return theirs.every((answer) => ours.includes(answer)) && (ours.length === theirs.length || ours.length > 8);
}
