import { describe, it } from 'mocha';
import { check, imageRepository, policy } from './check';

function ordered(name: string, pattern: string, namespace: string): string {
  const filter = `  filterTags:\n    pattern: ${pattern}\n    extract: $ts\n`;
  return policy(name, `${filter}  policy:\n    numerical: {}\n`, namespace);
}

const staging = ordered('app', "'^staging-v[0-9.]+-(?P<ts>[0-9]+)$'", 'staging');

function withProduction(pattern: string): Record<string, string> {
  return {
    'repository.yaml': imageRepository(),
    'staging.yaml': staging,
    'production.yaml': ordered('app', pattern, 'production'),
  };
}

describe('pattern-crosses-environment', () => {
  it('proves that production takes a staging tag, with a shortest one', () => {
    check('pattern-crosses-environment', {
      files: withProduction("«'^(production|staging)-v[0-9.]+-(?P<ts>[0-9]+)$'»"),
      says: ['takes the tag staging-v1-1, the shortest tag of staging that crosses'],
      evidence: ['staging-v1-1'],
      fixed: "pattern: '^production-v[0-9.]+-(?P<ts>[0-9]+)$'",
    });
  });

  it('offers anchors where a proof says that they are enough', () => {
    check('pattern-crosses-environment', {
      files: withProduction("«'production-v[0-9.]+-(?P<ts>[0-9]+)$'»"),
      fixed: "pattern: '^production-v[0-9.]+-(?P<ts>[0-9]+)$'",
      says: ['which does not begin like the tags of production'],
    });
  });

  it('offers the environment’s own word in front, where that takes fewer tags', () => {
    check('pattern-crosses-environment', {
      files: withProduction("«'^.*-v[0-9.]+-(?P<ts>[0-9]+)$'»"),
      fixed: "pattern: '^production-v[0-9.]+-(?P<ts>[0-9]+)$'",
    });
    check('pattern-crosses-environment', {
      files: withProduction("«'^(prod|stag(e|ing))-v[0-9.]+-(?P<ts>[0-9]+)$'»"),
      fixed: "pattern: '^prod-v[0-9.]+-(?P<ts>[0-9]+)$'",
    });
    check('pattern-crosses-environment', {
      files: withProduction("«'^staging-v[0-9.]+-(?P<ts>[0-9]+)$'»"),
      fixed: null,
    });
  });

  it('says so the other way round, as a warning, and only for tags that production takes', () => {
    const files = withProduction("'^production-v[0-9.]+-(?P<ts>[0-9]+)$'");
    const [finding] = check('pattern-crosses-environment', {
      files: {
        ...files,
        'staging.yaml': ordered('app', "«'^.*-v[0-9.]+-(?P<ts>[0-9]+)$'»", 'staging'),
      },
      says: ['the shortest tag of production that crosses'],
    });
    if (finding?.severity !== 'warning') throw new Error('a warning is expected');
    check('pattern-crosses-environment', {
      files: { ...files, 'staging.yaml': ordered('app', "'^(staging|pr-[0-9]+)-v[0-9.]+-(?P<ts>[0-9]+)$'", 'staging') },
    });
  });

  it('judges a policy without a filter', () => {
    check('pattern-crosses-environment', {
      files: {
        ...withProduction("''"),
        'production.yaml': policy('«app»', '  policy:\n    alphabetical: {}\n', 'production'),
      },
    });
  });

  it('says that a proof was not finished', () => {
    const [finding] = check('pattern-crosses-environment', {
      files: withProduction("«'^production-v[0-9.]+-(?P<ts>[0-9]+)$'»"),
      options: { budget: { maxPairs: 3 } },
      says: ['could not be proved'],
    });
    if (finding?.severity !== 'information') throw new Error('information is expected');
  });

  it('is silent where tags carry no environment, or cannot be selected with one', () => {
    check('pattern-crosses-environment', { files: withProduction("'^production-v[0-9.]+-(?P<ts>[0-9]+)$'") });
    check('pattern-crosses-environment', {
      files: {
        'repository.yaml': imageRepository(),
        'staging.yaml': policy('app', "  policy:\n    semver:\n      range: '>=1.0.0-0'\n", 'staging'),
        'production.yaml': policy('app', "  policy:\n    semver:\n      range: '>=1.0.0'\n", 'production'),
      },
    });
    check('pattern-crosses-environment', {
      files: {
        ...withProduction("''"),
        'production.yaml': policy('app', "  policy:\n    semver:\n      range: '>=1.0.0'\n", 'production'),
      },
    });
  });

  it('judges what a patch puts in place, at the name of the policy', () => {
    const overlay = (pattern: string): string => `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: production
resources:
  - policy.yaml
patches:
  - patch: |
      - op: replace
        path: /spec/filterTags/pattern
        value: ${pattern}
    target:
      kind: ImagePolicy
`;
    const files = (pattern: string, name: string): Record<string, string> => ({
      'repository.yaml': imageRepository(),
      'staging.yaml': staging,
      'production/kustomization.yaml': overlay(pattern),
      'production/policy.yaml': ordered(name, "'^production-v[0-9.]+-(?P<ts>[0-9]+)$'", 'production'),
    });
    check('pattern-crosses-environment', { files: files("'-(?P<ts>[0-9]+)$'", '«app»'), fixed: null });
    check('pattern-crosses-environment', { files: files("'^production-(?P<ts>[0-9]+)$'", 'app') });
  });

  it('leaves tags alone that begin with a word of their own', () => {
    check('pattern-crosses-environment', { files: withProduction("'^customer-v[0-9.]+-(?P<ts>[0-9]+)$'") });
    check('pattern-crosses-environment', { files: withProduction("'^k8s-beta-v[0-9.]+-(?P<ts>[0-9]+)$'") });
    check('pattern-crosses-environment', { files: withProduction("«'^beta-v[0-9.]+-(?P<ts>[0-9]+)$'»"), fixed: null });
    check('pattern-crosses-environment', { files: withProduction("«'^app-staging-v(?P<ts>[0-9]+)$'»"), fixed: null });
  });
});
