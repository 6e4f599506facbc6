// The baseline on paper, to be pasted into a change record.
import { formatMoment } from '../model/duration';
import type { Baseline } from './baseline';
import type { BaselineLine } from './baselineLine';
import { escapeCell } from './markdown';

const signs: Readonly<Record<BaselineLine['verdict'], string>> = {
  ok: '✓ ok',
  failed: '✗ failed',
  unknown: '? unknown',
};

/** Markdown that reads well as plain text too; ends with a line feed. */
export function formatBaseline({ at, commits, sections }: Baseline): string {
  const lines = sections.flatMap((section) => section.lines);
  const open = lines.filter(({ verdict }) => verdict !== 'ok').toSorted((a, b) => rank[a.verdict] - rank[b.verdict]);
  const count = (verdict: BaselineLine['verdict']): number => lines.filter((line) => line.verdict === verdict).length;
  return [
    '# Baseline of the delivery',
    '',
    `**${verdictOf(lines)}** ${count('ok')} ok, ${count('failed')} failed, ${count('unknown')} unknown. Taken ${formatMoment(at)}.`,
    '',
    ...commits.map((commit) => `- ${escapeCell(commit)}`),
    ...section('What is not ok', open),
    ...sections.flatMap(({ title, lines: rows }) => section(title, rows)),
    '',
  ].join('\n');
}

/** What failed goes before what nobody could see. */
const rank: Readonly<Record<BaselineLine['verdict'], number>> = { failed: 0, unknown: 1, ok: 2 };

function section(title: string, lines: readonly BaselineLine[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `## ${title}`, '', ...table(lines)];
}

function verdictOf(lines: readonly BaselineLine[]): string {
  if (lines.length === 0) return 'Nothing to check: no environment was found.';
  if (lines.some(({ verdict }) => verdict === 'failed')) return 'Not ready to change anything.';
  return lines.some(({ verdict }) => verdict === 'unknown') ? 'As far as could be seen, ready.' : 'Ready.';
}

/** A column for next steps only where there is one. */
function table(lines: readonly BaselineLine[]): readonly string[] {
  const hasSteps = lines.some(({ remedy }) => remedy !== undefined);
  const row = (cells: readonly string[], step: string): string =>
    `| ${(hasSteps ? [...cells, step] : cells).join(' | ')} |`;
  return [
    row(['Verdict', 'What', 'Evidence'], 'Next step'),
    row(['---', '---', '---'], '---'),
    ...lines.map(({ verdict, what, evidence, remedy = '' }) =>
      row([signs[verdict], escapeCell(what), escapeCell(evidence)], escapeCell(remedy)),
    ),
  ];
}
