import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findDeclarations, findUses, type LinkPlace } from '../../../src/manifests/links';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import { shopFiles } from '../fleet/shop';

const files = shopFiles();
const tree = treeOf(files);
const repository = { tree, manifests: readManifests(tree) };

/** `file: text of the line`. */
function outline(places: readonly LinkPlace[]): readonly string[] {
  return places.map(({ file, range }) => {
    const text = files[file] ?? '';
    const start = text.lastIndexOf('\n', range.start) + 1;
    const inside = text.slice(range.start, range.end);
    return `${file}: ${text.slice(start, range.start).trim()}«${inside}»`;
  });
}

describe('links between manifests', () => {
  it('lead from a policy to its declaration in the namespace that its overlay gives', () => {
    const policy = { kind: 'ImagePolicy', namespace: 'production', name: 'backend' };
    assert.deepEqual(outline(findDeclarations(repository, policy)), ['apps/production/image.yaml: name:«backend»']);
  });

  it('lead from a policy to every marker', () => {
    const policy = { kind: 'ImagePolicy', namespace: 'staging', name: 'backend' };
    assert.deepEqual(outline(findUses(repository, policy)), [
      'apps/staging/kustomization.yaml: newTag: staging-v0.0.2-aaaaaa2-1700000200 # {"$imagepolicy": "«staging:backend:tag»',
    ]);
  });

  it('lead from a repository to the policies that read it', () => {
    const wanted = { kind: 'ImageRepository', namespace: 'flux-system', name: 'backend' };
    assert.deepEqual(outline(findDeclarations(repository, wanted)), ['clusters/lab/images.yaml: name:«backend»']);
    assert.deepEqual(outline(findUses(repository, wanted)).toSorted(), [
      'apps/production/image.yaml: name:«backend»',
      'apps/staging/image.yaml: name:«backend»',
    ]);
  });

  it('lead from a source to automations and Kustomizations', () => {
    const wanted = { kind: 'GitRepository', namespace: 'flux-system', name: 'flux-system' };
    assert.deepEqual(outline(findDeclarations(repository, wanted)), ['clusters/lab/sync.yaml: name:«flux-system»']);
    assert.deepEqual(
      findUses(repository, wanted)
        .map(({ file }) => file)
        .toSorted(),
      [
        'apps/production/image.yaml',
        'apps/staging/image.yaml',
        'clusters/lab/production.yaml',
        'clusters/lab/staging.yaml',
      ],
    );
  });

  it('lead nowhere for what is not here', () => {
    const wanted = { kind: 'ImagePolicy', namespace: 'production', name: 'other' };
    assert.deepEqual([...findDeclarations(repository, wanted), ...findUses(repository, wanted)], []);
  });
});
