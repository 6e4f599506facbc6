import { parseTemplate } from '../../policy/expand';
import type { Pattern } from '../../policy/pattern';
import { rewriteScalar } from '../fix';
import { compileFor, extractField, patternField, policiesOf } from '../policyFields';
import type { Rule } from '../rule';
import { selectionEvidence } from '../selectionEvidence';

export const extractConstant: Rule = {
  id: 'extract-constant',
  severity: 'error',
  summary: '`extract` without a reference to a group: every tag gets the same key.',
  protects:
    'Flux compares what `extract` makes of each match. A text without `$` is the same for every tag: an alphabetical policy then selects the smallest tag by bytes and stays Ready, the other policies fail.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const field = extractField(policy);
      if (field === undefined || field.value === '') return [];
      if (parseTemplate(field.value).some((part) => part.kind !== 'text')) return [];
      const patternText = patternField(policy);
      const pattern = patternText && compileFor(subject, patternText.value);
      const reference = pattern?.kind === 'pattern' ? referenceMeant(field.value, pattern) : undefined;
      const [form] = field.forms;
      return [
        {
          range: field.scalar.range,
          message: `This text names no group, so every tag gets the key ${field.value} and none is newer than another. Write $ and the name of a group of the pattern${reference === undefined ? '' : `: ${reference}`}.`,
          evidence: form === undefined ? [] : selectionEvidence(subject.repository, form),
          fixes:
            reference === undefined
              ? []
              : [
                  rewriteScalar(subject, {
                    title: `Write ${reference}`,
                    range: field.scalar.range,
                    value: reference,
                    isSafe: true,
                  }),
                ],
        },
      ];
    }),
};

/** `ts`, `$(ts)`, `$<ts>`, `${ts`, `\1`: other languages' ways to say it, or a forgotten dollar. */
function referenceMeant(extract: string, { groupNames }: Pattern): string | undefined {
  const name = /^[\\$]*[{(<]?(\w+)[})>]?$/.exec(extract)?.[1];
  if (name === undefined) return undefined;
  const isGroup = groupNames.includes(name) || (/^[1-9]$/.test(name) && Number(name) < groupNames.length);
  return isGroup ? `$${name}` : undefined;
}
