import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { listPolicies, previewPolicy } from '../../../src/editor/language/selection';
import { shopFiles, tags } from '../fleet/shop';
import { type Desk, openDesk } from './pointing';

const file = 'apps/production/image.yaml';

/** One line a lens. */
function lenses({ files, repository, live }: Desk, path = file, text = files[path] ?? ''): readonly string[] {
  return listPolicies(repository, path, text).map(
    ({ policy, key, isOneOfSeveral, start }) =>
      `${start} ${isOneOfSeveral ? `${key} ` : ''}${previewPolicy(repository, policy, live?.facts).text}`,
  );
}

describe('the policies of a file', () => {
  it('select by the tags that are known, in the namespace that the overlay gives', () => {
    assert.deepEqual(lenses(openDesk()), [`0 selects ${tags.production1} of 4 tags`]);
  });

  it('say beside what the cluster selects what an edit would', () => {
    const text = (shopFiles()[file] ?? '').replace('^production', '^staging');
    assert.deepEqual(lenses(openDesk(), file, `# mine\n${text}`), [
      `7 selects ${tags.production1} of 4 tags · would select ${tags.staging2}`,
    ]);
  });

  it('know nothing of tags before the registry was read', () => {
    assert.deepEqual(lenses(openDesk({ facts: null })), ['0 no tags known: open the Environments view']);
  });

  it('stand for each overlay that builds one document', () => {
    const files = shopFiles();
    const [policy = ''] = (files['apps/production/image.yaml'] ?? '').split('---\n');
    const overlay = (namespace: string) => `namespace: ${namespace}\nresources:\n  - ../policies\n`;
    const desk = openDesk({
      files: {
        'clusters/lab/images.yaml': files['clusters/lab/images.yaml'] ?? '',
        'policies/policy.yaml': policy,
        'policies/kustomization.yaml': 'resources:\n  - policy.yaml\n',
        'eu/kustomization.yaml': overlay('eu'),
        'us/kustomization.yaml': overlay('us'),
      },
    });
    assert.deepEqual(lenses(desk, 'policies/policy.yaml'), [
      `0 eu/backend selects ${tags.production1} of 4 tags`,
      `0 us/backend selects ${tags.production1} of 4 tags`,
    ]);
  });

  it('are none in a broken file, and in one of another kind', () => {
    assert.deepEqual(lenses(openDesk(), file, 'kind: ImagePolicy\n  broken: ['), []);
    assert.deepEqual(lenses(openDesk(), 'apps/base/deployment.yaml'), []);
  });
});
