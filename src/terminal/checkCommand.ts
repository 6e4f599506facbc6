import { parseArgs } from 'node:util';
import { createCheckedRepository } from '../checks/checkedRepository';
import { checkRepository } from '../checks/checkFile';
import { defaultSettings } from '../model/settings';
import { type Command, UsageError } from './command';
import { checkedRef, oneOf, repositoryFolder, repositoryOptions } from './options';
import { isAtLeast, type Report, type ReportedFinding, reportFindings, severities } from './report';
import { formatGitHub, formatReportJson, formatReportText } from './reportFormats';
import { formatSarif } from './sarif';
import { readSubject } from './subject';

type Format = 'text' | 'json' | 'sarif' | 'github';

const formats: Readonly<Record<Format, (report: Report) => string>> = {
  text: formatReportText,
  json: formatReportJson,
  sarif: formatSarif,
  github: formatGitHub,
};

export const checkCommand: Command = {
  name: 'check',
  usage:
    'check [PATH…] [--format text|json|sarif|github] [--level error|warning|information|hint]\n' +
    '         [--repo PATH] [--ref REF] [--json]',
  summary:
    'what looks wrong in a commit, or with PATH in files as they lie; ends with 1 for findings at or above the level (warning)',
  run: async (given, terminal) => {
    const { values, positionals } = parseArgs({
      args: [...given],
      options: { ...repositoryOptions, format: { type: 'string' }, level: { type: 'string' } },
      allowPositionals: true,
    });
    const format = formatOf(values);
    const level = oneOf('--level', values.level ?? 'warning', severities);
    const { name, commit, tree, manifests, problems, isAsked } = await readSubject(
      terminal,
      repositoryFolder(values, terminal),
      checkedRef(values),
      positionals,
    );
    const found = checkRepository(createCheckedRepository(tree, manifests, defaultSettings));
    const textOf = (file: string): string => tree.read(file) ?? '';
    const findings = reportFindings(
      found.filter(({ file }) => isAsked(file)),
      textOf,
    );
    const lineOf = ({ file, line }: ReportedFinding): string => textOf(file).split('\n')[line - 1]?.trim() ?? '';
    await terminal.print(formats[format]({ subject: name, commit, findings, problems, lineOf }));
    return findings.some(({ severity }) => isAtLeast(severity, level)) ? 1 : 0;
  },
};

function formatOf({
  format,
  json,
}: {
  readonly format?: string | undefined;
  readonly json?: boolean | undefined;
}): Format {
  const chosen = oneOf('--format', format ?? (json === true ? 'json' : 'text'), ['text', 'json', 'sarif', 'github']);
  if (json === true && chosen !== 'json') throw new UsageError(`--json and --format ${chosen} exclude each other.`);
  return chosen;
}
