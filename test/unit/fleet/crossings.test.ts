// The wrong environment was updated: found once, in the chain, and told by everything that reads it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { activityRows } from '../../../src/fleet/activity';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { explain } from '../../../src/fleet/explain/explanation';
import { fleetMemory } from '../../../src/fleet/fleetMemory';
import { deriveOutcome } from '../../../src/fleet/outcome';
import { rowsByEnvironment, worstLine } from '../../../src/fleet/rows';
import type { Facts } from '../../../src/model/facts';
import { known, valueOf } from '../../../src/model/reading';
import { chainOf, edited, production, withSpec, withStatus } from './edits';
import { editObject, image, now, productionHistory, type Shop, shopFacts, shopFiles, shopObjects, tags } from './shop';

const overlay = 'apps/production/kustomization.yaml';

function filesWith(edits: Readonly<Record<string, (text: string) => string>>): Record<string, string> {
  const files = shopFiles();
  return {
    ...files,
    ...Object.fromEntries(Object.entries(edits).map(([file, edit]) => [file, edit(files[file] ?? '')])),
  };
}

/** Everything else is as it should be: the tag is selected, written and run. */
function pulledIn(edits: Readonly<Record<string, (text: string) => string>>, more: Shop = {}): Facts {
  const container = { name: 'app', image: `${image}:${tags.staging2}` };
  const objects = editObject(
    editObject(shopObjects(), 'ImagePolicy production/backend', (object) =>
      withStatus(object, { latestRef: { name: image, tag: tags.staging2 } }),
    ),
    'Deployment production/backend',
    (object) => ({ ...object, spec: { replicas: 2, template: { spec: { containers: [container] } } } }),
  );
  const written = (text: string): string => text.replace(tags.production1, tags.staging2);
  const file = edits[overlay] ?? ((text: string) => text);
  return shopFacts({ objects, files: filesWith({ ...edits, [overlay]: (text) => file(written(text)) }), ...more });
}

const ofStaging = (text: string): string => text.replace('"production:backend:tag"', '"staging:backend:tag"');
const wide = (text: string): string => text.replace('path: ./apps/staging', 'path: ./apps');
const byHand = pulledIn({});
const byMarker = pulledIn({ [overlay]: ofStaging, 'apps/staging/image.yaml': wide });

const wideInCluster = edited('ImageUpdateAutomation staging/backend', (object) =>
  withSpec(object, { update: { path: './apps', strategy: 'Setters' } }),
);

const failuresOf = (facts: Facts) => chainOf(facts).filter((line) => line.includes('failed'));
const explained = (facts: Facts) => {
  const fleet = deriveFleet(facts);
  return explain(facts, fleet, production(facts), now);
};

describe('another environment’s tag', () => {
  it('fails the written link of the chain, though every tag agrees', () => {
    const said = `written: failed: ${tags.staging2} is written into production`;
    assert.deepEqual(failuresOf(byHand), [said]);
    assert.deepEqual(failuresOf(byMarker), [`${said}: the marker takes its tag from staging/backend`]);
    assert.deepEqual(failuresOf(shopFacts()), []);
  });

  it('is told in words by the row, the status bar and the Activity view', () => {
    const fleet = deriveFleet(byMarker);
    const environment = rowsByEnvironment(fleet, now).at(-1);
    const row = environment?.children[0];
    assert.ok(row !== undefined);
    assert.deepEqual([environment?.state, row.state], ['failed', 'failed']);
    assert.match(row.description, /^tag of staging · /);
    assert.match(row.spoken, /^backend in production, tag of staging · .*, failed$/);
    assert.match(
      row.tooltip.join('\n'),
      /^Written: failed: staging-v\S+ is written into production: the marker takes/m,
    );
    assert.equal(worstLine(fleet), 'backend in production: tag of staging');
    const [group] = activityRows(fleet, now);
    assert.equal(group?.label, 'Waiting for a person');
    assert.match(group.children[0]?.description ?? '', /^written failed: staging-v\S+ is written into production/);
    assert.match(group.children[0]?.tooltip.join('\n') ?? '', /Let the marker name production\/backend\./);
  });

  it('is explained once, with the edit that mends it', () => {
    const { verdict, faults } = explained(byMarker);
    assert.equal(verdict, 'failed');
    assert.deepEqual(
      faults.map(({ code, text }) => `${code}: ${text}`),
      [`marker-crosses: ${tags.staging2} is written into production: the marker takes its tag from staging/backend`],
    );
    assert.match(faults[0]?.repair?.[0]?.after ?? '', /"production:backend:tag"/);
  });

  it('is not looked for before one is written: what could pull it in is the explanation’s to tell', () => {
    assert.deepEqual(failuresOf(wideInCluster), []);
    assert.deepEqual(
      explained(wideInCluster).faults.map(({ code }) => code),
      ['automation-crosses'],
    );
  });

  it('is none where an environment has no tags of its own', () => {
    const files = { 'apps/production/image.yaml': (text: string) => text.replace('^production-', '^staging-') };
    const registry = known({ tags: [tags.staging1, tags.staging2], digests: new Map() }, now);
    assert.deepEqual(failuresOf(pulledIn(files, { registry, history: [] })), []);
    assert.equal(failuresOf(pulledIn(files, { registry, history: productionHistory })).length, 1);
    assert.equal(failuresOf(pulledIn({}, { registry, history: [] })).length, 1);
  });

  it('is none where no policy selects it: a promotion by commit writes the tag that staging tested', () => {
    const unmarked = pulledIn({
      [overlay]: (text) => text.replace(/ # \{.*\}/g, ''),
      'apps/production/image.yaml': () => '',
    });
    assert.deepEqual(failuresOf(unmarked), []);
  });

  it('is still told once it is over: when, by which commit, for how long, and what has ended it', () => {
    const [own] = productionHistory;
    assert.ok(own !== undefined);
    const at = (minutes: number) => ({ ...own.commit, at: now - minutes * 60_000 });
    const otherFiles = ['apps/staging/kustomization.yaml'];
    const over = [
      { ...own, from: tags.staging2, to: tags.production1, commit: { ...at(5), subject: 'Revert it' } },
      { ...own, from: tags.production1, to: tags.staging2, otherFiles, commit: { ...at(65), subject: 'Update' } },
    ];
    const { verdict, noticed } = explained(shopFacts({ history: [...over, ...productionHistory] }));
    assert.equal(verdict, 'delivered');
    assert.deepEqual(
      noticed.map(({ text }) => text),
      [`${tags.staging2} was written into production, and stood for 1 h`],
    );
    assert.deepEqual(
      noticed[0]?.evidence.map(({ text }) => text),
      [`wrote ${tags.staging2}: Update`, 'apps/staging/kustomization.yaml', `wrote ${tags.production1}: Revert it`],
    );
    const [end, crossing] = over;
    assert.ok(end !== undefined && crossing !== undefined);
    const renamed = [end, { ...crossing, from: tags.staging1 }];
    assert.deepEqual(
      explained(shopFacts({ history: renamed })).noticed,
      [],
      'an environment that used to share its tags',
    );
  });

  it('does not end the change that takes it away', () => {
    const expectation = { tag: tags.production1, from: tags.staging2, since: now, calmMs: 0 };
    assert.equal(deriveOutcome(production(byMarker), expectation, now).state, 'on its way');
    const back = { ...expectation, tag: tags.staging2, from: tags.production1 };
    assert.equal(deriveOutcome(production(byMarker), back, now).state, 'failed');
  });

  it('makes no sound placement look at all automations: their events leave it as it was', () => {
    const automationsOf = ({ clusters }: Facts) => valueOf(clusters.get('lab')?.imageUpdateAutomations) ?? [];
    const facts = shopFacts();
    const cluster = facts.clusters.get('lab');
    assert.ok(cluster !== undefined);
    // As a watch leaves them: the object of the event is new, the others are the very same.
    const automations = known(
      [automationsOf(wideInCluster), automationsOf(facts)].flatMap((all, at) => all[at] ?? []),
      now,
    );
    const later = { ...facts, clusters: new Map([['lab', { ...cluster, imageUpdateAutomations: automations }]]) };
    const memory = fleetMemory();
    const chains = (all: Facts) => deriveFleet(all, memory).environments.map(({ placements }) => placements[0]?.chain);
    const [staging, sound] = chains(facts);
    const [changed, same] = chains(later);
    assert.notEqual(changed, staging);
    assert.equal(same, sound);
  });
});
