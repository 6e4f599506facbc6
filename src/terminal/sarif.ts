// A report as SARIF 2.1.0 (OASIS), for code scanning: relative URIs, and fingerprints that stay when lines move.
import type { Severity } from '../model/finding';
import { formatJson } from './options';
import { describedRules, type Report, type ReportedFinding, type ReportedPlace } from './report';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

export function formatSarif({ commit, findings, problems, lineOf }: Report): string {
  const seen = new Map<string, number>();
  const run = {
    tool: {
      driver: {
        name: 'flux-promote',
        rules: describedRules.map(({ id, severity, summary, protects, help }) => ({
          id,
          shortDescription: { text: plain(summary) },
          fullDescription: { text: plain(protects) },
          helpUri: help,
          help: { text: `${plain(protects)} See ${help}` },
          defaultConfiguration: { level: levels[severity] },
        })),
      },
    },
    columnKind: 'utf16CodeUnits',
    ...(commit === null ? {} : { properties: { commit } }),
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: problems.map(({ code, message }) => ({
          level: 'warning',
          descriptor: { id: code },
          message: { text: message },
        })),
      },
    ],
    results: findings.map((finding) => formatResult(finding, lineOf(finding), seen)),
  };
  return formatJson({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] });
}

function formatResult(finding: ReportedFinding, line: string, seen: Map<string, number>): object {
  const { rule, severity, message, evidence, related, file } = finding;
  const identity = hash([rule, file, line].join('\n'));
  const occurrence = (seen.get(identity) ?? 0) + 1;
  seen.set(identity, occurrence);
  return {
    ruleId: rule,
    ruleIndex: describedRules.findIndex(({ id }) => id === rule),
    level: levels[severity],
    message: { text: message },
    locations: [{ physicalLocation: formatPlace(finding) }],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((other, id) => ({
            id,
            physicalLocation: formatPlace(other),
            message: { text: other.message },
          })),
        }),
    partialFingerprints: { primaryLocationLineHash: `${identity}:${occurrence}` },
    ...(evidence.length === 0 ? {} : { properties: { evidence } }),
  };
}

function formatPlace({ file, line, column, endLine, endColumn }: ReportedPlace): object {
  return {
    artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
    region: { startLine: line, startColumn: column, endLine, endColumn },
  };
}

/** Markdown's code marks, which a plain text does not have. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}

/** FNV-1a of 64 bits, in hexadecimal: to tell lines apart, not to keep secrets. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text))
    value = ((value ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return value.toString(16).padStart(16, '0');
}
