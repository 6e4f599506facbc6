import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RuleId } from '../../../src/model/finding';
import { type CheckCase, check, imageRepository, policy } from './check';

interface PolicyCase extends Omit<CheckCase, 'files'> {
  readonly pattern?: string;
  readonly extract?: string;
  /** Below `policy:`; default: alphabetical. */
  readonly order?: string;
  readonly name?: string;
  readonly rest?: string;
  readonly tags?: readonly string[];
}

function checkPolicies(rule: RuleId, cases: readonly PolicyCase[]): void {
  for (const { pattern, extract, order = 'alphabetical: {}', name = 'app', rest = '', tags, ...expected } of cases) {
    const filter = [pattern && `    pattern: ${pattern}\n`, extract && `    extract: ${extract}\n`]
      .filter(Boolean)
      .join('');
    const spec = `${filter && `  filterTags:\n${filter}`}  policy:\n    ${order}\n${rest}`;
    const files = { 'policy.yaml': policy(name, spec), 'repository.yaml': imageRepository() };
    check(rule, { ...expected, files, options: { knownTags: () => tags } });
  }
}

const numerical = 'numerical: {}';
const semver = (range: string): string => `semver:\n      range: ${range}`;

describe('rules for policies', () => {
  it('pattern-unanchored', () => {
    checkPolicies('pattern-unanchored', [
      { pattern: "«'^prod-[0-9]+'»", fixed: "pattern: '^prod-[0-9]+$'", evidence: ['prod-1x'] },
      { pattern: "«'[0-9]{8}'»", fixed: "pattern: '^[0-9]{8}$'" },
      { pattern: "«'^a-1|b-2$'»", fixed: "pattern: '^(?:^a-1|b-2$)$'" },
      { pattern: "«'-[0-9]+'»", fixed: "pattern: '^.*-[0-9]+$'" },
      { pattern: "'^prod-'" },
      { pattern: "'-slim$'" },
      { pattern: "'^prod-.*'" },
      { pattern: "'^[0-9]+$'" },
      { pattern: "'.*-slim.*'" },
      { pattern: "'^v[0-9.]+'", order: semver('1.x') },
      { pattern: "'(?!x)'" },
    ]);
  });

  it('pattern-never-matches', () => {
    checkPolicies('pattern-never-matches', [
      { pattern: "«'^v[0-9]+ $'»", says: ['No legal tag'], fixed: null },
      { pattern: "«'^v[0-9]+$'»", tags: ['1', '2'], says: ['None of the 2 known tags'] },
      { pattern: "'^v[0-9]+$'", tags: ['1', 'v2'] },
      { pattern: "'^v[0-9]+$'", tags: [] },
    ]);
  });

  it('pattern-loose-dot', () => {
    checkPolicies('pattern-loose-dot', [
      {
        pattern: "'^v[0-9]+«.»[0-9]+.[0-9]+$'",
        says: ['and so do 1 more'],
        fixed: "pattern: '^v[0-9]+\\.[0-9]+\\.[0-9]+$'",
      },
      { pattern: "'^\\d{2}«.»\\d$'", fixed: "pattern: '^\\d{2}\\.\\d$'" },
      { pattern: "'^[0-9]+\\.[0-9]+.*[0-9]$'" },
      { pattern: "'^[0-9.]+-.+$'" },
    ]);
  });

  it('pattern-accepts-alias', () => {
    checkPolicies('pattern-accepts-alias', [
      { name: '«app»', says: ['takes latest'] },
      {
        pattern: "«'^[a-z0-9.]+$'»",
        tags: ['1.0', 'latest', 'production'],
        evidence: ['latest', 'production'],
        fixed: null,
      },
      { tags: ['1.0', '2.0'] },
      { pattern: "'^latest$'" },
      { pattern: "'^v[0-9]+$'" },
      { pattern: "'.*'", order: numerical },
    ]);
  });

  it('pattern-yaml-escape', () => {
    checkPolicies('pattern-yaml-escape', [
      { pattern: '«"^v[0-9]+\\.[0-9]+$"»', says: ['cannot be read'], fixed: "pattern: '^v[0-9]+\\.[0-9]+$'" },
      { pattern: '«"\\bv1"»', says: ['control character'], fixed: "pattern: '\\bv1'" },
      { pattern: '"^v1\\\\.2$"' },
      { pattern: "'\\bv1\\.'" },
    ]);
  });

  it('extract-constant', () => {
    const pattern = "'^main-(?P<ts>[0-9]+)$'";
    checkPolicies('extract-constant', [
      { pattern, extract: '«ts»', fixed: 'extract: $ts', tags: ['main-3', 'main-2'], evidence: ['main-2'] },
      { pattern, extract: "«'$(ts)'»", fixed: "extract: '$ts'" },
      { pattern, extract: "«'\\1'»", fixed: "extract: '$1'" },
      { pattern, extract: '«newest»', fixed: null },
      { pattern, extract: '$ts' },
      { pattern, extract: "''" },
      { pattern, extract: '$unknown' },
    ]);
  });

  it('extract-glued-name', () => {
    const pattern = "'^main-(?P<ts>[0-9]+)$'";
    checkPolicies('extract-glued-name', [
      { pattern, extract: "'«$ts_x»'", fixed: "extract: '${ts}_x'" },
      { pattern, extract: "'v«$1x»'", fixed: "extract: 'v${1}x'" },
      { pattern, extract: "'$ts-x'" },
      { pattern, extract: "'$other'" },
    ]);
  });

  it('order-descending', () => {
    checkPolicies('order-descending', [
      { order: 'alphabetical:\n      order: «desc»', tags: ['1', '2'], evidence: ['1'], fixed: 'order: asc' },
      { order: 'numerical:\n      order: «desc»', fixed: 'order: asc' },
      { order: 'numerical:\n      order: asc' },
    ]);
  });

  it('order-alphabetical-numbers', () => {
    checkPolicies('order-alphabetical-numbers', [
      {
        pattern: "'^(?P<tag>prod-v[0-9]+.[0-9]+.[0-9]+)$'",
        extract: '$tag',
        order: '«alphabetical: {}\n»',
        evidence: ['prod-v1.9.0', 'prod-v1.10.0'],
        fixed: null,
      },
      { pattern: "'^v[0-9]+\\.[0-9]+\\.[0-9]+$'", order: '«alphabetical: {}\n»' },
      {
        pattern: "'^b(?P<n>[0-9]+)$'",
        extract: '$n',
        order: '«alphabetical: {}\n»',
        tags: ['b9', 'b10'],
        evidence: ['9', '10'],
      },
      { pattern: "'^b(?P<n>[0-9]+)$'", extract: '$n' },
      { pattern: "'^b(?P<n>[0-9]+)$'", extract: '$n', tags: ['b20', 'b10'] },
      { pattern: "'^v[0-9]+\\.[0-9]+\\.[0-9]+-[a-f0-9]+$'" },
      { pattern: "'^v[0-9]+\\.[0-9]+\\.[0-9]+$'", order: semver("'*'") },
    ]);
  });

  it('numerical-unparsable', () => {
    checkPolicies('numerical-unparsable', [
      { order: '«numerical: {}\n»', says: ['which is no number'] },
      {
        pattern: "'^main-[a-f0-9]+-(?P<ts>.*)'",
        extract: '«$ts»',
        order: numerical,
        evidence: ['main-a-x'],
        says: ['one such tag'],
        fixed: null,
      },
      { pattern: "«'^main-[0-9]+$'»", order: numerical, says: ['which it is not'] },
      { pattern: "'^(?P<n>.*)$'", extract: '«$n»', order: numerical, tags: ['1', 'x2'], evidence: ['x2'] },
      { pattern: "'^main-(?P<ts>[0-9]+)$'", extract: '$ts', order: numerical },
      { pattern: "'^b[0-9]+\\.(?P<ts>[0-9]{8}\\.[0-9]{6})'", extract: '$ts', order: numerical },
      { pattern: "'^main-(?P<ts>.*)$'", extract: '$ts' },
    ]);
  });

  it('numerical-precision', () => {
    checkPolicies('numerical-precision', [
      {
        pattern: "'^(?P<ts>[0-9]{17})$'",
        extract: '«$ts»',
        order: numerical,
        says: ['the last digits are lost'],
        fixed: null,
      },
      {
        pattern: "'^(?P<ts>[0-9]+)$'",
        extract: '«$ts»',
        order: numerical,
        tags: ['20240101120000123', '20240101120000124'],
        evidence: ['20240101120000123', '20240101120000124'],
      },
      { pattern: "'^(?P<ts>[0-9]{14})$'", extract: '$ts', order: numerical },
      { pattern: "'^(?P<ts>[0-9]+)$'", extract: '$ts', order: numerical },
    ]);
  });

  it('semver-range-refused', () => {
    checkPolicies('semver-range-refused', [
      { order: semver("«'>=1.0.0<2.0.0'»"), fixed: "range: '>=1.0.0 <2.0.0'" },
      { order: semver("«'>=1.0.0 && <2.0.0'»"), fixed: "range: '>=1.0.0 <2.0.0'" },
      { order: semver('«latest»'), fixed: null, says: ['improper constraint: "latest"'] },
      { order: semver("'>=1.0.0 <2.0.0-0 || 3.x'") },
      { order: semver("'${RANGE}'") },
    ]);
  });

  it('semver-prerelease-excluded', () => {
    checkPolicies('semver-prerelease-excluded', [
      { pattern: "'^v1\\.23\\.[0-9]+-k3s[0-9]+$'", order: semver("«'1.23.x'»"), fixed: "range: '1.23.x-0'" },
      { pattern: "'^v1\\.23\\.[0-9]+-k3s[0-9]+$'", order: semver("'1.23.x-0'") },
      { pattern: "'^v1\\.23\\.[0-9]+(-k3s[0-9]+)?$'", order: semver("'1.23.x'") },
      { pattern: "'^(?P<v>[0-9]+\\.[0-9]+\\.[0-9]+)-slim$'", extract: '$v', order: semver("'1.x'") },
    ]);
  });

  it('semver-upper-bound-open', () => {
    checkPolicies('semver-upper-bound-open', [
      { order: semver("«'>=1.0.0-0 <2.0.0'»"), evidence: ['2.0.0-rc.1'], fixed: "range: '>=1.0.0-0 <2.0.0-0'" },
      { order: semver("'>=1.0.0-0 <2.0.0-0'") },
      { order: semver("'>=1.0.0 <2.0.0'") },
      { order: semver("'>=1.0.0-0 <2.0.0'"), settings: { fluxVersion: '2.6' } },
    ]);
  });

  it('semver-key-no-version', () => {
    checkPolicies('semver-key-no-version', [
      { pattern: "'^release-[0-9.]+$'", order: semver("«'*'»"), fixed: null },
      { pattern: "'^(?P<n>[0-9]+)$'", extract: '$n', order: semver("«'*'»") },
      { pattern: "'^release-(?P<v>[0-9.]+)$'", extract: '$v', order: semver("'*'") },
      { pattern: "'^release-'", order: semver("«'*'»") },
    ]);
  });

  it('semver-suffix-counter', () => {
    checkPolicies('semver-suffix-counter', [
      {
        pattern: "'^v1\\.23\\.[0-9]+-k3s[0-9]+$'",
        order: semver("«'1.23.x-0'»"),
        evidence: ['v1.23.0-k3s9', 'v1.23.0-k3s10'],
        fixed: null,
      },
      { order: semver("«'*-0'»"), tags: ['1.0.0-rc9', '1.0.0-rc10'], evidence: ['1.0.0-rc9', '1.0.0-rc10'] },
      { order: semver("'*'"), tags: ['1.0.0-rc9', '1.0.0-rc10'] },
      { order: semver("'*-0'"), tags: ['1.0.0-rc.9', '1.0.0-rc.10', '1.0.0-rc1', '1.0.0-rc2'] },
      { pattern: "'^v1\\.23\\.[0-9]+-k3s[0-9]+$'", order: semver("'1.23.x'") },
      { pattern: "'^v1\\.23\\.[0-9]+-k3s\\.[0-9]+$'", order: semver("'1.23.x-0'") },
    ]);
  });

  it('keys-collide', () => {
    checkPolicies('keys-collide', [
      {
        pattern: "'^(?P<v>[0-9.]+)-r[0-9]+$'",
        extract: '«$v»',
        order: semver("'*'"),
        tags: ['4.6.0-r0', '4.6.0-r1', '4.5.0-r9'],
        evidence: ['4.6.0-r0', '4.6.0-r1'],
        fixed: null,
      },
      { pattern: "'.*'", order: "«semver:\n      range: '*'\n»", tags: ['v1.2.3', '1.2.3'], says: ['selects any of'] },
      {
        pattern: "'^(?P<v>[0-9.]+)-r[0-9]+$'",
        extract: '$v',
        order: semver("'*'"),
        tags: ['4.6.0-r0', '4.5.0-r1', '4.5.0-r2'],
      },
      { pattern: "'^(?P<v>[0-9.]+)-r[0-9]+$'", extract: '$v', order: semver("'*'") },
    ]);
  });

  it('policy-several-choices', () => {
    checkPolicies('policy-several-choices', [
      { order: 'alphabetical: {}\n    numerical: «{}»', says: ['by alphabetical and ignores numerical'], fixed: null },
      { order: numerical },
    ]);
  });

  it('digest-interval', () => {
    checkPolicies('digest-interval', [
      { rest: '  interval: «5m»\n', says: ['here it is Never'], fixed: null },
      { rest: '  digestReflectionPolicy: «Always»\n', says: ['is missing'] },
      { rest: '  digestReflectionPolicy: Always\n  interval: 5m\n' },
      { rest: '  digestReflectionPolicy: IfNotPresent\n' },
    ]);
  });
});

describe('known tags', () => {
  it('are those that the ImageRepository does not exclude', () => {
    const numbers = policy('app', '  policy:\n    numerical: {}\n');
    const options = { knownTags: () => ['1', '2', `sha256-${'0'.repeat(64)}.sig`, '3-beta'] };
    check('keys-collide', { files: { 'p.yaml': numbers, 'r.yaml': imageRepository() }, options });
    const [finding] = check('numerical-unparsable', {
      files: {
        'p.yaml': policy('app', '  policy:\n    «numerical: {}\n»'),
        'r.yaml': imageRepository("  exclusionList: ['beta$']\n"),
      },
      options,
    });
    assert.match(finding?.evidence[0] ?? '', /\.sig$/);
  });
});

describe('policy-missing-choice', () => {
  const bare = (name: string): string => policy(name, '').replace('spec:\n  imageRef', 'spec:\n  imageRef');
  const overlay = (rest: string): string =>
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - policy.yaml\n${rest}`;

  it('judges the built object', () => {
    check('policy-missing-choice', {
      files: { 'a/policy.yaml': bare('«app»'), 'a/kustomization.yaml': overlay('') },
      fixed: null,
    });
    const patch = `patches:
  - patch: |
      - op: add
        path: /spec/policy
        value:
          numerical: {}
    target:
      kind: ImagePolicy
`;
    check('policy-missing-choice', { files: { 'a/policy.yaml': bare('app'), 'a/kustomization.yaml': overlay(patch) } });
    check('policy-missing-choice', { files: { 'a/policy.yaml': bare('app') } });
  });
});
