import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { type Row, RowMemory, rowsByEnvironment, stateOfPlacement, worstLine } from '../../../src/fleet/rows';
import { known, unknown, valueOf } from '../../../src/model/reading';
import { chainOf, edited, failing, type Json, production, withSpec, withStatus } from './edits';
import {
  change,
  commit,
  editObject,
  image,
  minute,
  now,
  productionHistory,
  shopFacts,
  shopFiles,
  shopForge,
  shopObjects,
  tags,
  tip,
} from './shop';

describe('deriveFleet', () => {
  it('finds environments in promotion order and what they run', () => {
    const { environments, problems } = deriveFleet(shopFacts());
    assert.deepEqual(problems, []);
    assert.deepEqual(
      environments.map(({ name, isProduction, placements }) => [
        name,
        isProduction,
        placements.map(({ service }) => service),
      ]),
      [
        ['staging', false, ['backend']],
        ['production', true, ['backend']],
      ],
    );
    const { selected, written, running, policy, automation, kustomization, workload } = production(shopFacts());
    for (const reading of [selected, written, running]) assert.equal(valueOf(reading)?.tag, tags.production1);
    assert.deepEqual(
      [policy, automation, kustomization, workload].map((one) => `${one?.namespace}/${one?.name}`),
      ['production/backend', 'production/backend', 'flux-system/apps-production', 'production/backend'],
    );
  });

  it('says that all links are done when they are', () => {
    assert.deepEqual(chainOf(shopFacts()), [
      'published: done',
      'scanned: done',
      'selected: done',
      'written: done',
      'fetched: done',
      'applied: done',
      'rolled out: done',
    ]);
    assert.equal(stateOfPlacement(production(shopFacts())), 'done');
    assert.equal(worstLine(deriveFleet(shopFacts())), undefined);
  });

  it('shows what the files say when cluster and registry are silent', () => {
    const silent = { code: 'cluster-unreachable', message: 'No answer.' } as const;
    const facts = { ...shopFacts(), clusters: new Map(), registry: new Map([[image, unknown<never>(silent)]]) };
    const placement = production(facts);
    assert.equal(valueOf(placement.written)?.tag, tags.production1);
    assert.deepEqual([placement.selected.state, placement.running.state], ['unknown', 'unknown']);
    assert.equal(stateOfPlacement(placement), 'unknown');
  });

  it('computes the selection from the registry where the cluster is silent', () => {
    const placement = production({ ...shopFacts(), clusters: new Map() });
    assert.equal(valueOf(placement.selected)?.tag, tags.production1);
  });
});

describe('the chain', () => {
  const cases: readonly {
    readonly name: string;
    readonly which: string;
    readonly edit: (object: Json) => Json;
    readonly expected: string;
  }[] = [
    {
      name: 'a failing scan',
      which: 'ImageRepository flux-system/backend',
      edit: (object) => withStatus(object, failing('ReadOperationFailed', 'scan failed: 401')),
      expected: 'scanned: failed: ReadOperationFailed: scan failed: 401',
    },
    {
      name: 'suspended scans',
      which: 'ImageRepository flux-system/backend',
      edit: (object) => withSpec(object, { suspend: true }),
      expected: 'scanned: failed: scans are suspended',
    },
    {
      name: 'Stalled before an older Ready',
      which: 'ImagePolicy production/backend',
      edit: (object) =>
        withStatus(object, {
          conditions: [
            { type: 'Ready', status: 'False', reason: 'Failure', message: 'older' },
            { type: 'Stalled', status: 'True', reason: 'InvalidPolicy', message: 'bad pattern' },
          ],
        }),
      expected: 'selected: failed: InvalidPolicy: bad pattern',
    },
    {
      name: 'an automation that is due',
      which: 'ImagePolicy production/backend',
      edit: (object) => withStatus(object, { latestRef: { name: image, tag: tags.production0 } }),
      expected: `written: waiting: ${tags.production0} is selected, ${tags.production1} is written; the automation writes at its next run`,
    },
    {
      name: 'a source behind the branch',
      which: 'GitRepository flux-system/flux-system',
      edit: (object) => withStatus(object, { artifact: { revision: `main@sha1:${'b'.repeat(40)}` } }),
      expected: 'fetched: waiting: commit ccccccc is on the branch, the cluster has bbbbbbb',
    },
    {
      name: 'a Kustomization that does not build',
      which: 'Kustomization flux-system/apps-production',
      edit: (object) => withStatus(object, failing('BuildFailed', 'no such file')),
      expected: 'applied: failed: BuildFailed: no such file',
    },
    {
      name: 'a rollout on its way',
      which: 'Deployment production/backend',
      edit: (object) => withStatus(object, { updatedReplicas: 1 }),
      expected: 'rolled out: waiting: Updated: 1/2',
    },
  ];
  for (const { name, which, edit, expected } of cases) {
    it(`names ${name}`, () => {
      const chain = chainOf(edited(which, edit));
      assert.ok(chain.includes(expected), chain.join('\n'));
    });
  }

  it('is not fooled by a cluster that is ahead of our clone', () => {
    const ahead = editObject(shopObjects(), 'GitRepository flux-system/flux-system', (object) =>
      withStatus(object, { artifact: { revision: `main@sha1:${'d'.repeat(40)}` } }),
    );
    assert.ok(chainOf(shopFacts({ objects: ahead })).includes('fetched: done'));
  });

  it('shows a run in flight, and forgets it when the tag is written', () => {
    const run = {
      id: 7,
      url: 'http://forge/7',
      workflow: '.github/workflows/promote-production.yml',
      state: 'running' as const,
      createdAt: now - minute,
      updatedAt: now,
      steps: [{ name: 'Retag', state: 'running' as const }],
    };
    const chain = chainOf(shopFacts({ forge: known({ ...shopForge, runs: [run] }, now) }));
    assert.deepEqual(chain.slice(0, 2), ['requested: done', 'built: waiting: run 7 runs step "Retag"']);
    const over = { ...run, updatedAt: now - 120 * minute };
    assert.equal(chainOf(shopFacts({ forge: known({ ...shopForge, runs: [over] }, now) }))[0], 'published: done');
  });

  it('says which tag is missing in the registry', () => {
    const registry = known({ tags: [tags.staging2], digests: new Map() }, now);
    assert.equal(
      chainOf(shopFacts({ registry }))[0],
      `published: failed: ${image}:${tags.production1} is not in the registry`,
    );
  });
});

describe('drift', () => {
  const undone = (object: Json): Json => ({
    ...withSpec(object, {
      template: { spec: { containers: [{ name: 'app', image: `${image}:${tags.production0}` }] } },
    }),
    metadata: {
      ...(object['metadata'] as Json),
      managedFields: [
        {
          manager: 'kubectl-rollout',
          operation: 'Update',
          time: new Date(now - minute).toISOString(),
          fieldsV1: {
            'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { 'f:image': {} } } } } },
          },
        },
      ],
    },
  });
  const objects = editObject(shopObjects(), 'Deployment production/backend', undone);

  it('names who moved the workload away from Git', () => {
    const placement = production(shopFacts({ objects }));
    assert.equal(stateOfPlacement(placement), 'drifted');
    assert.deepEqual(placement.drift, {
      workload: { kind: 'Deployment', name: 'backend', namespace: 'production' },
      container: 'app',
      expected: `${image}:${tags.production1}`,
      found: `${image}:${tags.production0}`,
      manager: 'kubectl-rollout',
      at: now - minute,
      returnsBy: now,
    });
  });

  it('is not seen while an older revision is applied that says the same', () => {
    const behind = editObject(objects, 'Kustomization flux-system/apps-production', (object) =>
      withStatus(object, {
        lastAppliedRevision: `main@sha1:${'a'.repeat(40)}`,
        lastAttemptedRevision: `main@sha1:${tip}`,
      }),
    );
    assert.equal(production(shopFacts({ objects: behind })).drift, undefined);
  });
});

describe('holds', () => {
  it('finds an exclusion, ours or not', () => {
    const objects = editObject(shopObjects(), 'ImageRepository flux-system/backend', (object) =>
      withSpec(object, { exclusionList: ['^.*\\.sig$', `^${tags.production1.replaceAll('.', '\\.')}$`] }),
    );
    const [hold] = production(shopFacts({ objects })).holds;
    assert.deepEqual([hold?.kind, hold?.tags], ['excluded', [tags.production1]]);
  });
  it('finds a suspended automation', () => {
    const objects = editObject(shopObjects(), 'ImageUpdateAutomation production/backend', (object) =>
      withSpec(object, { suspend: true }),
    );
    assert.equal(production(shopFacts({ objects })).holds[0]?.kind, 'suspended');
  });
});

describe('a revert that the automation undid', () => {
  const reverted = change(tags.production0, tags.production1, commit('d'.repeat(40), 2, 'ann'));
  const again = change(tags.production1, tags.production0, commit('e'.repeat(40), 1));
  it('is seen in the history', () => {
    const placement = production(shopFacts({ history: [again, reverted, ...productionHistory] }));
    assert.equal(placement.undone?.revert.hash, reverted.commit.hash);
    const row = rowsByEnvironment(deriveFleet(shopFacts({ history: [again, reverted, ...productionHistory] })), now)[1];
    assert.match(row?.children[0]?.tooltip.join('\n') ?? '', /undone/);
  });
  it('is not a promotion by the automation', () => {
    assert.equal(production(shopFacts()).undone, undefined);
  });
});

describe('rows', () => {
  it('read without being opened', () => {
    const [staging, live] = rowsByEnvironment(deriveFleet(shopFacts()), now);
    assert.equal(staging?.label, 'staging');
    const row = live?.children[0];
    assert.deepEqual([row?.label, row?.description, row?.state], ['backend', 'v0.0.1 · aaaaaa1 · 1 h', 'done']);
    assert.deepEqual(row?.traits, ['promotable', 'rollbackable']);
  });

  it('warn of a cluster whose certificate is not checked', () => {
    const checked = rowsByEnvironment(deriveFleet({ ...shopFacts(), uncheckedContexts: ['other'] }), now);
    assert.deepEqual(new Set(checked.map(({ description }) => description)), new Set(['1 service']));
    const [row] = rowsByEnvironment(deriveFleet({ ...shopFacts(), uncheckedContexts: ['lab'] }), now);
    assert.equal(row?.description, '1 service · certificate not checked');
    assert.match(
      row?.tooltip.join('\n') ?? '',
      /The certificate of the cluster lab is not checked .* read the credentials/,
    );
    assert.match(row?.spoken ?? '', /certificate not checked/);
  });

  it('stay the very same while they say the same, and are what they would be without', () => {
    const memory = new RowMemory();
    const fleet = deriveFleet(shopFacts());
    const outline = (rows: readonly Row[]): unknown => JSON.parse(JSON.stringify(rows));
    const leaves = (at: number) => rowsByEnvironment(fleet, at, memory).flatMap(({ children }) => children);
    const first = leaves(now);
    assert.ok(leaves(now + 10).every((row, at) => row === first[at]));
    const dayMs = 86_400_000;
    const said = first.map(({ description }) => description);
    const later = leaves(now + 400 * dayMs);
    assert.ok(later.some(({ description }, at) => description !== said[at]));
    assert.ok(later.every((row, at) => (row === first[at]) === (row.description === said[at])));
    for (const at of [now, now + 400 * dayMs]) {
      assert.deepEqual(outline(rowsByEnvironment(fleet, at, memory)), outline(rowsByEnvironment(fleet, at)));
    }
  });

  it('have ids of their own', () => {
    const ids: string[] = [];
    const visit = (rows: ReturnType<typeof rowsByEnvironment>): void => {
      for (const row of rows) {
        ids.push(row.id);
        visit(row.children);
      }
    };
    visit(rowsByEnvironment(deriveFleet(shopFacts({ files: shopFiles() })), now));
    assert.equal(new Set(ids).size, ids.length);
  });
});
