import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { shopFiles, tags } from '../fleet/shop';
import { hoverOn, openDesk } from './pointing';

const policyFile = 'apps/production/image.yaml';
const kustomization = 'apps/production/kustomization.yaml';

describe('a hover on a pattern', () => {
  it('shows what each group catches on real tags, what is fixed, and the environment', () => {
    assert.deepEqual(hoverOn(openDesk(), policyFile, '^production'), [
      'Every matching tag begins with `production-v`. The policy serves `production`.',
      'Matches 2 of 4 known tags.',
      `| Tag | \`$ts\` |
| --- | --- |
| \`${tags.production1}\` | \`1700000100\` |
| \`${tags.production0}\` | \`1700000000\` |`,
    ]);
  });

  it('follows what is typed', () => {
    const text = (shopFiles()[policyFile] ?? '').replace('^production-v[0-9.]+', '(production|staging)-v([0-9.]+)');
    const [first, matches, table] = hoverOn(openDesk(), policyFile, '(production', text);
    assert.equal(first, 'A matching tag may begin with anything. The policy serves `production`.');
    assert.equal(matches, 'Matches 4 of 4 known tags.');
    assert.match(table ?? '', /^\| Tag \| `\$1` \| `\$2` \| `\$ts` \|\n/);
  });

  it("gives Go's words where it refuses the pattern, and no more", () => {
    const text = (shopFiles()[policyFile] ?? '').replace('^production', '`(production');
    assert.deepEqual(hoverOn(openDesk(), policyFile, '(production', text), [
      'Go refuses this pattern: ``` error parsing regexp: missing closing ): ``(production-v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$` ```',
    ]);
  });

  it('says that no tags are known', () => {
    const [, second, third] = hoverOn(openDesk({ facts: null }), policyFile, '^production');
    assert.equal(second, 'No tags are known: open the Environments view.');
    assert.equal(third, undefined);
  });
});

describe('a hover on a marker', () => {
  it('shows the policy, what it selects, who writes it and what', () => {
    assert.deepEqual(hoverOn(openDesk(), kustomization, '# {"$imagepolicy"'), [
      `ImagePolicy \`production/backend\`, declared in \`${policyFile}\`: selects ${tags.production1} of 4 tags.`,
      'Written by ImageUpdateAutomation `production/backend`.',
      'Flux writes the tag here: this very value.',
    ]);
  });

  it('shows what it will write, and says a suspended automation', () => {
    const files = shopFiles();
    files[kustomization] = (files[kustomization] ?? '').replace(tags.production1, tags.production0);
    files[policyFile] = (files[policyFile] ?? '').replace('  interval: 5s', '  suspend: true\n  interval: 5s');
    const [, writers, value] = hoverOn(openDesk({ files }), kustomization, '# {"$imagepolicy"');
    assert.equal(writers, 'Written by ImageUpdateAutomation `production/backend`, which is suspended.');
    assert.equal(value, `Flux writes the tag here: \`${tags.production1}\`.`);
  });

  it('says what is missing', () => {
    const files = shopFiles();
    files[kustomization] = (files[kustomization] ?? '').replace('production:backend', 'other:backend');
    assert.deepEqual(hoverOn(openDesk({ files, facts: null }), kustomization, '# {"$imagepolicy"'), [
      'ImagePolicy `other/backend` is not declared in this repository.',
      'No ImageUpdateAutomation in this repository writes here: none in the namespace `other` covers this file and selects this policy.',
      'Flux writes the tag here.',
    ]);
  });
});

describe('a hover on a written tag', () => {
  it('shows where it runs, its age and its digest', () => {
    const [head, where, ...rest] = hoverOn(openDesk(), kustomization, tags.production1);
    assert.match(head ?? '', new RegExp(`^\`${tags.production1}\` of \`ghcr.io/acme/backend\`, built \\d+ d ago`));
    assert.equal(where, 'Runs in `production`. Written in `production`. Selected in `production`.');
    assert.match(rest.join('\n'), /In `production` since .* by commit `[0-9a-f]{7}`\./);
  });

  it('says when nothing has been read yet', () => {
    const [, where] = hoverOn(openDesk({ facts: null }), kustomization, tags.production1);
    assert.equal(where, 'No environment has been read yet: open the Environments view.');
  });

  it('speaks of the tag that is typed', () => {
    const text = (shopFiles()[kustomization] ?? '').replace(tags.production1, 'v9');
    const [head] = hoverOn(openDesk(), kustomization, 'v9', text);
    assert.equal(head, '`v9` of `ghcr.io/acme/backend`.');
  });

  it('is silent elsewhere', () => {
    assert.deepEqual(hoverOn(openDesk(), kustomization, 'namespace'), []);
    assert.deepEqual(hoverOn(openDesk(), 'apps/base/deployment.yaml', 'Deployment'), []);
  });
});
