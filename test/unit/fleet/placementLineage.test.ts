import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { findLineageCandidates } from '../../../src/fleet/lineageCandidates';
import { podImages } from '../../../src/fleet/podImages';
import { rowsByEnvironment, stateOfPlacement, worstLine } from '../../../src/fleet/rows';
import { type Facts, historyKey, type RegistryImage, type TagChange } from '../../../src/model/facts';
import type { Placement } from '../../../src/model/fleet';
import type { ResolvedImage } from '../../../src/model/lineage';
import { known, type Reading, unknown } from '../../../src/model/reading';
import { change, commit, editObject, image, now, productionHistory, shopFacts, shopObjects, tags } from './shop';

function placementIn(facts: Facts, environment: string): Placement {
  const found = deriveFleet(facts).environments.find((one) => one.name === environment)?.placements[0];
  assert.ok(found !== undefined);
  return found;
}

describe('findLineageCandidates', () => {
  const source = placementIn(shopFacts(), 'staging');
  const cases: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
    [
      'the retag first, then the same commit, the nearest in time first',
      'production-v1.0.0-abcdef1-1700000100',
      [
        'staging-v1.0.0-abcdef1-1700000900',
        'staging-v1.0.0-abcdef1-1700000050',
        'staging-v1.0.0-abcdef1-1700000100',
        'staging-v1.1.0-abcdef1-1700000100',
        'staging-v1.0.0-0000000-1700000100',
        'staging-v1.0.0',
        'staging',
        'develop-v1.0.0-abcdef1-1700000100',
        'production-v1.0.0-abcdef1-1700000100',
      ],
      [
        'staging-v1.0.0-abcdef1-1700000100 exact: same commit, version and time',
        'staging-v1.0.0-abcdef1-1700000050: same commit and version',
        'staging-v1.0.0-abcdef1-1700000900: same commit and version',
        'staging-v1.1.0-abcdef1-1700000100: same commit and time',
        'staging-v1.0.0: same version',
      ],
    ],
    [
      'versions alone',
      'production-1.2.3',
      ['staging-1.2.3', '1.2.3-stg', 'staging-1.2.4', 'staging-11.2.3', '1.2.3'],
      ['staging-1.2.3 exact: same version', '1.2.3-stg exact: same version'],
    ],
    [
      'times alone',
      'production-20240102030405',
      ['staging-20240102030405', 'staging-20240102030406'],
      ['staging-20240102030405 exact: same time'],
    ],
    ['nothing to compare', 'production', ['staging', 'staging-v1.0.0'], []],
    ['what ran there, whatever it is called', 'v0.0.2', [], [`${tags.staging2} exact: same version`]],
  ];
  for (const [name, tag, all, expected] of cases) {
    it(name, () => {
      const found = findLineageCandidates(tag, source, all);
      assert.deepEqual(
        found.map((one) => `${one.tag}${one.isExact ? ' exact' : ''}: ${one.why}`),
        expected,
      );
    });
  }

  it('finds the tag that was retagged, whatever else there is', () => {
    const part = fc.record({
      version: fc.constantFrom('v1.0.0', 'v1.0.1', 'v10.0.0'),
      commit: fc.constantFrom('abcdef1', 'abcdef2', '1234567'),
      seconds: fc.integer({ min: 1_700_000_000, max: 1_700_000_003 }),
    });
    const format = (
      environment: string,
      { version, commit, seconds }: typeof part extends fc.Arbitrary<infer T> ? T : never,
    ) => `${environment}-${version}-${commit}-${seconds}`;
    fc.assert(
      fc.property(part, fc.array(part, { maxLength: 12 }), (build, others) => {
        const all = [...others, build].flatMap((one) =>
          ['develop', 'staging', 'production'].map((name) => format(name, one)),
        );
        const found = findLineageCandidates(format('production', build), source, all);
        assert.deepEqual([found[0]?.tag, found[0]?.isExact], [format('staging', build), true]);
        assert.ok(found.every(({ tag }) => tag.startsWith('staging-') && tag.includes(build.commit)));
        assert.equal(found.filter(({ isExact }) => isExact).length, 1);
      }),
    );
  });
});

describe('the lineage of a placement', () => {
  const [x, y, z] = ['1', '2', '3'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string, string];
  const problem = { code: 'registry-rate-limited', message: 'Wait.' } as const;
  const at = (digest: string): Reading<string> => known(digest, now);
  const holds = (digest: string, ...manifests: readonly string[]): readonly [string, Reading<ResolvedImage>] => [
    digest,
    known({ digest, mediaType: 'm', manifests: manifests.map((one) => ({ digest: one })), labels: {} }, now),
  ];
  const factsWith = (
    digests: Readonly<Record<string, Reading<string>>>,
    contents: RegistryImage['contents'] = new Map(),
    all: readonly string[] = Object.values(tags),
  ): Facts => {
    const registry = known({ tags: all, digests: new Map(Object.entries(digests)), contents }, now);
    return shopFacts({ registry });
  };
  const { staging1, production1 } = tags;
  const later = 'staging-v0.0.1-aaaaaa1-1700000199';
  const restamped = { tags: [tags.staging2, production1, later, 'staging-v0.0.1-aaaaaa1-1700000101'] };

  const cases: readonly (readonly [string, Facts, string | undefined, string])[] = [
    ['nothing asked', factsWith({}), undefined, 'done'],
    ['one side asked', factsWith({ [production1]: at(x) }), undefined, 'done'],
    ['one digest', factsWith({ [production1]: at(x), [staging1]: at(x) }), `same image as ${staging1}`, 'done'],
    [
      'two digests, not looked into',
      factsWith({ [production1]: at(x), [staging1]: at(y) }),
      `unknown against ${staging1}. The digests differ; what the images hold is not read yet.`,
      'done',
    ],
    [
      'two digests over one image',
      factsWith({ [production1]: at(x), [staging1]: at(y) }, new Map([holds(x, y), holds(y, y)])),
      `same image as ${staging1}, under another digest`,
      'done',
    ],
    [
      'a rebuild',
      factsWith({ [production1]: at(x), [staging1]: at(y) }, new Map([holds(x, x), holds(y, y)])),
      `different: not the image that was tested as ${staging1}`,
      'failed',
    ],
    [
      'a silent registry',
      factsWith({ [production1]: at(x), [staging1]: unknown(problem) }),
      `unknown against ${staging1}. Wait.`,
      'done',
    ],
    [
      'an old digest',
      factsWith({ [production1]: { state: 'stale', value: x, at: now, problem }, [staging1]: at(x) }),
      `unknown against ${staging1}. Wait.`,
      'done',
    ],
    [
      'another time: one of the candidates is it',
      factsWith({ [production1]: at(x), [later]: at(x) }, undefined, restamped.tags),
      `same image as ${later}`,
      'done',
    ],
    [
      'another time: not before all were asked',
      factsWith(
        { [production1]: at(x), [later]: at(y) },
        new Map([holds(x, x), holds(y, y), holds(z, z)]),
        restamped.tags,
      ),
      undefined,
      'done',
    ],
    [
      'another time: none of the candidates is it',
      factsWith(
        { [production1]: at(x), [later]: at(y), 'staging-v0.0.1-aaaaaa1-1700000101': at(z) },
        new Map([holds(x, x), holds(y, y), holds(z, z)]),
        restamped.tags,
      ),
      'different: not the image that was tested as staging-v0.0.1-aaaaaa1-1700000101',
      'failed',
    ],
    [
      'no tag that it could come from',
      factsWith({ [production1]: at(x) }, undefined, [production1, tags.staging2]),
      undefined,
      'done',
    ],
  ];
  for (const [name, facts, text, state] of cases) {
    it(name, () => {
      const fleet = deriveFleet(facts);
      const placement = placementIn(facts, 'production');
      const row = rowsByEnvironment(fleet, now).at(-1)?.children[0];
      const detail = row?.children.find(({ label }) => label === 'Lineage');
      assert.equal(detail?.description, text);
      assert.equal(stateOfPlacement(placement), state);
      const isAlarm = state === 'failed';
      assert.equal(detail?.state === 'failed', isAlarm);
      assert.equal(row?.description.endsWith('not the tested image'), isAlarm);
      assert.equal(worstLine(fleet), isAlarm ? 'backend in production: not the tested image' : undefined);
      assert.equal(placementIn(facts, 'staging').lineage, undefined);
    });
  }

  describe('of a build that was never in the environment before', () => {
    const stranger = 'production-v0.0.1-bbbbbb1-1700000150';
    const rebuilt = editObject(shopObjects(), 'Deployment production/backend', (object) => ({
      ...object,
      spec: { replicas: 2, template: { spec: { containers: [{ name: 'app', image: `${image}:${stranger}` }] } } },
    }));
    const ran = [change(stranger, production1, commit('d'.repeat(40), 1)), ...productionHistory];
    const wasInStaging = (...all: readonly string[]): readonly TagChange[] =>
      all.map((tag, index) => change(tag, undefined, commit('e'.repeat(40), index)));
    const lineageOf = (
      staging: Reading<readonly TagChange[]>,
      history: readonly TagChange[] = ran,
      all: readonly string[] = [...Object.values(tags), stranger],
    ) => {
      const registry = known({ tags: all, digests: new Map([[stranger, at(x)]]) }, now);
      const facts = shopFacts({ objects: rebuilt, registry, history });
      const repositories = facts.repositories.map((repository) => ({
        ...repository,
        histories: new Map([
          ...repository.histories,
          [historyKey('apps/staging/kustomization.yaml', 'staging:backend:tag'), staging],
        ]),
      }));
      return placementIn({ ...facts, repositories }, 'production').lineage;
    };
    const { staging2 } = tags;

    it('is different where earlier builds had their counterparts', () => {
      const lineage = lineageOf(known(wasInStaging(staging2, staging1), now));
      assert.deepEqual(lineage, { verdict: 'different', environment: 'staging' });
    });

    it('is not told where names or histories say nothing', () => {
      const none = known(wasInStaging(staging2), now);
      assert.equal(lineageOf(unknown(problem)), undefined);
      assert.equal(lineageOf(none, ran.slice(0, 1)), undefined);
      assert.equal(lineageOf(none, ran, [stranger, staging2]), undefined);
    });

    it('is asked for where the registry has forgotten the tag that Git remembers', () => {
      const lineage = lineageOf(known(wasInStaging(staging2, 'staging-v0.0.1-bbbbbb1-1700000150', staging1), now));
      assert.equal(lineage, undefined);
    });
  });

  it('takes the digests of the pods that run a tag from their imageIDs', () => {
    const pod = (name: string, namespace: string, containers: readonly (readonly [string, string])[]) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, uid: name },
      spec: { containers: containers.map(([used], index) => ({ name: `c${index}`, image: used })) },
      status: {
        phase: 'Running',
        containerStatuses: containers.map(([, imageID], index) => ({ name: `c${index}`, imageID, ready: true })),
      },
    });
    const own = `${image}:${production1}`;
    const objects = [
      ...shopObjects(),
      pod('one', 'production', [
        [own, `docker-pullable://${image}@${x}`],
        ['proxy:1', `proxy@${y}`],
      ]),
      pod('two', 'production', [[own, '']]),
      pod('three', 'production', [[own, `${image}@${z}`]]),
      pod('four', 'production', [[`${image}:${tags.production0}`, `${image}@${z}`]]),
      pod('five', 'staging', [[own, `${image}@${z}`]]),
    ];
    const facts = shopFacts({ objects });
    assert.deepEqual(podImages(facts, placementIn(facts, 'production'), production1), [
      { environment: 'production', pod: 'one', digest: x },
      { environment: 'production', pod: 'three', digest: z },
    ]);
  });
});

describe('the moving tag of an environment', () => {
  const digests = (moving: string, at = now) =>
    known(
      {
        tags: [...Object.values(tags), 'production'],
        digests: new Map([
          [tags.production1, known('sha256:1', now - 1)],
          ['production', known(moving, at)],
        ]),
      },
      now,
    );
  const aliasIn = (registry: Reading<RegistryImage>) => placementIn(shopFacts({ registry }), 'production').alias;

  it('is told to name what runs, or something else', () => {
    assert.deepEqual(aliasIn(digests('sha256:1')), { tag: 'production', isSame: true });
    assert.deepEqual(aliasIn(digests('sha256:2')), { tag: 'production', isSame: false });
  });

  it('is not told where there is none, and by no digest that is older than the one of what runs', () => {
    assert.equal(aliasIn(digests('sha256:2', now - 2)), undefined);
    assert.equal(placementIn(shopFacts(), 'production').alias, undefined);
  });
});

describe('production that runs the very tag that was tested', () => {
  it('runs the tested image: a promotion by a commit makes no other tag', () => {
    const objects = editObject(shopObjects(), 'Deployment production/backend', (object) => ({
      ...object,
      spec: { replicas: 2, template: { spec: { containers: [{ name: 'app', image: `${image}:${tags.staging2}` }] } } },
    }));
    assert.deepEqual(placementIn(shopFacts({ objects }), 'production').lineage, {
      verdict: 'same',
      environment: 'staging',
      source: tags.staging2,
    });
  });
});
