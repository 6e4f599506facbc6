import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { decodeDeployment } from '../../../src/manifests/workloads';
import type { Deployment } from '../../../src/model/flux';
import { canonicalImage } from '../../../src/model/image';
import { known, type Reading, unknown } from '../../../src/model/reading';
import { mergeParts } from '../../../src/sources/parts';
import { podSelectors } from '../../../src/sources/shown';

function deployment(image: string, labels: Readonly<Record<string, string>>, selector: object = {}): Deployment {
  const decoded = decodeDeployment({
    metadata: { name: 'x', namespace: 'ns' },
    spec: {
      selector: { matchLabels: labels, ...selector },
      template: { spec: { containers: [{ name: 'c', image }] } },
    },
  });
  assert.ok(decoded !== undefined);
  return decoded;
}

const images = new Set(['registry/a', 'registry/b'].map(canonicalImage));

describe('which pods are watched', () => {
  const cases: readonly (readonly [string, readonly Deployment[], readonly string[]])[] = [
    ['none where nothing is shown', [deployment('registry/z:1', { app: 'z' })], []],
    [
      'those of the shown, by the label that tells most apart',
      [
        deployment('registry/a:1', { tier: 'web', app: 'a' }),
        deployment('registry/b:1', { tier: 'web', app: 'b' }),
        deployment('registry/z:1', { tier: 'web', app: 'z' }),
      ],
      ['app in (a,b)'],
    ],
    [
      'one watch for each way of labelling',
      [deployment('registry/a:1', { app: 'a' }), deployment('registry/b:1', { name: 'b' })],
      ['app in (a)', 'name in (b)'],
    ],
    [
      'the label alone where its values are too many for an address',
      Array.from({ length: 101 }, (_, at) => deployment('registry/a:1', { app: `a${at}` })),
      ['app'],
    ],
    [
      'all where expressions select',
      [deployment('registry/a:1', { app: 'a' }, { matchExpressions: [{ key: 'x', operator: 'Exists' }] })],
      [''],
    ],
    [
      'all where everybody labels as he likes',
      Array.from({ length: 6 }, (_, at) => deployment('registry/a:1', { [`key${at}`]: 'a' })),
      [''],
    ],
  ];
  for (const [name, deployments, expected] of cases) {
    it(name, () => assert.deepEqual(podSelectors(deployments, images), expected));
  }
});

describe('a kind that is read in parts', () => {
  const object = (namespace: string, name: string) => ({ meta: { namespace, name } });
  const forbidden = { code: 'cluster-forbidden', message: 'no' } as const;
  type Objects = Reading<readonly ReturnType<typeof object>[]>;

  it('is empty where nothing is looked for', () => {
    assert.deepEqual(mergeParts('Pod', [], 5), { reading: known([], 5), gaps: [] });
  });

  it('holds an object of two parts once, is as old as its oldest part, and as troubled', () => {
    const stale: Objects = { state: 'stale', value: [object('b', '2')], at: 3, problem: forbidden };
    const parts = [{ reading: known([object('a', '1'), object('b', '2')], 7) }, { reading: stale }];
    const { reading, gaps } = mergeParts('Pod', parts, 9);
    assert.deepEqual(reading, { ...stale, value: [object('a', '1'), object('b', '2')] });
    assert.deepEqual(gaps, []);
  });

  it('leaves a gap of a namespace, and is unknown only where all parts are', () => {
    const dark: Objects = unknown(forbidden);
    const light: Objects = known([object('a', '1')], 1);
    const parts = [
      { namespace: 'a', reading: light },
      { namespace: 'b', reading: dark },
    ];
    assert.deepEqual(mergeParts('Pod', parts, 9), {
      reading: light,
      gaps: [{ kind: 'Pod', namespace: 'b', problem: forbidden }],
    });
    const all = parts.map((part) => ({ ...part, reading: dark }));
    assert.deepEqual(mergeParts('Pod', all, 9), { reading: dark, gaps: [] });
  });
});
