import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { listAt, textAt } from '../../../src/lab/cluster/json';
import { conditionOf } from '../../../src/lab/controllers/conditions';
import { patience, startWorld, type World } from './world';

const overlay = 'apps/production/kustomization.yaml';
const deploymentRef = { kind: 'Deployment', namespace: 'production', name: 'backend' };
const automationRef = { kind: 'ImageUpdateAutomation', namespace: 'production', name: 'backend' };

describe('kustomize controller', function () {
  this.timeout(patience.testMs);
  let world: World;

  const apps = () => world.get('Kustomization', 'apps-production', 'flux-system');
  const ready = () => {
    const object = apps();
    return object === undefined ? undefined : conditionOf(object, 'Ready');
  };
  const isApplied = (commit: string) =>
    ready()?.status === 'True' && textAt(apps(), 'status', 'lastAppliedRevision') === `main@sha1:${commit}`;
  /** What is said of this revision, once it has failed. */
  const failureOf = (commit: string) =>
    world.wait(`${commit} to fail`, () => {
      const isTried = textAt(apps(), 'status', 'lastAttemptedRevision') === `main@sha1:${commit}`;
      return isTried && ready()?.status === 'False' ? ready() : undefined;
    });
  const reconciled = async (): Promise<void> => {
    const token = `${Date.now()} ${Math.random()}`;
    await world.nudge('Kustomization', 'apps-production', 'flux-system', token);
    await world.wait('the reconcile', () => textAt(apps(), 'status', 'lastHandledReconcileAt') === token);
  };
  const setImage = async (fieldManager: string, image: string): Promise<void> => {
    const body = { spec: { template: { spec: { containers: [{ name: 'backend', image }] } } } };
    await world.patch(deploymentRef, { type: 'strategic', body }, fieldManager);
  };

  before(async () => {
    // Nobody writes the tag here but the tests.
    world = await startWorld({
      tags: ['production-v0.0.2-200', 'production-v0.0.1-100'],
      files: (files) => ({ ...files, [overlay]: (files[overlay] ?? '').replace('  - automation.yaml\n', '') }),
    });
    await world.wait('the first revision', () => ready()?.status === 'True');
  });
  afterEach(() => assert.deepEqual(world.bugs, []));
  after(() => world.stop());

  it('tells the revision, the inventory, the history and the health', async () => {
    await world.wait('the fields behind Ready', () => textAt(apps(), 'status', 'lastAppliedRevision'));
    const status = apps()?.status;
    const revision = textAt(status, 'lastAppliedRevision') ?? '';
    assert.equal(ready()?.message, `Applied revision: ${revision}`);
    assert.equal(textAt(status, 'lastAttemptedRevision'), revision);
    const ids = listAt(status, 'inventory', 'entries').map((entry) => `${textAt(entry, 'id')} ${textAt(entry, 'v')}`);
    assert.deepEqual(ids.sort(), [
      'production_backend_apps_Deployment v1',
      'production_backend_image.toolkit.fluxcd.io_ImagePolicy v1',
    ]);
    assert.equal(textAt(status, 'history', 0, 'lastReconciledStatus'), 'ReconciliationSucceeded');
    assert.equal(textAt(status, 'history', 0, 'metadata', 'revision'), revision);
    const object = apps();
    assert.match(
      object === undefined ? '' : (conditionOf(object, 'Healthy')?.message ?? ''),
      /^Health check passed in /,
    );
    const labels = world.get('Deployment')?.metadata.labels;
    assert.equal(labels?.['kustomize.toolkit.fluxcd.io/name'], 'apps-production');
  });

  it('leaves drift alone until it is asked, then repairs it, whoever caused it', async () => {
    for (const manager of ['kubectl-set', 'kubectl-rollout', 'somebody']) {
      await setImage(manager, `${world.image}:production-v0.0.1-100`);
      await world.wait('the drift to run', () => world.runningImage()?.endsWith('-100') === true);
      await reconciled();
      assert.equal(world.runningImage(), `${world.image}:production-v0.0.2-200`, manager);
    }
  });

  it('takes back what Git does not set only from kubectl and from itself', async () => {
    await world.push('with automation', {
      [overlay]: (text) => text.replace('  - image-policy.yaml\n', '  - image-policy.yaml\n  - automation.yaml\n'),
    });
    await world.wait('the automation', () => {
      const automation = world.get('ImageUpdateAutomation');
      return automation !== undefined && conditionOf(automation, 'Ready')?.status === 'True';
    });
    const suspendBy = async (fieldManager: string): Promise<boolean> => {
      await world.patch(automationRef, { type: 'merge', body: { spec: { suspend: true } } }, fieldManager);
      await reconciled();
      const isSuspended = world.get('ImageUpdateAutomation')?.spec?.['suspend'] === true;
      await world.patch(automationRef, { type: 'merge', body: { spec: { suspend: null } } }, fieldManager);
      return isSuspended;
    };
    for (const manager of ['flux', 'flux-client-side-apply', 'lab-ext'])
      assert.equal(await suspendBy(manager), true, manager);
    for (const manager of ['kubectl', 'kubectl-patch', 'kubectl-edit', 'before-first-apply', 'kustomize-controller']) {
      assert.equal(await suspendBy(manager), false, manager);
    }
  });

  it('keeps off an object that says so', async () => {
    const annotations = { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' };
    await world.patch(deploymentRef, { type: 'merge', body: { metadata: { annotations } } }, 'somebody');
    await setImage('somebody', `${world.image}:production-v0.0.1-100`);
    await reconciled();
    assert.equal(world.runningImage(), `${world.image}:production-v0.0.1-100`);
    const lifted = { 'kustomize.toolkit.fluxcd.io/reconcile': null };
    await world.patch(deploymentRef, { type: 'merge', body: { metadata: { annotations: lifted } } }, 'somebody');
    await reconciled();
    assert.equal(world.runningImage(), `${world.image}:production-v0.0.2-200`);
  });

  it('prunes what Git no longer has', async () => {
    await world.push('a map', {
      'apps/production/map.yaml': () => 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\ndata:\n  a: b\n',
      [overlay]: (text) => text.replace('resources:\n', 'resources:\n  - map.yaml\n'),
    });
    await world.wait('the map', () => world.get('ConfigMap', 'extra'));
    const commit = await world.push('no map', { [overlay]: (text) => text.replace('  - map.yaml\n', '') });
    await world.wait('the map to go', () => world.get('ConfigMap', 'extra') === undefined);
    await world.wait('the revision', () => isApplied(commit));
  });

  it('is blind to new revisions and requests while a failing rollout is waited for', async () => {
    const write = (tag: string) => (text: string) => text.replace(/newTag: \S+.*/, `newTag: ${tag}`);
    const bad = await world.push('a tag that does not exist', { [overlay]: write('broken') });
    await world.wait('the attempt', () => textAt(apps(), 'status', 'lastAttemptedRevision') === `main@sha1:${bad}`);
    const begun = Date.now();
    const good = await world.push('back', { [overlay]: write('production-v0.0.2-200') });
    await world.nudge('Kustomization', 'apps-production', 'flux-system');
    const seen = new Set<string>();
    const verdicts = new Set<string>();
    const unwatch = world.watch('Kustomization', (object) => {
      if (object.metadata.name !== 'apps-production') return;
      seen.add(conditionOf(object, 'Ready')?.message ?? '');
      // Looked for now: a reconcile that begins from an older copy of the object writes the history without it.
      for (const entry of listAt(object.status, 'history')) verdicts.add(textAt(entry, 'lastReconciledStatus') ?? '');
    });
    await world.wait('the good revision', () => isApplied(good));
    unwatch();
    assert.ok(Date.now() - begun > 2000, 'the timeout of the bad revision had to pass');
    const failed =
      /^health check failed after .*: timeout waiting for: \[Deployment\/production\/backend status: 'InProgress'\]$/;
    assert.ok(
      [...seen].some((message) => failed.test(message)),
      [...seen].join('\n'),
    );
    assert.ok(verdicts.has('HealthCheckFailed'), [...verdicts].join('\n'));
  });

  it('fails fast over a stalled policy, after having applied everything', async () => {
    const pattern = (text: string) => (before: string) => before.replace(/pattern: .*/, () => `pattern: '${text}'`);
    const pushed = await world.push('broken pattern', { 'apps/production/image-policy.yaml': pattern('^(?!latest)') });
    const failed = await failureOf(pushed);
    assert.equal(failed.reason, 'HealthCheckFailed');
    assert.equal(
      failed.message.replace(/^health check failed after \S+: /, ''),
      "failed early due to stalled resources: [ImagePolicy/production/backend status: 'Failed']",
    );
    const commit = await world.push('mend', {
      'apps/production/image-policy.yaml': pattern('^production-v[0-9.]+-(?P<ts>[0-9]+)$'),
    });
    await world.wait('the mended revision', () => isApplied(commit));
  });

  it('says what cannot be built, and keeps what runs', async () => {
    const pushed = await world.push('broken YAML', { [overlay]: (text) => `${text}: : :\n` });
    const failed = await failureOf(pushed);
    assert.equal(failed.reason, 'BuildFailed');
    assert.match(failed.message, /^error converting YAML to JSON: yaml: line \d+: did not find expected key$/);
    const object = apps();
    assert.equal(object === undefined ? '' : conditionOf(object, 'Reconciling')?.reason, 'ProgressingWithRetry');
    assert.equal(world.runningImage(), `${world.image}:production-v0.0.2-200`);
    const commit = await world.push('mend', { [overlay]: (text) => text.replace(': : :\n', '') });
    await world.wait('the mended revision', () => isApplied(commit));
  });

  it('refuses a kind that the cluster does not serve', async () => {
    const pushed = await world.push('an old version', {
      'apps/production/image-policy.yaml': (text) => text.replace('toolkit.fluxcd.io/v1', 'toolkit.fluxcd.io/v1beta2'),
    });
    const failed = await failureOf(pushed);
    assert.equal(failed.reason, 'ReconciliationFailed');
    assert.equal(
      failed.message,
      'ImagePolicy/production/backend dry-run failed: no matches for kind "ImagePolicy" in version "image.toolkit.fluxcd.io/v1beta2"\n',
    );
    const commit = await world.push('mend', {
      'apps/production/image-policy.yaml': (text) => text.replace('v1beta2', 'v1'),
    });
    await world.wait('the mended revision', () => isApplied(commit));
  });

  it('never gets Ready over an automation that is born suspended', async () => {
    const pushed = await world.push('born suspended', {
      'apps/production/second.yaml': () => `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata:
  name: second
spec:
  suspend: true
  interval: 1s
  sourceRef:
    kind: GitRepository
    name: flux-system
`,
      [overlay]: (text) => text.replace('resources:\n', 'resources:\n  - second.yaml\n'),
    });
    const failed = await failureOf(pushed);
    assert.equal(
      failed.message.replace(/^health check failed after \S+: /, ''),
      "timeout waiting for: [ImageUpdateAutomation/production/second status: 'InProgress']",
    );
    assert.deepEqual(world.get('ImageUpdateAutomation', 'second')?.status, { observedGeneration: -1 });
    const commit = await world.push('mend', { [overlay]: (text) => text.replace('  - second.yaml\n', '') });
    await world.wait('the mended revision', () => isApplied(commit));
  });

  it('takes everything along when it is deleted itself', async () => {
    await world.push('no apps', {
      'clusters/lab/kustomization.yaml': (text) => text.replace('  - apps.yaml\n', ''),
    });
    // The policy goes when its own controller has taken its finalizer away.
    await world.wait('everything to go', () =>
      [apps(), world.get('Deployment'), world.get('ImagePolicy')].every((one) => one === undefined),
    );
  });
});
