import { rangeAt } from '../../manifests/documents';
import type { Found } from '../../model/finding';
import type { ImagePolicy } from '../../model/flux';
import { proveInclusion } from '../../policy/prove';
import { readKeyPattern } from '../keyPattern';
import { knownKeys } from '../knownKeys';
import { compileWith, extractField, patternField, policiesOf } from '../policyFields';
import type { CheckSubject, FluxDocument, Rule } from '../rule';

export const numericalPrecision: Rule = {
  id: 'numerical-precision',
  severity: 'warning',
  summary: 'Numbers of more than 16 digits, which Flux cannot tell apart.',
  protects:
    'Keys of a numerical policy become 64-bit floats: above 9007199254740992 neighbours are one number, and of equal numbers Flux takes any one, another from run to run. `20240101120000123` and `20240101120000124` are equal.',
  check: (subject) => policiesOf(subject).flatMap((policy) => checkPolicy(subject, policy)),
};

function checkPolicy(subject: CheckSubject, policy: FluxDocument<ImagePolicy>): readonly Found[] {
  const form = policy.forms.find(
    ({ spec: { policy: choice } }) => choice?.numerical !== undefined && choice.semver === undefined,
  );
  const range =
    (extractField(policy) ?? patternField(policy))?.scalar.range ?? rangeAt(policy.document, ['spec', 'policy']);
  if (form === undefined || range === undefined) return [];
  const evidence = equalKeys(knownKeys(subject.repository, form)) ?? longKeys(subject, form);
  if (evidence === undefined) return [];
  return [
    {
      range,
      message: `Flux compares these keys as 64-bit floats, which have 15 to 16 digits: ${evidence.length > 1 ? `${evidence.join(' and ')} are equal, and one of them wins by chance` : 'the last digits are lost'}. Order alphabetically, as the digits are all of one length, or shorten the number.`,
      evidence,
    },
  ];
}

function equalKeys(keys: readonly string[]): readonly string[] | undefined {
  const byNumber = new Map<number, string>();
  for (const key of keys) {
    if (!/^\d{16,}$/.test(key)) continue;
    const other = byNumber.get(Number(key));
    if (other !== undefined && other !== key) return [other, key];
    byNumber.set(Number(key), key);
  }
  return undefined;
}

function longKeys(subject: CheckSubject, { spec }: ImagePolicy): readonly string[] | undefined {
  const shape = readKeyPattern(spec, compileWith(subject), subject.repository.budget);
  const loose = compileWith(subject)('^[0-9]{17,}$');
  if (shape === undefined || loose.kind !== 'pattern') return undefined;
  return 'included' in proveInclusion(shape.keys, loose, subject.repository.budget) ? [] : undefined;
}
