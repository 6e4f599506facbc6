import { findEnvironmentWord } from '../../fleet/environments';
import { scalarAt } from '../../manifests/documents';
import type { Found } from '../../model/finding';
import type { ImagePolicy } from '../../model/flux';
import type { Pattern } from '../../policy/pattern';
import { proveInclusion } from '../../policy/prove';
import { compileFor, patternField, policiesOf } from '../policyFields';
import type { CheckSubject, FluxDocument, Rule } from '../rule';
import { knownTagsOf } from '../selectionEvidence';

export const patternAcceptsAlias: Rule = {
  id: 'pattern-accepts-alias',
  severity: 'warning',
  summary: 'An alphabetical policy that takes moving tags such as `latest`.',
  protects:
    'Bytewise, letters come after digits: `latest` is greater than every version that begins with a number, so an alphabetical policy selects it and stays there. A moving tag in Git names another build tomorrow.',
  check: (subject) => policiesOf(subject).flatMap((policy) => checkPolicy(subject, policy)),
};

const aliases = 'latest|stable|edge|nightly|main|master|canary';

function checkPolicy(subject: CheckSubject, policy: FluxDocument<ImagePolicy>): readonly Found[] {
  const field = patternField(policy);
  const { pattern: text, extract = '' } = policy.own.spec.filterTags ?? {};
  if ((text !== undefined && text !== '' && field === undefined) || extract !== '') return [];
  const scalar = field?.scalar ?? scalarAt(policy.document, ['metadata', 'name']);
  const form = (field?.forms ?? policy.forms).find(
    ({ spec }) => takesGreatest(spec) && (spec.filterTags?.extract ?? '') === '',
  );
  const pattern = compileFor(subject, form?.spec.filterTags?.pattern ?? '');
  if (scalar === undefined || form === undefined || pattern.kind !== 'pattern' || isMeant(subject, pattern)) return [];
  const known = knownTagsOf(subject.repository, form);
  const taken = (known?.filter(isAlias) ?? ['latest']).filter((tag) => pattern.test(tag));
  const [first] = taken;
  if (first === undefined) return [];
  return [
    {
      range: scalar.range,
      message: `This policy takes ${taken.join(', ')}, which ${taken.length > 1 ? 'are moving tags' : 'is a moving tag'}: in alphabetical order it wins over everything that begins with a digit. Filter for the shape of real builds, from ^ to $.`,
      evidence: taken,
    },
  ];
}

function takesGreatest({ policy }: ImagePolicy['spec']): boolean {
  return policy?.alphabetical !== undefined && policy.semver === undefined && policy.alphabetical.order !== 'desc';
}

function isAlias(tag: string): boolean {
  return new RegExp(`^(?:${aliases})$`).test(tag) || findEnvironmentWord(tag) === tag;
}

/** A policy that takes nothing but moving tags follows one on purpose. */
function isMeant(subject: CheckSubject, pattern: Pattern): boolean {
  const moving = compileFor(subject, `^(?:${aliases}|[a-z]+)$`);
  return moving.kind === 'pattern' && 'included' in proveInclusion(pattern, moving, subject.repository.budget);
}
