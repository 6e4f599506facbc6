// One question to the selection engine as JSON: `{spec, tags, exclude?, flux?}` to `{tag}`, `{tags}` or `{error}`.
import type { PolicyChoice, PolicySpec } from '../model/flux';
import { optional } from '../model/optional';
import type { CompilePattern } from '../policy/pattern';
import { type Selection, type SelectOptions, select } from '../policy/select';
import type { TagTrace } from '../policy/trace';
import { asLine, type Line, LineError, optionalLine, optionalText, optionalTexts } from './batch';

export type SelectAnswer =
  | { readonly tag: string }
  | { readonly tags: readonly string[] }
  | { readonly error: string; readonly errors?: readonly string[] };

const shape = '{"spec": {"filterTags": …, "policy": …}, "tags": ["…"], "exclude": ["…"], "flux": "2.9"}';

export function answerSelect(value: unknown, compile: CompilePattern): SelectAnswer {
  const line = asLine(value, shape);
  const spec = optionalLine(line, 'spec');
  const tags = optionalTexts(line, 'tags');
  if (spec === undefined) throw new LineError('"spec" is missing.');
  if (tags === undefined) throw new LineError('"tags" is missing.');
  const flux = optionalText(line, 'flux');
  if (flux !== undefined && !isFluxVersion(flux)) throw new LineError('"flux" is a version such as "2.9".');
  const options: SelectOptions = {
    compile,
    ...optional('exclude', optionalTexts(line, 'exclude')),
    ...optional('flux', flux),
  };
  return formatSelection(select(decodeSpec(spec), tags, options));
}

export function isFluxVersion(text: string): boolean {
  return /^v?2\.\d+(?:\.\d+)?$/.test(text);
}

function decodeSpec(spec: Line): PolicySpec {
  const filter = optionalLine(spec, 'filterTags');
  const policy = optionalLine(spec, 'policy');
  return {
    ...optional('filterTags', filter && decodeFilter(filter)),
    ...optional('policy', policy && decodeChoice(policy)),
  };
}

function decodeFilter(filter: Line): NonNullable<PolicySpec['filterTags']> {
  return {
    ...optional('pattern', optionalText(filter, 'pattern')),
    ...optional('extract', optionalText(filter, 'extract')),
  };
}

function decodeChoice(policy: Line): PolicyChoice {
  const semver = optionalLine(policy, 'semver');
  const alphabetical = optionalLine(policy, 'alphabetical');
  const numerical = optionalLine(policy, 'numerical');
  return {
    ...optional('semver', semver && { range: optionalText(semver, 'range') ?? '' }),
    ...optional('alphabetical', alphabetical && decodeOrder(alphabetical)),
    ...optional('numerical', numerical && decodeOrder(numerical)),
  };
}

function decodeOrder(choice: Line): { readonly order?: string } {
  return optional('order', optionalText(choice, 'order'));
}

export function formatSelection(selection: Selection): SelectAnswer {
  if (selection.kind === 'tag') return { tag: selection.tag };
  if (selection.kind === 'ambiguous') return { tags: selection.tags };
  return { error: selection.error, ...optional('errors', selection.errors) };
}

export interface TraceLine {
  readonly tag: string;
  readonly matched: boolean;
  /** What the policy compares. */
  readonly key?: string;
  readonly dropped?: TagTrace['dropped'];
}

export function formatTrace(trace: readonly TagTrace[]): readonly TraceLine[] {
  return trace.map(({ tag, isMatched, key, dropped }) => ({
    tag,
    matched: isMatched,
    ...optional('key', key),
    ...optional('dropped', dropped),
  }));
}
