// The findings of a check as values, before a format is chosen: places in lines and columns, as terminals and CI count.
import { rules } from '../checks/rules';
import type { Finding, RuleId, Severity } from '../model/finding';
import type { Problem } from '../model/problem';
import type { TextRange } from '../model/text';

/** One-based; columns count UTF-16 code units; `endColumn` is behind the last one. */
export interface ReportedPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface ReportedFinding extends ReportedPlace {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly message: string;
  readonly evidence: readonly string[];
  readonly related: readonly (ReportedPlace & { readonly message: string })[];
  /** The rule's page. */
  readonly help: string;
}

export interface Report {
  /** For the first line of a text. */
  readonly subject: string;
  /** Null for the work tree. */
  readonly commit: string | null;
  readonly findings: readonly ReportedFinding[];
  readonly problems: readonly Problem[];
  /** The line on which a finding begins, without the space around it. */
  readonly lineOf: (finding: ReportedFinding) => string;
}

/** From the gravest. */
export const severities: readonly Severity[] = ['error', 'warning', 'information', 'hint'];

export function isAtLeast(severity: Severity, level: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(level);
}

export function reportFindings(findings: readonly Finding[], textOf: (file: string) => string): ReportedFinding[] {
  return findings.map(({ rule, severity, file, range, message, evidence, related }) => ({
    rule,
    severity,
    ...placeOf(file, textOf(file), range),
    message,
    evidence,
    related: related.map((other) => ({
      ...placeOf(other.file, textOf(other.file), other.range),
      message: other.message,
    })),
    help: rulePage(rule),
  }));
}

function placeOf(file: string, text: string, { start, end }: TextRange): ReportedPlace {
  const from = positionAt(text, start);
  const to = positionAt(text, Math.max(start, end));
  return { file, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
}

function positionAt(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

/** Where the documentation of the extension is read. */
export function rulePage(rule: RuleId): string {
  return `https://github.com/flux-promote/flux-promote/blob/main/docs/rules/${rule}.md`;
}

/** Every rule, for the formats that list them. */
export const describedRules = rules.map(({ id, severity, summary, protects }) => ({
  id,
  severity,
  summary,
  protects,
  help: rulePage(id),
}));
