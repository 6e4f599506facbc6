// Whatever the policy and the tags: what a rollback writes selects exactly the target, or it is refused.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { planRollback } from '../../../src/changes/planRollback';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import { known, valueOf } from '../../../src/model/reading';
import { select } from '../../../src/policy/select';
import { now, shopFacts, shopFiles } from '../fleet/shop';

const policyFile = 'apps/production/image.yaml';

const patterns: readonly (readonly [string | undefined, string | undefined])[] = [
  [undefined, undefined],
  ['^production-v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$', '$ts'],
  ['^(production|staging)-v(?P<v>.*)$', '$v'],
  ['v([0-9]+)\\.([0-9]+)', '$1$2'],
  ['(?i)^PROD(?P<rest>.*)$', '${rest}'],
  ['^(?P<a>.)*-(x)?(?P<b>[0-9]+)$', '$b$2'],
  ['[0-9]+', undefined],
  ['^nothing$', '$1'],
  ['(', '$ts'],
];

const choices = [
  'alphabetical:\n      order: asc',
  'alphabetical:\n      order: desc',
  'numerical:\n      order: asc',
  "semver:\n      range: '>=0.0.0-0'",
  "semver:\n      range: '1.x'",
];

const tag = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom('production', 'production', 'staging'),
        fc.nat(2),
        fc.nat(12),
        fc.integer({ min: 1, max: 99 }),
      )
      .map(([prefix, major, minor, at]) => `${prefix}-v${major}.${minor}.0-abc${minor}-${at}`),
  },
  fc.tuple(fc.nat(2), fc.nat(12)).map((parts) => `${parts.join('.')}.0`),
  fc.nat(200).map(String),
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,12}$/),
);

describe('planRollback, for any policy and any tags', () => {
  it('selects exactly the target, or refuses', () => {
    let proved = 0;
    const cases = fc.record({
      registry: fc.uniqueArray(tag, { minLength: 1, maxLength: 12 }),
      target: fc.nat(),
      filter: fc.constantFrom(...patterns),
      choice: fc.constantFrom(...choices),
      exclusions: fc.subarray(['^.*\\.sig$', '^1', 'v2']),
    });
    fc.assert(
      fc.property(cases, ({ registry, target: at, filter: [pattern, extract], choice, exclusions }) => {
        const target = registry[at % registry.length] ?? '';
        const filterTags = [
          ...(pattern === undefined ? [] : ['  filterTags:', `    pattern: '${pattern}'`]),
          ...(extract === undefined ? [] : [`    extract: ${extract}`]),
        ];
        const files = shopFiles();
        files[policyFile] = (files[policyFile] ?? '').replace(/ {2}filterTags:[^]*?order: asc/, () =>
          [...filterTags, `  policy:\n    ${choice}`].join('\n'),
        );
        const list = exclusions.map((one) => `\n    - '${one}'`).join('');
        if (list !== '') files['clusters/lab/images.yaml'] += `  exclusionList:${list}\n`;
        const facts = {
          ...shopFacts({ files, registry: known({ tags: registry, digests: new Map() }, now) }),
          clusters: new Map(),
        };
        const intent = { service: 'backend', environment: 'production', tag: target, reason: '' };
        const ways = planRollback(deriveFleet(facts), facts, intent);
        if (ways.kind === 'refusal') return;
        for (const { name, plan } of [ways.recommended, ...ways.others].filter((way) => way !== undefined)) {
          if (plan.kind === 'refusal' || name === 'write' || name === 'suspend') continue;
          const before = valueOf(facts.repositories[0]?.content)?.files ?? new Map<string, string>();
          const now = new Map([...before, ...plan.changes.map(({ file, after }) => [file, after] as const)]);
          const { objects } = readManifests(treeOf(Object.fromEntries(now)));
          const all = objects.map(({ object }) => object);
          const policy = all.find((one) => one.kind === 'ImagePolicy' && one.meta.namespace === 'production');
          const repository = all.find((one) => one.kind === 'ImageRepository');
          assert.ok(policy?.kind === 'ImagePolicy' && repository?.kind === 'ImageRepository');
          const answer = select(policy.spec, registry, { exclude: repository.exclusionList });
          assert.deepEqual([name, answer.kind === 'tag' && answer.tag], [name, target]);
          proved += 1;
        }
      }),
      { numRuns: 150 },
    );
    // A property that everything is refused by would be worth nothing.
    assert.ok(proved > 15, String(proved));
  });
});
