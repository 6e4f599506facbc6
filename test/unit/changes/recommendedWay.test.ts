import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { shopFacts, shopFiles, tags } from '../fleet/shop';
import {
  commitOf,
  filesWith,
  listInProduction,
  namesOf,
  policyFile,
  productionFile,
  waiting,
  wayOf,
  withSpec,
} from './rollbackShop';

describe('planRollback recommends', () => {
  it('to exclude where tags arrive by promotion, and offers the others in their order', () => {
    assert.deepEqual(namesOf(shopFacts()), ['exclude', 'pin', 'drill', 'suspend', 'write']);
  });

  it('a pin where builds flow by themselves, for an exclusion is no hold there', () => {
    const change = { environment: 'staging', tag: tags.staging1 };
    assert.deepEqual(namesOf(shopFacts(), change), ['pin', 'exclude', 'drill', 'suspend', 'write']);
    assert.match(wayOf(shopFacts(), 'exclude', change).reason, /No hold: builds flow into staging/);
  });

  it('the exclusion behind a failing health check, as long as the list lies elsewhere', () => {
    const facts = shopFacts({ objects: waiting });
    assert.deepEqual(namesOf(facts).slice(0, 2), ['exclude', 'drill']);
    const { summary } = commitOf(facts, 'exclude');
    assert.match(summary.join('\n'), /apps-production waits for the health of what it has applied until 12:00 UTC/);
  });

  it('the drill behind a failing health check where the list lies in it too', () => {
    const facts = shopFacts({ objects: waiting, files: listInProduction() });
    assert.deepEqual(namesOf(facts).slice(0, 2), ['drill', 'exclude']);
  });

  it('to write where nobody automates, where the automation rests, and where the marker is gone', () => {
    const bare = filesWith(productionFile, / # .*/, '');
    bare[policyFile] = '';
    assert.deepEqual(namesOf(shopFacts({ files: bare })), ['write']);
    const resting = withSpec('ImageUpdateAutomation production/backend', { suspend: true });
    assert.deepEqual(namesOf(shopFacts({ objects: resting })), ['write', 'pin', 'exclude']);
    assert.deepEqual(namesOf(shopFacts({ files: filesWith(productionFile, / # .*/, '') })), [
      'write',
      'pin',
      'exclude',
    ]);
  });

  it('nothing where only what does not hold is left', () => {
    const undeclared = shopFiles();
    undeclared[policyFile] = '';
    const facts = shopFacts({ files: undeclared });
    assert.deepEqual(namesOf(facts), [undefined, 'exclude', 'pin', 'drill', 'suspend', 'write']);
    assert.match(wayOf(facts, 'write').reason, /Does not hold\. Flux writes production-v0\.0\.1.* again/);
  });
});
