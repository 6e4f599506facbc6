import { rangeAt } from '../../manifests/documents';
import type { Found } from '../../model/finding';
import type { ImagePolicy } from '../../model/flux';
import { compareBytes } from '../../policy/compareBytes';
import { proveInclusion } from '../../policy/prove';
import { parseRelease } from '../../policy/release';
import { compareVersions, parseVersion } from '../../policy/version';
import { escapePattern } from '../escapePattern';
import { readKeyPattern } from '../keyPattern';
import { knownKeys } from '../knownKeys';
import { compileWith, patternField, policiesOf } from '../policyFields';
import type { CheckSubject, FluxDocument, Rule } from '../rule';

export const orderAlphabeticalNumbers: Rule = {
  id: 'order-alphabetical-numbers',
  severity: 'warning',
  summary: 'Versions or numbers of different length in alphabetical order.',
  protects:
    'Flux compares byte by byte: `v1.9.0` is greater than `v1.10.0`, and `9` is greater than `10`. The policy stays at the ninth build and says that it is Ready.',
  check: (subject) => policiesOf(subject).flatMap((policy) => checkPolicy(subject, policy)),
};

function checkPolicy(subject: CheckSubject, policy: FluxDocument<ImagePolicy>): readonly Found[] {
  const form = policy.forms.find(
    ({ spec }) => spec.policy?.alphabetical !== undefined && spec.policy.semver === undefined,
  );
  if (form === undefined || form.spec.policy?.alphabetical?.order?.toLowerCase() === 'desc') return [];
  const range = rangeAt(policy.document, ['spec', 'policy']);
  if (range === undefined) return [];
  if (policy.own.spec.filterTags?.pattern !== undefined && patternField(policy) === undefined) return [];
  const wrong = wrongByTags(subject, form) ?? wrongByShape(subject, form);
  if (wrong === undefined) return [];
  return [
    {
      range,
      message: `In alphabetical order ${wrong.greater} is greater than ${wrong.newer}. Order versions by semver and numbers by numerical, with extract for the part that counts.`,
      evidence: [wrong.greater, wrong.newer],
    },
  ];
}

interface WrongOrder {
  readonly greater: string;
  readonly newer: string;
}

/** The key that wins, and one that is newer by its numbers; undefined also when the known keys are no such numbers. */
function wrongByTags(subject: CheckSubject, form: ImagePolicy): WrongOrder | undefined {
  const keys = knownKeys(subject.repository, form);
  const [greater] = keys.toSorted((a, b) => compareBytes(b, a));
  if (greater === undefined) return undefined;
  const newer = keys.find((key) => isNewer(key, greater));
  return newer === undefined ? undefined : { greater, newer };
}

function isNewer(key: string, than: string): boolean {
  if (/^\d+$/.test(key) && /^\d+$/.test(than)) return BigInt(key) > BigInt(than);
  const { semver } = parseRelease(undefined);
  const [left, right] = [parseVersion(key, semver), parseVersion(than, semver)];
  return left !== undefined && right !== undefined && compareVersions(left, right) > 0;
}

/** Without tags only versions are certain: of plain numbers all may have the same length. */
function wrongByShape(subject: CheckSubject, { spec }: ImagePolicy): WrongOrder | undefined {
  const pattern = readKeyPattern(spec, compileWith(subject), subject.repository.budget);
  if (pattern === undefined || spec.filterTags?.pattern === undefined) return undefined;
  const { keys, prefix, isWhole } = pattern;
  const versions = compileWith(subject)(`^${escapePattern(prefix)}v?[0-9]+.[0-9]+.[0-9]+(?:[-.].*)?$`);
  if (versions.kind !== 'pattern' || !('included' in proveInclusion(keys, versions, subject.repository.budget))) {
    return undefined;
  }
  return ['', 'v']
    .map((v) => ({ greater: `${prefix}${v}1.9.0`, newer: `${prefix}${v}1.10.0` }))
    .find(({ greater, newer }) => isWhole(greater) && isWhole(newer));
}
