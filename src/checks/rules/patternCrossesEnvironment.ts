import { environmentWordsOf, isProduction } from '../../fleet/environments';
import { type Crossing, findCrossing } from '../../fleet/hardStops';
import { keyOf } from '../../fleet/placements';
import { scalarAt } from '../../manifests/documents';
import type { Fix, Found } from '../../model/finding';
import type { ImagePolicy } from '../../model/flux';
import { proveInclusion } from '../../policy/prove';
import type { DeclaredPolicy } from '../declaredPolicies';
import { rewriteScalar } from '../fix';
import { listNarrowings } from '../narrowings';
import { compileFor, patternField, policiesOf } from '../policyFields';
import type { CheckSubject, FluxDocument, Rule } from '../rule';
import { isTemplate, type TextField } from '../textField';

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
    if (declared?.environment === undefined || declared.image === undefined) continue;
    const { environment, image } = declared;
    const crossing = judge(subject, form, { ...declared, environment, image });
    const found = describe(subject, crossing, { form, environment });
    if (found === undefined) continue;
    const separator = crossing.kind === 'crosses' ? crossing.expected.slice(environment.length, -1) : '';
    const fixes =
      own === undefined || separator === ''
        ? []
        : narrow(subject, own, { form, declared: { ...declared, environment, image }, separator });
    return [{ range: scalar.range, ...found, fixes }];
  }
  return [];
}

type PlacedPolicy = DeclaredPolicy & { readonly environment: string; readonly image: string };

function judge(subject: CheckSubject, policy: ImagePolicy, { environment, image }: PlacedPolicy): Crossing {
  const { repository } = subject;
  const others = repository
    .policies()
    .ofImage(image)
    .flatMap((other) =>
      other.environment === undefined ? [] : [{ environment: other.environment, policy: other.object }],
    );
  return findCrossing({ environment, policy }, others, repository.budget, repository.compile);
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
      // Outside production only a tag that another environment's policy takes too is a fault.
      if (!isGuarded && other === undefined) return undefined;
      const shown = other?.tag ?? witness;
      const whose =
        other === undefined
          ? `which does not begin like the tags of ${environment} (${expected}), the shortest that crosses`
          : `the shortest tag of ${other.environment} that crosses`;
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

/** What is offered takes fewer tags than before, and only tags of the environment: both are proved. */
function narrow(
  subject: CheckSubject,
  { value, scalar }: TextField<ImagePolicy>,
  {
    form,
    declared,
    separator,
  }: { readonly form: ImagePolicy; readonly declared: PlacedPolicy; readonly separator: string },
): readonly Fix[] {
  const before = compileFor(subject, value);
  const words = environmentWordsOf(declared.environment);
  // A word that the pattern has already is the one that its tags go by.
  const likely = [...words.filter((word) => value.includes(word)), declared.environment];
  const right = listNarrowings(value, likely, separator).find(({ pattern }) => {
    const policy = { ...form, spec: { ...form.spec, filterTags: { ...form.spec.filterTags, pattern } } };
    const after = compileFor(subject, pattern);
    if (before.kind !== 'pattern' || after.kind !== 'pattern') return false;
    if (judge(subject, policy, declared).kind !== 'none') return false;
    return 'included' in proveInclusion(after, before, subject.repository.budget);
  });
  if (right === undefined) return [];
  return [rewriteScalar(subject, { title: right.title, range: scalar.range, value: right.pattern, isSafe: false })];
}
