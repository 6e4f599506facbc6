// What no API ought to say, and what none can say.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { formatExplanation } from '../../../src/fleet/explain/explanationText';
import { unknown } from '../../../src/model/reading';
import { failing, type Json, objectsWith } from './edits';
import { explained, said } from './explained';
import { editObject, minute, now, shopFacts, shopObjects } from './shop';

const deployment = 'Deployment production/backend';

describe('an explanation of bad input', () => {
  const silent = { code: 'cluster-unreachable', message: 'No answer.' } as const;

  it('says what it could not see, and takes silence for no fault', () => {
    const facts = shopFacts();
    const explanation = explained({
      ...facts,
      clusters: new Map(),
      kubeconfigProblem: silent,
      defaultContext: undefined as never,
    });
    assert.deepEqual([explanation.verdict, explanation.faults], ['unknown', []]);
    assert.match(formatExplanation(explanation), /Could not be seen:\n {2}No cluster|Could not be seen:\n {2}/);
  });

  it('dims a missing kind alone', () => {
    const facts = shopFacts();
    const lab = facts.clusters.get('lab');
    assert.ok(lab !== undefined);
    const problem = { code: 'kind-not-served', message: 'The cluster has no ImagePolicy.' } as const;
    const clusters = new Map([['lab', { ...lab, imagePolicies: unknown<never>(problem) }]]);
    const { faults, unseen, chain } = explained({ ...facts, clusters });
    assert.deepEqual([faults, unseen.map(({ code }) => code)], [[], ['kind-not-served']]);
    assert.equal(chain.find(({ name }) => name === 'rolled out')?.link.state, 'done');
  });

  it('takes objects without status for new ones', () => {
    const objects = editObject(shopObjects(), 'ImagePolicy production/backend', (object) => ({
      ...object,
      status: undefined,
    }));
    assert.deepEqual(said({ objects }), ['selected status-missing waiting']);
  });

  it('lives with conditions without reasons and with garbage for times', () => {
    const objects = objectsWith('Kustomization flux-system/apps-production', {
      conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: 'yesterday, about noon' }],
    });
    const { faults } = explained(shopFacts({ objects }));
    assert.deepEqual(
      faults.map(({ code, since }) => [code, since]),
      [['kustomization-failed', undefined]],
    );
  });

  it('leaves objects of an unknown API version out', () => {
    const objects = editObject(shopObjects(), 'ImageRepository flux-system/backend', (object) => ({
      ...object,
      apiVersion: 'image.toolkit.example/v9',
    }));
    assert.deepEqual(said({ objects }), ['scanned repository-missing failed']);
  });

  const chained: readonly (readonly [which: string, link: string])[] = [
    ['ImageRepository flux-system/backend', 'scanned'],
    ['ImagePolicy production/backend', 'selected'],
    ['ImageUpdateAutomation production/backend', 'written'],
    ['GitRepository flux-system/flux-system', 'fetched'],
    ['Kustomization flux-system/apps-production', 'applied'],
    ['Deployment production/backend', 'rolled out'],
  ];
  const deleted = (which: string, finalizers: unknown) =>
    editObject(shopObjects(), which, (object) => ({
      ...object,
      metadata: {
        ...(object['metadata'] as Json),
        deletionTimestamp: new Date(now - minute).toISOString(),
        finalizers,
      },
    }));
  for (const [which, link] of chained) {
    it(`says of a half-deleted ${which} since when, and whose finalizer keeps it`, () => {
      const { faults } = explained(
        shopFacts({ objects: deleted(which, ['example.com/cleanup', 'foregroundDeletion']) }),
      );
      assert.deepEqual(
        faults.map(({ link: at, code, text, since }) => [at, code, text, since]),
        [
          [
            link,
            'object-deleting',
            `${which} is being deleted, and waits for example.com/cleanup and foregroundDeletion`,
            now - minute,
          ],
        ],
      );
      assert.match(faults[0]?.steps[0].command ?? '', /^kubectl -n \S+ describe \S+ \S+$/);
    });
  }

  it('lives with finalizers that are none', () => {
    for (const finalizers of [undefined, 'text', [7, null]]) {
      const { faults } = explained(
        shopFacts({ objects: deleted('GitRepository flux-system/flux-system', finalizers) }),
      );
      assert.deepEqual(
        faults.map(({ text }) => text),
        ['GitRepository flux-system/flux-system is being deleted'],
      );
    }
  });

  it('keeps two clusters with the same names apart', () => {
    const facts = shopFacts();
    const broken = shopFacts({ objects: objectsWith(deployment, failing('x', 'y')) }).clusters.get('lab');
    assert.ok(broken !== undefined);
    const clusters = new Map([...facts.clusters, ['other', { ...broken, context: 'other' }] as const]);
    assert.deepEqual(explained({ ...facts, clusters }).faults, []);
  });

  it('finds a scan stale by time alone', () => {
    const late = explained(shopFacts(), undefined, now + 60 * minute);
    assert.deepEqual(
      late.faults.map(({ code }) => code),
      ['scan-stale'],
    );
  });

  it('has words for anything, whatever any field of any object holds', function () {
    this.timeout(20_000);
    const garbage = [undefined, null, '', -1, 1e30, [], {}, [null], true, 'not a date', '9999-99-99T99:99:99Z', '🙂'];
    const change = fc.record({ at: fc.nat(), to: fc.constantFrom(...garbage) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const objects = structuredClone(shopObjects());
        for (const { at, to } of changes) {
          const fields = fieldsOf(objects);
          const [owner, key] = fields[at % fields.length] ?? [];
          if (owner !== undefined && key !== undefined) Reflect.set(owner, key, structuredClone(to));
        }
        const text = formatExplanation(explained(shopFacts({ objects: objects.filter(isJson) }), 'production-v9'));
        assert.doesNotMatch(text, /\b(?:undefined|null|NaN)\b|\[object/);
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Each with what holds it, however deep. */
function fieldsOf(owner: object): readonly (readonly [owner: object, key: string])[] {
  return Object.entries(owner).flatMap(([key, value]): readonly (readonly [object, string])[] => [
    [owner, key],
    ...(typeof value === 'object' && value !== null ? fieldsOf(value as object) : []),
  ]);
}
