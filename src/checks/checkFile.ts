import { isRelevant, lineOf } from '../manifests/documents';
import type { Finding, RuleId, Severity } from '../model/finding';
import type { CheckedRepository, CheckSubject } from './rule';
import { rules } from './rules';
import { silencedLines } from './silenced';
import { createSubject } from './subject';

/** By rule; a rule that is not named has its own severity. */
export type Severities = Readonly<Partial<Record<RuleId, Severity | 'off'>>>;

/** The findings of one file in the order of its text. `text` may be newer than the repository. */
export function checkFile(
  repository: CheckedRepository,
  file: string,
  text: string,
  severities: Severities = {},
): readonly Finding[] {
  return checkSubject(createSubject(repository, file, text), severities);
}

/** The findings of all files that are relevant, file by file. */
export function checkRepository(repository: CheckedRepository, severities: Severities = {}): readonly Finding[] {
  return repository.tree.list().flatMap((file) => {
    const text = repository.tree.read(file);
    return text !== undefined && concerns(repository, file, text) ? checkFile(repository, file, text, severities) : [];
  });
}

/** Whether any rule can have something to say of the file: what it says itself, or what is built from it. */
export function concerns(repository: CheckedRepository, file: string, text: string): boolean {
  if (!isYaml(file)) return false;
  const { mutableImages, missedOverrides, unsetVariables } = repository;
  return isRelevant(text) || [mutableImages, missedOverrides, unsetVariables].some((found) => found().has(file));
}

function isYaml(file: string): boolean {
  return /\.ya?ml$/.test(file) || /(?:^|\/)Kustomization$/.test(file);
}

function checkSubject(subject: CheckSubject, severities: Severities): readonly Finding[] {
  const isSilenced = silencedLines(subject.text);
  const findings = rules.flatMap((rule) => {
    const chosen = severities[rule.id];
    if (chosen === 'off') return [];
    return rule.check(subject).flatMap((found): readonly Finding[] => {
      const line = lineOf(subject.text, found.range.start);
      if (isSilenced(line, rule.id)) return [];
      return [
        {
          rule: rule.id,
          severity: chosen ?? found.severity ?? rule.severity,
          file: subject.file,
          range: found.range,
          line,
          message: found.message,
          evidence: found.evidence ?? [],
          fixes: found.fixes ?? [],
          related: found.related ?? [],
        },
      ];
    });
  });
  return findings.toSorted((a, b) => a.range.start - b.range.start);
}
