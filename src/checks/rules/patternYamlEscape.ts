import type { ParsedDocument } from '../../manifests/documents';
import { scalarAt } from '../../manifests/documents';
import type { Found } from '../../model/finding';
import { replaceText } from '../fix';
import { policiesOf } from '../policyFields';
import type { CheckSubject, Rule } from '../rule';

export const patternYamlEscape: Rule = {
  id: 'pattern-yaml-escape',
  severity: 'error',
  summary: 'A backslash in double quotes, where YAML takes it first.',
  protects:
    'In double quotes YAML reads escapes before Flux sees the pattern: `"\\."` and `"\\d"` are no YAML at all, and `"\\b"` or `"\\x41"` silently become other characters.',
  check: (subject) => [...brokenPatterns(subject), ...changedPatterns(subject)],
};

function brokenPatterns(subject: CheckSubject): readonly Found[] {
  if (!/\bkind:\s*["']?Image(?:Policy|Repository)\b/.test(subject.text)) return [];
  return subject.parsed.documents.flatMap((document: ParsedDocument): readonly Found[] => {
    // What is that plain has no escapes at all.
    if (document.plain !== undefined) return [];
    const broken = document.yaml.errors.filter(({ code }) => code === 'BAD_DQ_ESCAPE').map(({ pos }) => pos[0]);
    const lines = new Map(broken.flatMap((at) => quotedOnLine(subject.text, at) ?? []).map((one) => [one.start, one]));
    return [...lines.values()].map((range) =>
      describe(subject, range, 'YAML does not know this escape, so the whole document cannot be read.'),
    );
  });
}

/** The double-quoted value of `pattern:` or of a list item on the line of an offset. */
function quotedOnLine(text: string, at: number): { readonly start: number; readonly end: number } | undefined {
  const start = text.lastIndexOf('\n', at) + 1;
  const line = /^[^\n]*/.exec(text.slice(start))?.[0] ?? '';
  const match = /^(\s*(?:pattern:|-)\s+)("(?:\\.|[^"\\])*")\s*(?:#.*)?$/.exec(line);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { start: start + match[1].length, end: start + match[1].length + match[2].length };
}

function changedPatterns(subject: CheckSubject): readonly Found[] {
  return policiesOf(subject).flatMap(({ document }) => {
    const scalar = scalarAt(document, ['spec', 'filterTags', 'pattern']);
    const source = scalar && subject.text.slice(scalar.range.start, scalar.range.end);
    if (scalar === undefined || !source?.startsWith('"')) return [];
    if (!/[\u0000-\u001f\u007f\u0085\u00a0\u2028\u2029]/.test(scalar.text)) return [];
    return [
      describe(
        subject,
        scalar.range,
        'YAML turns an escape of this text into a control character, which no tag holds.',
      ),
    ];
  });
}

function describe(subject: CheckSubject, range: Found['range'], why: string): Found {
  const inside = subject.text.slice(range.start + 1, range.end - 1);
  const fits = !inside.includes("'") && !inside.includes('\\"') && !inside.includes('\n') && !inside.includes('\\\\');
  return {
    range,
    message: `${why} Put the pattern into single quotes, where backslashes stay as they are.`,
    fixes: fits ? [replaceText(subject, { title: 'Use single quotes', isSafe: true, range, text: `'${inside}'` })] : [],
  };
}
