import { rangeAt } from '../../manifests/documents';
import type { Found } from '../../model/finding';
import type { ImagePolicy } from '../../model/flux';
import { parseFloat64 } from '../../policy/parseFloat';
import { proveInclusion, proveOverlap } from '../../policy/prove';
import { readKeyPattern } from '../keyPattern';
import { knownKeys } from '../knownKeys';
import { compileWith, extractField, patternField, policiesOf } from '../policyFields';
import type { CheckSubject, FluxDocument, Rule } from '../rule';

export const numericalUnparsable: Rule = {
  id: 'numerical-unparsable',
  severity: 'error',
  summary: 'A numerical policy whose keys are not all numbers.',
  protects:
    'image-reflector-controller parses every key with `strconv.ParseFloat`. A single tag whose key is no number fails the whole policy (`failed to parse invalid numeric value`), and it keeps the tag that it selected last; nothing is skipped.',
  check: (subject) => policiesOf(subject).flatMap((policy) => checkPolicy(subject, policy)),
};

const number = '^[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)$';

function checkPolicy(subject: CheckSubject, policy: FluxDocument<ImagePolicy>): readonly Found[] {
  const form = policy.forms.find(({ spec }) => isNumerical(spec.policy));
  const hasPattern = policy.own.spec.filterTags?.pattern !== undefined;
  const field = patternField(policy);
  const range = (extractField(policy) ?? field)?.scalar.range ?? rangeAt(policy.document, ['spec', 'policy']);
  if (form === undefined || range === undefined || (hasPattern && field === undefined)) return [];
  const bad = knownKeys(subject.repository, form).find((key) => parseFloat64(key) === undefined);
  if (bad !== undefined) return [describe(range, { key: bad, isCertain: true, evidence: [bad] })];
  const shape = readKeyPattern(form.spec, compileWith(subject), subject.repository.budget);
  const numbers = compileWith(subject)(number);
  if (shape === undefined || numbers.kind !== 'pattern') return [];
  const { budget } = subject.repository;
  const included = proveInclusion(shape.keys, numbers, budget);
  if (!('witness' in included) || parseFloat64(included.witness) !== undefined) return [];
  const tag = shape.tagOf(included.witness);
  if (tag === undefined) return [];
  const isCertain = 'disjoint' in proveOverlap(shape.keys, numbers, budget);
  return [describe(range, { key: included.witness, isCertain, evidence: [tag] })];
}

function isNumerical(choice: ImagePolicy['spec']['policy']): boolean {
  return choice?.numerical !== undefined && choice.semver === undefined && choice.alphabetical === undefined;
}

interface BadKey {
  readonly key: string;
  /** Some tag has it, or all do. */
  readonly isCertain: boolean;
  readonly evidence: readonly string[];
}

function describe(range: Found['range'], { key, isCertain, evidence }: BadKey): Found {
  const what = isCertain
    ? `This policy compares ${key} as a number, which it is not, and fails.`
    : `The tag ${evidence[0] ?? key} would pass this filter with the key ${key}, which is no number: one such tag in the registry fails the whole policy.`;
  return {
    range,
    ...(isCertain ? {} : { severity: 'warning' }),
    message: `${what} Flux then keeps the tag that it selected last. Let the pattern take digits only, from ^ to $, with a group around them that extract names.`,
    evidence,
  };
}
