// A lineage on paper: for a terminal, for a pull request or an audit, and for programs.
import type { Lineage, LineageEvidence } from '../model/lineage';
import { escapeCell, escapeMarkdown } from './markdown';

export type LineageFormat = 'text' | 'markdown' | 'json';

const signs: Readonly<Record<LineageEvidence['says'], string>> = { same: '✓', different: '✗', nothing: '·' };

/** Ends with a line feed. */
export function formatLineage(lineage: Lineage, format: LineageFormat): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(plain(lineage), null, 2)}\n`;
    case 'markdown':
      return formatMarkdown(lineage);
    default:
      return formatText(lineage);
  }
}

/** A problem's cause belongs into the log alone. */
function plain({ problem, ...lineage }: Lineage): object {
  return problem === undefined ? lineage : { ...lineage, problem: { code: problem.code, message: problem.message } };
}

function formatText({ verdict, summary, meaning, evidence }: Lineage): string {
  const lines = evidence.map(({ witness, says, text }) => `${signs[says]} ${witness.padEnd(9)} ${text}`);
  return `${[`${verdict}: ${summary}`, meaning, ...(lines.length === 0 ? [] : ['', ...lines])].join('\n')}\n`;
}

function formatMarkdown({ image, verdict, summary, meaning, source, target, evidence }: Lineage): string {
  const row = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`;
  const ends = [
    ['tested', source],
    ['delivered', target],
  ] as const;
  return [
    `# Lineage of ${escapeMarkdown(image)}`,
    '',
    `**${verdict}**: ${escapeMarkdown(summary)}`,
    '',
    escapeMarkdown(meaning),
    '',
    ...ends.map(
      ([name, { tag, digest, mediaType }]) =>
        `- ${name}: ${[tag, digest ?? 'digest unknown', mediaType]
          .flatMap((part) => part ?? [])
          .map(escapeCell)
          .join(', ')}`,
    ),
    ...(evidence.length === 0
      ? []
      : [
          '',
          '| Witness | Says | Evidence |',
          '|---|---|---|',
          ...evidence.map(({ witness, says, text }) => row([witness, says, text])),
        ]),
    '',
  ].join('\n');
}
