import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { planRollback } from '../../../src/changes/planRollback';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { trailersOf } from '../../../src/fleet/trailers';
import { pinAnnotation } from '../../../src/manifests/pin';
import { known } from '../../../src/model/reading';
import { image, now, shopFacts, shopFiles, tags, tip } from '../fleet/shop';
import {
  after,
  commitOf,
  intent,
  listFile,
  policyFile,
  productionFile,
  selectedAfter,
  withStatus,
} from './rollbackShop';

describe('planRollback', () => {
  it('excludes the tag in one commit that names what it undoes', () => {
    const facts = shopFacts();
    const made = commitOf(facts, 'exclude');
    assert.deepEqual([made.base, made.branch, made.undoes?.hash], [tip, 'main', 'b'.repeat(40)]);
    assert.match(made.message, /^Roll back backend in production to production-v0\.0\.0.*\n\nIt returns 500\.\n\n/);
    assert.deepEqual(trailersOf(made).get('Flux-Promote-Undoes'), ['b'.repeat(40)]);
    assert.deepEqual(
      made.changes.map(({ file }) => file),
      [listFile],
    );
    assert.match(made.changes[0]?.after ?? '', /- '\^\.\*\\\.sig\$'/);
    assert.equal(selectedAfter(facts, made), tags.production0);
  });

  it('pins in one commit that keeps the pattern beside it', () => {
    const facts = shopFacts();
    const made = commitOf(facts, 'pin');
    assert.deepEqual(
      made.changes.map(({ file }) => file),
      [policyFile],
    );
    const text = made.changes[0]?.after ?? '';
    assert.match(text, /pattern: '\^production-v0\\\.0\\\.0-aaaaaa0-\(\?P<ts>1700000000\)\$'\n {4}extract: \$ts/);
    assert.match(text, new RegExp(`${pinAnnotation}: '\\^production-v\\[0-9\\.\\]\\+`));
    assert.equal(selectedAfter(facts, made), tags.production0);
  });

  it('takes the markers off in the drill, says so to machines, and waits with the second commit', () => {
    const facts = shopFacts();
    const made = commitOf(facts, 'drill');
    assert.equal(made.second, 'selected');
    const text = after(facts, made)[productionFile] ?? '';
    assert.match(text, new RegExp(`newTag: ${tags.production0}\\n`));
    assert.deepEqual(trailersOf(made).get('Flux-Promote-Marker'), [`${productionFile} production:backend:tag`]);
    assert.equal(selectedAfter(facts, made), tags.production0);
  });

  it('suspends in Git, names what freezes, and writes the tag meanwhile without its marker', () => {
    const files = shopFiles();
    const text = files[policyFile] ?? '';
    const [, automation = ''] = text.split('---\n');
    files[policyFile] = text.replace(`---\n${automation}`, '');
    for (const environment of ['staging', 'production'])
      files[`apps/${environment}/image.yaml`] = (files[`apps/${environment}/image.yaml`] ?? '').split('---\n')[0] ?? '';
    files['apps/all.yaml'] = automation
      .replace('name: backend', 'name: all\n  namespace: production')
      .replace('./apps/production', './apps');
    const facts = shopFacts({ files });
    const made = commitOf(facts, 'suspend');
    assert.equal(made.second, 'suspended');
    assert.match(after(facts, made)['apps/all.yaml'] ?? '', /\n {2}suspend: true\n/);
    assert.match(after(facts, made)[productionFile] ?? '', new RegExp(`newTag: ${tags.production0}\\n`));
    assert.match(made.summary.join('\n'), /Nothing else freezes/);
  });

  it('reverts only, and says when that is undone', () => {
    const objects = withStatus('ImageUpdateAutomation production/backend', {
      status: { observedGeneration: 1, lastAutomationRunTime: new Date(now).toISOString(), conditions: [] },
    });
    const facts = shopFacts({ objects });
    const made = commitOf(facts, 'write');
    assert.deepEqual(
      after(facts, made)[productionFile],
      (shopFiles()[productionFile] ?? '').replace(tags.production1, tags.production0),
    );
    assert.match(
      made.summary.join('\n'),
      /again at its automation's next run \(every 5 s\), at 12:00 UTC at the latest/,
    );
  });

  it('pins a policy without a pattern, and one that takes versions', () => {
    const versions = ['1.2.0', '1.10.0', '1.9.0'];
    const semver = shopFiles();
    semver[productionFile] = (semver[productionFile] ?? '').replace(tags.production1, '1.10.0');
    semver[policyFile] = (semver[policyFile] ?? '').replace(
      / {2}filterTags:[^]*?order: asc/,
      "  policy:\n    semver:\n      range: '>=1.0.0'",
    );
    const facts = shopFacts({ files: semver, registry: known({ tags: versions, digests: new Map() }, now) });
    const made = commitOf(facts, 'pin', { tag: '1.9.0' });
    assert.equal(selectedAfter(facts, made), '1.9.0');
    assert.match(made.changes[0]?.after ?? '', new RegExp(`${pinAnnotation}: ''`));
  });

  it('is no rollback to a tag that has been written meanwhile, and names the same image', () => {
    const digest = `sha256:${'d'.repeat(64)}`;
    const written = tags.production1;
    const facts = shopFacts({
      registry: known({ tags: [written], digests: new Map([[written, known(digest, now)]]) }, now),
    });
    const ways = planRollback(deriveFleet(facts), facts, { ...intent, tag: written, digest });
    assert.ok(ways.kind === 'refusal', JSON.stringify(ways));
    assert.match(ways.reason, /^production is on production-v\S+ already\.$/);
  });

  it('holds a moving tag by its digest', () => {
    const digest = `sha256:${'d'.repeat(64)}`;
    const files = shopFiles();
    const plain = files['apps/base/deployment.yaml'] ?? '';
    const now0 = `:stable@sha256:${'e'.repeat(64)} # {"$imagepolicy": "production:backend"}`;
    files['apps/production/deployment.yaml'] = plain.replace(':latest', now0);
    files[productionFile] = 'namespace: production\nresources:\n  - deployment.yaml\n  - image.yaml\n';
    const facts = shopFacts({ files, registry: known({ tags: ['stable'], digests: new Map() }, now) });
    const ways = planRollback(deriveFleet(facts), facts, { ...intent, tag: 'stable', digest });
    assert.ok(ways.kind === 'ways' && ways.recommended?.name === 'digest', JSON.stringify(ways));
    const text = after(facts, ways.recommended.plan)['apps/production/deployment.yaml'] ?? '';
    assert.match(text, new RegExp(`image: ${image}:stable@${digest}\\n`));
  });

  it('names who moves along to the same tag', () => {
    const files = shopFiles();
    for (const part of ['kustomization', 'image'] as const)
      files[`apps/prod-us/${part}.yaml`] = files[`apps/production/${part}.yaml`] ?? '';
    files['apps/prod-us/kustomization.yaml'] = (files['apps/prod-us/kustomization.yaml'] ?? '')
      .replaceAll('production:', 'prod-us:')
      .replace('namespace: production', 'namespace: prod-us');
    const made = commitOf(shopFacts({ files }), 'exclude');
    assert.match(made.summary.join('\n'), /It moves along: backend in prod-us\./);
  });
});
