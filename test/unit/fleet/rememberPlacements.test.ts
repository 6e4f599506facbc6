import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { derivePlacements } from '../../../src/fleet/placements';
import { rememberPlacements } from '../../../src/fleet/rememberPlacements';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import { defaultSettings } from '../../../src/model/settings';

const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - image: acme/web:v1\n';

describe('rememberPlacements', () => {
  it('answers what derivePlacements does, and derives again only for other manifests or settings', () => {
    const placementsOf = rememberPlacements();
    const environmentsOf = (...asked: Parameters<typeof placementsOf>) =>
      placementsOf(...asked).map(({ environment }) => environment);
    const manifests = readManifests(treeOf({ 'staging/pod.yaml': pod }));
    const first = placementsOf(manifests, defaultSettings);
    assert.deepEqual(first, derivePlacements(manifests, defaultSettings));
    assert.equal(placementsOf(manifests, defaultSettings), first);
    const named = { name: 'early', namespaces: [], paths: ['staging'], kustomizations: [], isProtected: false };
    const settings = { ...defaultSettings, environments: [named] };
    assert.deepEqual(environmentsOf(manifests, settings), ['early']);
    const others = readManifests(treeOf({ 'production/pod.yaml': pod }));
    assert.deepEqual(environmentsOf(others, settings), ['production']);
  });
});
