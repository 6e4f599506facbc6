// What an ImagePolicy would select as it stands in the editor, beside what the cluster says that it selects, in words.
import { isTemplate } from '../manifests/substitution';
import type { ImagePolicy } from '../model/flux';
import type { CompilePattern } from '../policy/pattern';
import { type Selection, select } from '../policy/select';
import type { Dropped, TagTrace } from '../policy/trace';

export interface SelectionQuestion {
  /** As Flux gets it. */
  readonly policy: ImagePolicy;
  /** Of its ImageRepository; empty means Flux's default. */
  readonly exclusionList: readonly string[];
  /** As the registry lists them; undefined where they are not known. */
  readonly tags: readonly string[] | undefined;
  /** What the policy selects now, by each cluster that has it. */
  readonly selected: readonly string[];
  /** The Flux release that is judged for. */
  readonly flux: string;
  readonly compile: CompilePattern;
}

export interface SelectionPreview {
  /** One line for a person. */
  readonly text: string;
  /** Missing where no tags are known, or where variables hide what is selected. */
  readonly selection?: Selection;
}

export function previewSelection(question: SelectionQuestion): SelectionPreview {
  const { policy, tags, flux, compile, exclusionList } = question;
  const selected = [...new Set(question.selected)].join(' or ');
  const now = selected === '' ? '' : `selects ${selected} · `;
  if (isTemplate(JSON.stringify(policy.spec))) {
    return { text: `${now}variables are filled in later, so what it would select is not known here` };
  }
  if (tags === undefined || tags.length === 0) return { text: `${now}no tags known: open the Environments view` };
  const selection = select(policy.spec, tags, { exclude: exclusionList, flux, compile });
  return { text: lineOf(selection, selected, countOf(tags)), selection };
}

function countOf({ length }: readonly string[]): string {
  return length === 1 ? '1 tag' : `${length} tags`;
}

function lineOf(selection: Selection, selected: string, count: string): string {
  const now = selected === '' ? '' : `selects ${selected} of ${count} · `;
  switch (selection.kind) {
    case 'error':
      return now === '' ? `selects nothing of ${count}: ${selection.error}` : `${now}would fail: ${selection.error}`;
    case 'ambiguous': {
      const [first, second, ...more] = selection.tags;
      const any = `any of ${first}, ${second}${more.length === 0 ? '' : ` and ${more.length} more`}: they rank the same`;
      return now === '' ? `selects, of ${count}, ${any}` : `${now}would select ${any}`;
    }
    default:
      if (now === '' || selected === selection.tag) return `selects ${selection.tag} of ${count}`;
      return `${now}would select ${selection.tag}`;
  }
}

/** One tag and what became of it. */
export interface SelectionRow {
  readonly tag: string;
  readonly key: string;
  readonly isSelected: boolean;
  readonly words: string;
}

/** Every tag: the selected ones first, then those that took part, then the others; within each in Flux's stored order. */
export function listSelection(selection: Selection): readonly SelectionRow[] {
  const isError = selection.kind === 'error';
  const rows = selection.trace().map((trace) => ({ trace, isSelected: !isError && trace.dropped === undefined }));
  const rankOf = ({ trace, isSelected }: (typeof rows)[number]): number =>
    isSelected ? 0 : trace.isMatched ? (isOutranked(trace) ? 1 : 2) : 3;
  return rows
    .toSorted((a, b) => rankOf(a) - rankOf(b))
    .map(({ trace, isSelected }) => ({
      tag: trace.tag,
      key: trace.key === undefined || trace.key === trace.tag ? '' : trace.key,
      isSelected,
      words: isSelected ? selectedWords(selection) : droppedWords(trace, selection),
    }));
}

function isOutranked({ dropped }: TagTrace): boolean {
  return dropped?.why === 'outranked';
}

function selectedWords({ kind }: Selection): string {
  return kind === 'ambiguous' ? 'selected, or one of the others that rank the same' : 'selected';
}

function droppedWords({ dropped, isMatched }: TagTrace, selection: Selection): string {
  if (dropped !== undefined) return reasonOf(dropped);
  const error = selection.kind === 'error' ? selection.error : '';
  return isMatched ? `not selected: ${error}` : `not looked at: ${error}`;
}

function reasonOf(dropped: Dropped): string {
  switch (dropped.why) {
    case 'excluded':
      return `left out by the ImageRepository's exclusionList: ${dropped.by}`;
    case 'unmatched':
      return 'does not match the pattern';
    case 'same-key':
      return `has the same key as ${dropped.by}, which stands for both`;
    case 'not-a-version':
      return 'its key is no semantic version';
    case 'out-of-range':
      return 'its version is not in the range';
    case 'not-a-number':
      return 'its key is no number';
    default:
      return 'ranks lower';
  }
}
