import { findEnvironmentWord, isProduction } from '../../fleet/environments';
import { type Crossing, findCrossing } from '../../fleet/hardStops';
import { keyOf } from '../../fleet/placements';
import { scalarAt } from '../../manifests/documents';
import { editScalar } from '../../manifests/edits';
import type { Fix, Found } from '../../model/finding';
import type { ImagePolicy } from '../../model/flux';
import { fixedPrefix } from '../../policy/prove';
import type { DeclaredPolicy } from '../declaredPolicies';
import { compileFor, patternField, policiesOf } from '../policyFields';
import type { CheckSubject, FluxDocument, Rule } from '../rule';
import { isTemplate } from '../textField';

export const patternCrossesEnvironment: Rule = {
  id: 'pattern-crosses-environment',
  severity: 'error',
  summary: 'A policy that takes tags of another environment.',
  protects:
    'Flux tests `filterTags.pattern` anywhere in a tag and writes whatever tag wins into the environment’s manifests. A production policy that takes a staging tag deploys it the minute it is the newest, without a promotion.',
  check: (subject) => policiesOf(subject).flatMap((policy) => checkPolicy(subject, policy)),
};

function checkPolicy(subject: CheckSubject, policy: FluxDocument<ImagePolicy>): readonly Found[] {
  const field = patternField(policy);
  const name = scalarAt(policy.document, ['metadata', 'name']);
  const policies = subject.repository.policies();
  for (const form of policy.forms) {
    // What a patch has put in place is shown at the name of what it patches.
    const own = field?.forms.includes(form) === true ? field : undefined;
    const scalar = own?.scalar ?? name;
    if (scalar === undefined || isTemplate(form.spec.filterTags?.pattern ?? '')) continue;
    const [declared] = policies.named(form.meta.namespace, form.meta.name);
    if (declared?.environment === undefined || declared.image === undefined || ignoresPrefixedTags(form)) continue;
    const { environment, image } = declared;
    const crossing = judge(subject, form, { ...declared, environment, image });
    const found = describe(subject, crossing, { form, environment });
    if (found === undefined) continue;
    const fixes =
      own === undefined ? [] : anchor(subject, own, { form, declared: { ...declared, environment, image } });
    return [{ range: scalar.range, ...found, fixes: crossing.kind === 'crosses' ? fixes : [] }];
  }
  return [];
}

type PlacedPolicy = DeclaredPolicy & { readonly environment: string; readonly image: string };

/** Without `extract` the whole tag must be a version or a number: a tag with an environment's name before it is neither. */
function ignoresPrefixedTags({ spec }: ImagePolicy): boolean {
  if (spec.filterTags?.extract !== undefined && spec.filterTags.extract !== '') return false;
  return spec.policy?.semver !== undefined || spec.policy?.numerical !== undefined || spec.policy === undefined;
}

function judge(subject: CheckSubject, policy: ImagePolicy, { environment, image }: PlacedPolicy): Crossing {
  const { repository } = subject;
  const others = repository
    .policies()
    .ofImage(image)
    .flatMap((other) =>
      other.environment === undefined ? [] : [{ environment: other.environment, policy: other.object }],
    );
  return findCrossing({ environment, policy }, others, repository.budget);
}

function describe(
  subject: CheckSubject,
  crossing: Crossing,
  { form, environment }: { readonly form: ImagePolicy; readonly environment: string },
): Omit<Found, 'range'> | undefined {
  const isGuarded = isProduction(environment, subject.repository.settings.environments);
  const name = `The policy ${keyOf(form.meta)} of ${environment}`;
  switch (crossing.kind) {
    case 'undecided':
      return isGuarded
        ? {
            severity: 'information',
            message: `${name} could not be proved to take only tags of ${environment}: ${crossing.why} Write a simpler pattern that begins with ^ and the environment's name.`,
          }
        : undefined;
    case 'crosses': {
      const { other, witness, expected } = crossing;
      if (other === undefined && hasOwnPrefix(subject, form)) return undefined;
      // Outside production only a tag that another environment's policy takes too is a fault.
      if (!isGuarded && other === undefined) return undefined;
      const shown = other?.tag ?? witness;
      const whose =
        other === undefined
          ? `which does not begin like the tags of ${environment} (${expected})`
          : `a tag of ${other.environment}`;
      return {
        severity: isGuarded ? 'error' : 'warning',
        message: `${name} takes the tag ${shown}, ${whose}: Flux writes it into ${environment} as soon as it wins. Let the pattern begin with ^ and end with $, with the name of ${environment} in front.`,
        evidence: [...new Set([shown, witness])],
      };
    }
    default:
      return undefined;
  }
}

/** Anchors are offered where a proof says that they are enough. */
function anchor(
  subject: CheckSubject,
  field: {
    readonly value: string;
    readonly scalar: { readonly range: { readonly start: number; readonly end: number } };
  },
  { form, declared }: { readonly form: ImagePolicy; readonly declared: PlacedPolicy },
): readonly Fix[] {
  const candidates = [
    { title: 'Anchor the pattern at the start', value: `^${field.value}` },
    { title: 'Anchor the pattern at both ends', value: `^${field.value}$` },
  ];
  const enough = candidates.find(({ value }) => {
    const policy = { ...form, spec: { ...form.spec, filterTags: { ...form.spec.filterTags, pattern: value } } };
    return !field.value.startsWith('^') && judge(subject, policy, declared).kind === 'none';
  });
  if (enough === undefined) return [];
  const edits = [editScalar(subject.text, field.scalar.range, enough.value)];
  return [{ title: enough.title, isSafe: false, edits: [{ file: subject.file, edits }] }];
}

/** Tags that all begin with a word of their own, no environment's, are this policy's alone. */
function hasOwnPrefix(subject: CheckSubject, { spec }: ImagePolicy): boolean {
  const pattern = compileFor(subject, spec.filterTags?.pattern ?? '');
  const prefix = pattern.kind === 'pattern' ? fixedPrefix(pattern) : '';
  return /[a-z]/i.test(prefix) && findEnvironmentWord(prefix) === undefined;
}
