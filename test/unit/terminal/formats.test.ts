import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { rules } from '../../../src/checks/rules';
import type { Finding } from '../../../src/model/finding';
import { formatHistory, type History } from '../../../src/terminal/history';
import { formatVisible } from '../../../src/terminal/options';
import { isAtLeast, type Report, type ReportedFinding, reportFindings } from '../../../src/terminal/report';
import { formatGitHub, formatReportJson, formatReportText } from '../../../src/terminal/reportFormats';
import { formatSarif } from '../../../src/terminal/sarif';
import { formatStatus } from '../../../src/terminal/status';
import { formatTable } from '../../../src/terminal/table';

const files: Readonly<Record<string, string>> = {
  'apps/a, b.yaml': 'one: 1\r\n  two: ü\n  two: ü\n',
  'other.yaml': 'x\n',
};

function findingAt(start: number, end: number, rest: Partial<Finding> = {}): Finding {
  return {
    rule: 'pattern-refused',
    severity: 'error',
    file: 'apps/a, b.yaml',
    range: { start, end },
    line: 0,
    message: '100% wrong:\nno tag v1.',
    evidence: ['v1', 'v2'],
    fixes: [],
    related: [],
    ...rest,
  };
}

function reportOf(findings: readonly Finding[], rest: Partial<Report> = {}): Report {
  const textOf = (file: string): string => files[file] ?? '';
  return {
    subject: 'Commit abc',
    commit: 'abc',
    findings: reportFindings(findings, textOf),
    problems: [],
    lineOf: ({ file, line }: ReportedFinding) => textOf(file).split('\n')[line - 1]?.trim() ?? '',
    ...rest,
  };
}

const related = { file: 'other.yaml', range: { start: 0, end: 1 }, line: 1, message: 'See here.' };
const report = reportOf(
  [findingAt(10, 15, { related: [related] }), findingAt(0, 9, { severity: 'hint', evidence: [] })],
  {
    problems: [{ code: 'yaml-broken', message: 'x.yaml is broken.' }],
  },
);

describe('a report', () => {
  it('as text', () => {
    assert.equal(
      formatReportText(report),
      [
        'Commit abc',
        '',
        'apps/a, b.yaml:2:3: error: 100% wrong:',
        'no tag v1. [pattern-refused]',
        '    tags: v2',
        '    other.yaml:1:1: See here.',
        'apps/a, b.yaml:1:1: hint: 100% wrong:',
        'no tag v1. [pattern-refused]',
        '',
        '! x.yaml is broken.',
        '',
        '1 error, 1 hint.',
        '',
      ].join('\n'),
    );
    assert.equal(formatReportText(reportOf([])), 'Commit abc\n\nNo findings.\n');
  });

  it('as JSON', () => {
    const { commit, findings, problems } = JSON.parse(formatReportJson(report)) as Record<string, unknown>;
    assert.equal(commit, 'abc');
    assert.deepEqual(problems, [{ code: 'yaml-broken', message: 'x.yaml is broken.' }]);
    assert.deepEqual((findings as readonly unknown[])[0], {
      rule: 'pattern-refused',
      severity: 'error',
      file: 'apps/a, b.yaml',
      line: 2,
      column: 3,
      endLine: 2,
      endColumn: 8,
      message: '100% wrong:\nno tag v1.',
      evidence: ['v1', 'v2'],
      related: [{ file: 'other.yaml', line: 1, column: 1, endLine: 1, endColumn: 2, message: 'See here.' }],
      help: 'https://github.com/flux-promote/flux-promote/blob/main/docs/rules/pattern-refused.md',
    });
  });

  it("as GitHub's annotations", () => {
    assert.equal(
      formatGitHub(report),
      '::error file=apps/a%2C b.yaml,line=2,endLine=2,col=3,endColumn=8,title=pattern-refused::100%25 wrong:%0Ano tag v1.\n' +
        '::notice file=apps/a%2C b.yaml,line=1,endLine=2,title=pattern-refused::100%25 wrong:%0Ano tag v1.\n' +
        '::warning::x.yaml is broken.\n',
    );
  });

  it('knows which severity is the graver', () => {
    assert.deepEqual(
      [isAtLeast('error', 'warning'), isAtLeast('warning', 'warning'), isAtLeast('hint', 'information')],
      [true, true, false],
    );
  });
});

interface Sarif {
  readonly version: string;
  readonly runs: readonly [
    {
      readonly tool: {
        readonly driver: { readonly rules: readonly { readonly id: string; readonly helpUri: string }[] };
      };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly locations: readonly [{ readonly physicalLocation: object }];
        readonly partialFingerprints: { readonly primaryLocationLineHash: string };
      }[];
    },
  ];
}

function sarifOf(given: Report): Sarif {
  return JSON.parse(formatSarif(given)) as Sarif;
}

describe('SARIF', () => {
  const { version, runs } = sarifOf(report);

  it('names every rule with its page', () => {
    assert.equal(version, '2.1.0');
    assert.deepEqual(
      runs[0].tool.driver.rules.map(({ id, helpUri }) => [id, new URL(helpUri).pathname.split('/').at(-1)]),
      rules.map(({ id }) => [id, `${id}.md`]),
    );
  });

  it('has relative URIs and one-based regions', () => {
    const [first] = runs[0].results;
    assert.ok(first !== undefined);
    assert.equal(runs[0].tool.driver.rules[first.ruleIndex]?.id, first.ruleId);
    assert.equal(first.level, 'error');
    assert.deepEqual(first.locations[0].physicalLocation, {
      artifactLocation: { uri: 'apps/a%2C%20b.yaml' },
      region: { startLine: 2, startColumn: 3, endLine: 2, endColumn: 8 },
    });
  });

  it('has fingerprints that tell findings apart and stay when lines move', () => {
    const fingerprints = (given: Report): readonly string[] =>
      sarifOf(given).runs[0].results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
    const twins = fingerprints(reportOf([findingAt(10, 15), findingAt(19, 24), findingAt(0, 3)]));
    assert.equal(new Set(twins).size, 3);
    const { findings } = reportOf([findingAt(10, 15)]);
    const moved = findings.map((finding) => ({ ...finding, line: finding.line + 7, endLine: finding.endLine + 7 }));
    assert.deepEqual(fingerprints(reportOf([], { findings: moved, lineOf: () => 'two: ü' })), [twins[0]]);
  });
});

describe('texts for a terminal', () => {
  it('have columns as wide as they need to be', () => {
    assert.equal(formatTable([['a', 'b'], ['long', ''], ['x']]), 'a     b\nlong\nx\n');
    assert.equal(formatTable([]), '\n');
  });

  it('say when there is nothing', () => {
    assert.equal(
      formatStatus({ commit: 'abc', environments: [], problems: [] }),
      'Commit abc\n\nNo environments: no workload and no marker was found.\n',
    );
  });

  it('show control characters instead of sending them', () => {
    assert.equal(formatVisible('a\x1b[31m\tb\u202e\nc'), 'a\\u001b[31m\\u0009b\\u202e\nc');
  });

  it('tell a history', () => {
    const history: History = {
      commit: 'abc',
      service: 'backend',
      environment: 'production',
      image: 'ghcr.io/acme/backend',
      written: 'v2',
      tags: [
        {
          tag: 'v2',
          from: null,
          commit: '0123456789abcdef',
          author: { name: 'Ada', email: 'ada@example.test' },
          writtenBy: 'person',
          date: '2026-01-02T03:04:05.000Z',
          subject: 'Promote',
          file: 'x.yaml',
        },
      ],
      problems: [{ code: 'git-shallow', message: 'Older changes are missing.' }],
    };
    assert.equal(
      formatHistory(history),
      'backend in production at abc\n\n' +
        'TAG  WRITTEN (UTC)     COMMIT      AUTHOR  BY      SUBJECT\n' +
        'v2   2026-01-02 03:04  0123456789  Ada     person  Promote\n\n' +
        '! Older changes are missing.\n',
    );
  });
});
