import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { activityRows, countWaiting } from '../../../src/fleet/activity';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import type { Row } from '../../../src/fleet/rows';
import type { Facts, WorkflowRun } from '../../../src/model/facts';
import { known } from '../../../src/model/reading';
import { edited, failing, type Json, withSpec, withStatus } from './edits';
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
} from './shop';

/** `group` and `  label: description`, one line each. */
function outline(facts: Facts): readonly string[] {
  const draw = (row: Row): readonly string[] =>
    row.kind === 'group'
      ? [`${row.label} ${row.description}`, ...row.children.flatMap(draw)]
      : [`  ${row.label}: ${row.description}`];
  return activityRows(deriveFleet(facts), now).flatMap(draw);
}

function withRun(state: WorkflowRun['state'], steps: WorkflowRun['steps'] = []): Facts {
  const run: WorkflowRun = {
    id: 7,
    url: 'http://forge/runs/7',
    workflow: '.github/workflows/promote-production.yml',
    state,
    createdAt: now - 2 * minute,
    updatedAt: now - minute,
    steps,
  };
  return shopFacts({ forge: known({ ...shopForge, runs: [run] }, now) });
}

const withImage = (name: string) => (object: Json) => ({
  ...object,
  metadata: {
    ...(object['metadata'] as Json),
    managedFields: [
      {
        manager: 'kubectl-rollout',
        operation: 'Update',
        time: new Date(now - 3 * minute).toISOString(),
        fieldsV1: {
          'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { 'f:image': {} } } } } },
        },
      },
    ],
  },
  spec: { replicas: 2, template: { spec: { containers: [{ name: 'app', image: name }] } } },
});

describe('activityRows', () => {
  it('is empty when all is well', () => {
    assert.deepEqual(outline(shopFacts()), []);
    assert.equal(countWaiting(deriveFleet(shopFacts()), now), 0);
  });

  it('shows what is on its way: a run with its step, and a tag that is not written yet', () => {
    assert.deepEqual(outline(withRun('running', [{ name: 'Retag', state: 'running' }])), [
      'On its way 1',
      '  backend in production: v0.0.1 · aaaaaa1: built, run 7 runs step "Retag" · 2 min',
    ]);
    const selecting = edited('ImagePolicy production/backend', (object) =>
      withStatus(object, { latestRef: { name: image, tag: tags.production0 } }),
    );
    const [group, row] = outline(selecting);
    assert.equal(group, 'On its way 1');
    assert.match(
      row ?? '',
      /^ {2}backend in production: v0\.0\.0 · aaaaaa0: written, production-v0\.0\.0.* is selected/,
    );
  });

  it('shows what waits for a person: an approval, a failed run, a failing object', () => {
    assert.deepEqual(outline(withRun('waiting')), [
      'Waiting for a person 1',
      '  backend in production: run 7 waits for an approval · 2 min',
    ]);
    assert.deepEqual(outline(withRun('failed', [{ name: 'Retag', state: 'failed' }])), [
      'Waiting for a person 1',
      '  backend in production: built failed: run 7 failed at step "Retag" · 1 min',
    ]);
    const broken = edited('Kustomization flux-system/apps-production', (object) =>
      withStatus(object, failing('BuildFailed', 'no such file')),
    );
    assert.ok(outline(broken).includes('  backend in production: applied failed: BuildFailed: no such file'));
    assert.equal(countWaiting(deriveFleet(broken), now), 1);
  });

  it('shows pull requests that wait for a person: those made for a placement, and those of its push branch', () => {
    const pull = (head: string) => ({
      number: 7,
      url: 'http://forge/7',
      title: 'Roll back',
      head,
      at: now - 5 * minute,
    });
    const withPull = (facts: Facts, head: string): Facts => ({
      ...facts,
      pulls: new Map([['/work/shop', known([pull(head)], now)]]),
    });
    const row = '  backend in production: pull request 7 waits: Roll back · 5 min';
    const own = withPull(shopFacts(), 'flux-promote/backend-production-v1-0a1b2c3');
    assert.deepEqual(outline(own), ['Waiting for a person 1', row]);
    assert.deepEqual(outline(withPull(shopFacts(), 'feature/backend')), []);
    const tag = { status: { observedGeneration: 1, latestRef: { name: image, tag: tags.production0 } } };
    const objects = editObject(
      editObject(shopObjects(), 'ImagePolicy production/backend', (object) => ({
        ...object,
        status: { ...(object['status'] as Json), ...tag.status },
      })),
      'ImageUpdateAutomation production/backend',
      (object) => ({
        ...object,
        spec: { ...(object['spec'] as Json), git: { push: { branch: 'flux-updates' } } },
      }),
    );
    const pushed = shopFacts({ objects });
    assert.deepEqual(outline(pushed), [
      'Waiting for a person 1',
      '  backend in production: the automation pushes to flux-updates, and nobody has merged it into main',
    ]);
    assert.deepEqual(outline(withPull(pushed, 'flux-updates')), ['Waiting for a person 1', row]);
  });

  it('says the next step beside what has failed', () => {
    const failing = edited('Kustomization flux-system/apps-production', (object) => ({
      ...object,
      status: {
        observedGeneration: 1,
        conditions: [{ type: 'Ready', status: 'False', reason: 'BuildFailed', message: 'no such file' }],
      },
    }));
    const [group] = activityRows(deriveFleet(failing), now);
    assert.match(group?.children[0]?.tooltip.join(' ') ?? '', /BuildFailed: no such file\. Mend the manifests/);
  });

  it('shows a revert that the automation has undone', () => {
    const history = [
      change(tags.production1, tags.production0, commit('d'.repeat(40), 4)),
      change(tags.production0, tags.production1, commit('e'.repeat(40), 5, 'mira')),
      ...productionHistory,
    ];
    assert.deepEqual(outline(shopFacts({ history })), [
      'Waiting for a person 1',
      '  backend in production: revert undone by bot · 4 min',
    ]);
  });

  it('shows drift with who did it and when, and offers to reconcile', () => {
    const facts = edited('Deployment production/backend', withImage(`${image}:${tags.production0}`));
    const lines = outline(facts);
    assert.ok(lines.includes('  backend in production: changed by kubectl-rollout · 3 min'), lines.join('\n'));
    const drifted = activityRows(deriveFleet(facts), now).find(({ id }) => id === 'activity:drifted');
    assert.deepEqual(drifted?.children[0]?.traits, ['promotable', 'rollbackable', 'drifted']);
    assert.deepEqual(drifted?.children[0]?.placement, { service: 'backend', environment: 'production' });
  });

  it('shows what is held, and what would be selected otherwise', () => {
    const files = shopFiles();
    const file = 'clusters/lab/images.yaml';
    const list = `  exclusionList: ['^.*\\.sig$', '^${tags.production1}$']\n`;
    const excluded = shopFacts({ files: { ...files, [file]: `${files[file] ?? ''}${list}` }, objects: [] });
    assert.ok(
      outline(excluded).some((line) => /backend in production: production-v0\.0\.1.* excluded/.test(line)),
      outline(excluded).join('\n'),
    );
    const suspended = edited('ImageUpdateAutomation production/backend', (object) =>
      withSpec(object, { suspend: true }),
    );
    assert.ok(outline(suspended).some((line) => /^ {2}backend in production: .*suspended/.test(line)));
  });

  it('has one id for each row', () => {
    const facts = edited('Deployment production/backend', withImage(`${image}:${tags.production0}`));
    const ids = activityRows(deriveFleet(facts), now).flatMap((row) => [row.id, ...row.children.map(({ id }) => id)]);
    assert.equal(new Set(ids).size, ids.length);
  });
});
