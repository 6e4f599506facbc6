// A report for people, for programs, and as GitHub's annotations.
import type { Severity } from '../model/finding';
import { formatJson, formatVisible } from './options';
import { type Report, severities } from './report';

export function formatReportText({ subject, findings, problems }: Report): string {
  const lines = findings.flatMap(({ file, line, column, severity, message, rule, evidence, related }) => [
    `${file}:${line}:${column}: ${severity}: ${message} [${rule}]`,
    ...evidenceBehind(message, evidence),
    ...related.map((other) => `    ${other.file}:${other.line}:${other.column}: ${other.message}`),
  ]);
  const all = [
    subject,
    '',
    ...(lines.length === 0 ? [] : [...lines, '']),
    ...(problems.length === 0 ? [] : [...problems.map((problem) => `! ${problem.message}`), '']),
    countFindings(findings),
    '',
  ];
  return formatVisible(all.join('\n'));
}

/** The tags that the message does not name itself. */
function evidenceBehind(message: string, evidence: readonly string[]): readonly string[] {
  const others = evidence.filter((tag) => !message.includes(tag));
  return others.length === 0 ? [] : [`    tags: ${others.join(', ')}`];
}

const words: Readonly<Record<Severity, readonly [one: string, several: string]>> = {
  error: ['error', 'errors'],
  warning: ['warning', 'warnings'],
  information: ['piece of information', 'pieces of information'],
  hint: ['hint', 'hints'],
};

function countFindings(findings: Report['findings']): string {
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${words[severity][count === 1 ? 0 : 1]}`];
  });
  return counts.length === 0 ? 'No findings.' : `${counts.join(', ')}.`;
}

export function formatReportJson({ commit, findings, problems }: Report): string {
  return formatJson({
    commit,
    findings,
    problems: problems.map(({ code, message }) => ({ code, message })),
  });
}

const annotations: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'notice',
  hint: 'notice',
};

/** Workflow commands (GitHub Actions, "Workflow commands": escapes as in actions/toolkit `command.ts`). */
export function formatGitHub({ findings, problems }: Report): string {
  const lines = findings.map(({ file, line, column, endLine, endColumn, severity, message, rule }) => {
    // Columns are only shown within one line.
    const columns = line === endLine ? [`col=${column}`, `endColumn=${endColumn}`] : [];
    const fields = [`file=${property(file)}`, `line=${line}`, `endLine=${endLine}`, ...columns, `title=${rule}`];
    return `::${annotations[severity]} ${fields.join(',')}::${text(message)}\n`;
  });
  return [...lines, ...problems.map(({ message }) => `::warning::${text(message)}\n`)].join('');
}

function text(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(value: string): string {
  return text(value).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
