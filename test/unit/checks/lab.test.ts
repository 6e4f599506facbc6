import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createCheckedRepository } from '../../../src/checks/checkedRepository';
import { checkRepository } from '../../../src/checks/checkFile';
import { planContent } from '../../../src/lab/content/planContent';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import { defaultSettings } from '../../../src/model/settings';

const production = 'flux/apps/backend/production';

function labFiles(): Record<string, string> {
  const addresses = { registryHost: '127.0.0.1:5000', gitUrl: 'http://127.0.0.1:8080' };
  const { flux } = planContent({ addresses, now: Date.UTC(2026, 10, 1), seed: 'checks' });
  return Object.fromEntries(flux.repository.commits.at(-1)?.files ?? []);
}

function findingsOf(files: Readonly<Record<string, string>>): readonly string[] {
  const tree = treeOf(files);
  const repository = createCheckedRepository(tree, readManifests(tree), defaultSettings);
  return checkRepository(repository).map(({ rule, file, line }) => `${file}:${line} ${rule}`);
}

describe('the practice lab', () => {
  it('is clean', () => {
    assert.deepEqual(findingsOf(labFiles()), []);
  }).timeout(20_000);

  it('shows both hard stops when they are planted', () => {
    const files = labFiles();
    const policy = files[`${production}/image-policy.yaml`] ?? '';
    const overlay = files[`${production}/kustomization.yaml`] ?? '';
    assert.deepEqual(
      findingsOf({
        ...files,
        [`${production}/image-policy.yaml`]: policy.replace("'^production-v", "'^.*-v"),
        [`${production}/kustomization.yaml`]: overlay.replace(/newTag: \S+/, 'newTag: latest'),
      }),
      [
        `${production}/kustomization.yaml:10 image-mutable-in-production`,
        `${production}/image-policy.yaml:10 pattern-crosses-environment`,
      ],
    );
    assert.deepEqual(
      findingsOf({ ...files, [`${production}/kustomization.yaml`]: overlay.replace(/images:[^]*/, '') }),
      [`${production}/kustomization.yaml:5 image-mutable-in-production`],
    );
  }).timeout(20_000);
});
