import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { textAt } from '../../../src/lab/cluster/json';
import type { KubeObject } from '../../../src/lab/cluster/object';
import { conditionOf } from '../../../src/lab/controllers/conditions';
import { drawPorts } from '../../live/stack/ports';
import { patience, startWorld, type World } from './world';

const policyFile = 'apps/production/image-policy.yaml';
const imagesFile = 'clusters/lab/images.yaml';
const newest = 'production-v0.0.2-200';

function isSettled(object: KubeObject | undefined): boolean {
  if (object === undefined) return false;
  const isObserved = object.status?.['observedGeneration'] === object.metadata.generation;
  return isObserved && conditionOf(object, 'Ready')?.status === 'True';
}

describe('image reflector', function () {
  this.timeout(patience.testMs);
  let world: World;

  const policy = (type: string) => {
    const object = world.get('ImagePolicy');
    return object === undefined ? undefined : conditionOf(object, type);
  };
  const repository = (type: string) => {
    const object = world.get('ImageRepository', 'backend', 'flux-system');
    return object === undefined ? undefined : conditionOf(object, type);
  };
  const latestTag = () => textAt(world.get('ImagePolicy'), 'status', 'latestRef', 'tag');
  const pattern = (text: string) => (before: string) => before.replace(/pattern: .*/, () => `pattern: '${text}'`);
  const original = '^production-v[0-9.]+-(?P<ts>[0-9]+)$';

  before(async () => {
    world = await startWorld({ tags: ['production-v0.0.1-100', newest, 'staging-v0.0.9-900', 'sha256-0.sig'] });
    await world.wait('a selection', () => latestTag() === newest);
  });
  afterEach(async () => {
    assert.deepEqual(world.bugs, []);
    await world.push('mend', {
      [policyFile]: (text) => pattern(original)(text).replace('extract: $nosuch', "extract: '$ts'"),
      [imagesFile]: (text) =>
        text.replace(/image: .*/, `image: ${world.image}`).replace(/matchLabels: .*/, 'matchLabels: {}'),
    });
    await world.wait('the mended repository', () => isSettled(world.get('ImageRepository', 'backend', 'flux-system')));
    await world.wait('the mended policy', () => isSettled(world.get('ImagePolicy')) && latestTag() === newest);
  });
  after(() => world.stop());

  it('tells what a scan found, without the excluded tags', async () => {
    const status = await world.wait('a scan', () => world.get('ImageRepository', 'backend', 'flux-system')?.status);
    const result = status['lastScanResult'];
    assert.deepEqual(textAt(result, 'latestTags', 0), 'staging-v0.0.9-900');
    assert.match(repository('Ready')?.message ?? '', /^successful scan: found 3 tags with checksum \d+$/);
    assert.equal(status['canonicalImageName'], world.image);
  });

  it('says how a policy was resolved', () => {
    assert.equal(policy('Ready')?.reason, 'Succeeded');
    assert.equal(policy('Ready')?.message, `Latest image tag for ${world.image} resolved to ${newest}`);
    assert.deepEqual(world.get('ImagePolicy')?.status?.['latestRef'], { name: world.image, tag: newest });
  });

  it('stalls over a pattern that Go refuses, and keeps the last selection', async () => {
    await world.push('break', { [policyFile]: pattern('^(?!latest)') });
    const stalled = await world.wait('the stall', () => policy('Stalled'));
    const message =
      "failed to filter tags: invalid regular expression pattern '^(?!latest)': error parsing regexp: invalid or unsupported Perl syntax: `(?!`";
    assert.equal(stalled.reason, 'InvalidPolicy');
    assert.equal(stalled.message, message);
    assert.equal(policy('Ready')?.message, message);
    assert.equal(policy('Reconciling'), undefined);
    assert.equal(latestTag(), newest);
    await world.wait('the generation to be observed', () => {
      const object = world.get('ImagePolicy');
      return object?.status?.['observedGeneration'] === object?.metadata.generation;
    });
  });

  it('retries a pattern that matches nothing; then Ready keeps that reason over a stall', async () => {
    await world.push('match nothing', { [policyFile]: pattern('^nosuch$') });
    const ready = await world.wait('the failure', () =>
      policy('Ready')?.status === 'False' ? policy('Ready') : undefined,
    );
    assert.equal(ready.reason, 'Failure');
    assert.equal(ready.message, 'version list argument cannot be empty');
    assert.equal(policy('Reconciling')?.reason, 'ProgressingWithRetry');
    assert.equal(latestTag(), newest);
    await world.push('break', { [policyFile]: pattern('^(?!latest)') });
    const stalled = await world.wait('the stall', () => policy('Stalled'));
    assert.equal(stalled.reason, 'InvalidPolicy');
    assert.equal(policy('Ready')?.reason, 'Failure');
    assert.equal(policy('Ready')?.message, 'version list argument cannot be empty');
  });

  it('drives the automation with the last selection even while it is stalled', async () => {
    await world.push('break and revert', {
      [policyFile]: pattern('^(?!latest)'),
      'apps/production/kustomization.yaml': (text) => text.replace(/newTag: \S+/, 'newTag: production-v0.0.1-100'),
    });
    await world.wait('the revert to be undone', async () => (await world.writtenTag()) === newest);
    await world.wait('the stall', () => policy('Stalled')?.status === 'True');
    assert.equal(latestTag(), newest);
  });

  it('takes the tags of all environments where the pattern lets them in', async () => {
    await world.push('too wide', { [policyFile]: pattern('^.*-(?P<ts>[0-9]+)$') });
    await world.wait('the wrong tag', () => latestTag() === 'staging-v0.0.9-900');
    assert.equal(policy('Ready')?.status, 'True');
    assert.match(
      policy('Ready')?.message ?? '',
      /resolved to staging-v0\.0\.9-900 \(previously .*:production-v0\.0\.2-200\)$/,
    );
  });

  it('refuses a policy whose namespace is not let in', async () => {
    await world.push('close', {
      [imagesFile]: (text) => text.replace('matchLabels: {}', 'matchLabels: {team: other}'),
    });
    await world.wait('the closed repository', () =>
      JSON.stringify(world.get('ImageRepository', 'backend', 'flux-system')?.spec).includes('other'),
    );
    await world.nudge('ImagePolicy');
    const ready = await world.wait('the refusal', () =>
      policy('Ready')?.status === 'False' ? policy('Ready') : undefined,
    );
    assert.equal(ready.reason, 'AccessDenied');
    const why = "'flux-system/backend' can't be accessed due to ACL labels mismatch on namespace 'production'";
    assert.equal(ready.message, `failed to get the referred ImageRepository: access denied: ${why}`);
  });

  it('shows a scan that the registry refuses, and tries again', async () => {
    await world.push('no such image', {
      [imagesFile]: (text) => text.replace(/image: .*/, `image: ${world.image}-none`),
    });
    const ready = await world.wait('the failure', () =>
      repository('Ready')?.status === 'False' ? repository('Ready') : undefined,
    );
    assert.equal(ready.reason, 'ReadOperationFailed');
    assert.match(
      ready.message,
      /^scan failed: GET http:\/\/127\.0\.0\.1:\d+\/v2\/\w+\/backend-none\/tags\/list\?n=1000: NAME_UNKNOWN: /,
    );
    assert.equal(repository('Reconciling')?.reason, 'ProgressingWithRetry');
  });

  it('stalls over an image with a tag in it', async () => {
    await world.push('a tag', { [imagesFile]: (text) => text.replace(/image: .*/, `image: ${world.image}:latest`) });
    const stalled = await world.wait('the stall', () => repository('Stalled'));
    assert.equal(stalled.reason, 'ImageURLInvalid');
    assert.equal(stalled.message, `image '${world.image}:latest' should not include a tag; remove ':latest'`);
  });

  it('tries HTTPS before plain HTTP, and tells of both where nobody answers', async () => {
    const [port = 0] = await drawPorts(1);
    const image = `127.0.0.1:${port}/acme/backend`;
    await world.push('elsewhere', { [imagesFile]: (text) => text.replace(/image: .*/, `image: ${image}`) });
    const ready = await world.wait('the failure', () =>
      repository('Ready')?.status === 'False' ? repository('Ready') : undefined,
    );
    const said = (scheme: string): string =>
      `Get "${scheme}://127.0.0.1:${port}/v2/": dial tcp 127.0.0.1:${port}: connect: connection refused`;
    assert.equal(ready.message, `scan failed: ${said('https')}; ${said('http')}`);
  });

  it('reflects the digest of the selected tag', async () => {
    await world.push('reflect', {
      [policyFile]: (text) => text.replace('spec:\n', 'spec:\n  digestReflectionPolicy: IfNotPresent\n'),
    });
    const digest = await world.wait('a digest', () =>
      textAt(world.get('ImagePolicy'), 'status', 'latestRef', 'digest'),
    );
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    assert.match(policy('Ready')?.message ?? '', new RegExp(` with digest ${digest} `));
    await world.push('no digest', {
      [policyFile]: (text) => text.replace('  digestReflectionPolicy: IfNotPresent\n', ''),
    });
    await world.wait(
      'no digest',
      () => textAt(world.get('ImagePolicy'), 'status', 'latestRef', 'digest') === undefined,
    );
  });
});
