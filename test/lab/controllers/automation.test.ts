import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { textAt } from '../../../src/lab/cluster/json';
import { conditionOf } from '../../../src/lab/controllers/conditions';
import { patience, startWorld, type World } from './world';

const overlay = 'apps/production/kustomization.yaml';
const first = 'production-v0.0.1-100';
const second = 'production-v0.0.2-200';

const write =
  (tag: string) =>
  (text: string): string =>
    text.replace(/newTag: \S+/, `newTag: ${tag}`);

describe('image automation', function () {
  this.timeout(patience.testMs);
  let world: World;

  const automation = (type: string) => {
    const object = world.get('ImageUpdateAutomation');
    return object === undefined ? undefined : conditionOf(object, type);
  };
  const botCommits = async (): Promise<number> =>
    (await world.log()).filter((line) => line.startsWith('fluxcdbot:')).length;
  /** The automation has run to its end this often from now on. */
  const runs = async (count: number): Promise<void> => {
    for (let run = 0; run < count; run += 1) {
      const token = `run ${run} ${Date.now()}`;
      await world.nudge('ImageUpdateAutomation', 'backend', 'production', token);
      await world.wait(
        'a run of the automation',
        () => textAt(world.get('ImageUpdateAutomation'), 'status', 'lastHandledReconcileAt') === token,
      );
    }
  };

  before(async () => {
    world = await startWorld({ tags: [first, second] });
    await world.wait('the first write-back', async () => (await world.writtenTag()) === second);
    await world.wait('the rollout', () => world.runningImage() === `${world.image}:${second}`);
  });
  afterEach(() => assert.deepEqual(world.bugs, []));
  after(() => world.stop());

  it('writes what the policy selected, with the message of its template', async () => {
    await world.wait('a rest', () => automation('Ready')?.status === 'True');
    const status = world.get('ImageUpdateAutomation')?.status;
    assert.equal(automation('Ready')?.message, 'repository up-to-date');
    assert.equal(textAt(status, 'observedPolicies', 'backend', 'tag'), second);
    assert.match(textAt(status, 'lastPushCommit') ?? '', /^[0-9a-f]{40}$/);
    assert.match(textAt(status, 'observedSourceRevision') ?? '', /^main@sha1:[0-9a-f]{40}$/);
    assert.deepEqual(await world.log(), ['fluxcdbot: chore: update backend', 'Ada: first']);
    assert.equal(await world.lastMessage(), `chore: update backend\n\n- ${first} -> ${second}\n`);
  });

  it('undoes a plain revert and says nothing about it', async () => {
    const count = await botCommits();
    await world.push('Revert "update backend"', { [overlay]: write(first) });
    await world.wait('the revert to be undone', async () => (await world.writtenTag()) === second);
    assert.equal(await botCommits(), count + 1);
    assert.equal(automation('Ready')?.message, 'repository up-to-date');
    assert.equal(automation('Stalled'), undefined);
  });

  it('undoes a revert while policy and repository are suspended', async () => {
    await world.push('suspend', {
      'apps/production/image-policy.yaml': (text) => text.replace('spec:\n', 'spec:\n  suspend: true\n'),
      'clusters/lab/images.yaml': (text) => text.replace('spec:\n', 'spec:\n  suspend: true\n'),
    });
    await world.wait(
      'both to be suspended',
      () =>
        world.get('ImagePolicy')?.spec?.['suspend'] === true &&
        world.get('ImageRepository', 'backend', 'flux-system')?.spec?.['suspend'] === true,
    );
    await world.push('revert', { [overlay]: write(first) });
    await world.wait('the revert to be undone', async () => (await world.writtenTag()) === second);
    const policy = world.get('ImagePolicy');
    assert.equal(textAt(policy, 'status', 'latestRef', 'tag'), second);
    assert.ok(policy !== undefined && conditionOf(policy, 'Ready')?.status === 'True');
    await world.push('resume', {
      'apps/production/image-policy.yaml': (text) => text.replace('  suspend: true\n', ''),
      'clusters/lab/images.yaml': (text) => text.replace('  suspend: true\n', ''),
    });
  });

  it('writes the earlier tag when the newer one is excluded, and keeps it', async () => {
    const count = await botCommits();
    await world.push('exclude', {
      'clusters/lab/images.yaml': (text) =>
        text.replace(
          'spec:\n',
          () => "spec:\n  exclusionList:\n    - '^.*\\.sig$'\n    - '^production-v0\\.0\\.2-200$'\n",
        ),
    });
    await world.wait('the earlier tag in Git', async () => (await world.writtenTag()) === first);
    await world.wait('the earlier tag to run', () => world.runningImage() === `${world.image}:${first}`);
    await runs(3);
    assert.equal(await world.writtenTag(), first);
    assert.equal(await botCommits(), count + 1);
    assert.equal(textAt(world.get('ImagePolicy'), 'status', 'observedPreviousRef', 'tag'), second);
  });

  it('takes the next tag by itself after an exclusion', async () => {
    await world.pushTag('production-v0.0.3-300');
    await world.wait('the next tag in Git', async () => (await world.writtenTag()) === 'production-v0.0.3-300');
    await world.wait('the next tag to run', () => world.runningImage()?.endsWith(':production-v0.0.3-300') === true);
  });

  it('leaves a line without its marker alone, and looks up-to-date', async () => {
    await world.push('drop the marker', { [overlay]: (text) => write(first)(text).replace(/ # \{.*\}/, '') });
    await runs(2);
    assert.equal(await world.writtenTag(), first);
    assert.equal(automation('Ready')?.message, 'repository up-to-date');
    await world.push('restore the marker', {
      [overlay]: (text) => text.replace(/(newTag: \S+)/, '$1 # {"$imagepolicy": "production:backend:tag"}'),
    });
    await world.wait('the newest tag again', async () => (await world.writtenTag()) === 'production-v0.0.3-300');
  });

  it('does nothing while it is suspended, and does not even note a request', async () => {
    await world.push('suspend', {
      'apps/production/automation.yaml': (text) => text.replace('spec:\n', 'spec:\n  suspend: true\n'),
    });
    // A run that began before the suspension ends first.
    await world.wait('the suspension', () => {
      const object = world.get('ImageUpdateAutomation');
      return object?.spec?.['suspend'] === true && object.status?.['observedGeneration'] === object.metadata.generation;
    });
    const { observedGeneration: _, ...before } = world.get('ImageUpdateAutomation')?.status ?? {};
    await world.nudge('ImageUpdateAutomation');
    const revert = await world.push('revert', { [overlay]: write(first) });
    await world.wait('the revert to be applied', () =>
      textAt(world.get('Kustomization', 'apps-production', 'flux-system'), 'status', 'lastAppliedRevision')?.endsWith(
        revert,
      ),
    );
    const { observedGeneration, ...after } = world.get('ImageUpdateAutomation')?.status ?? {};
    assert.deepEqual(after, before);
    assert.equal(observedGeneration, world.get('ImageUpdateAutomation')?.metadata.generation);
    await world.push('resume', {
      'apps/production/automation.yaml': (text) => text.replace('  suspend: true\n', ''),
    });
    await world.wait('the newest tag again', async () => (await world.writtenTag()) === 'production-v0.0.3-300');
  });

  it('stalls over a removed template field as soon as there is something to commit', async () => {
    await world.push('old template', {
      'apps/production/automation.yaml': (text) => text.replace('.Changed.Changes', '.Updated.Images'),
    });
    await world.wait('the old template', () =>
      JSON.stringify(world.get('ImageUpdateAutomation')?.spec).includes('.Updated'),
    );
    await runs(1);
    assert.equal(automation('Stalled'), undefined); // nothing to commit: it looks healthy
    await world.push('revert', { [overlay]: write(first) });
    const stalled = await world.wait('the stall', () => automation('Stalled'));
    assert.equal(stalled.reason, 'RemovedTemplateField');
    assert.match(stalled.message, /^template uses removed '\.Updated' field\. Please use '\.Changed' instead\. See: /);
    assert.equal(await world.writtenTag(), first);
    await world.push('new template', {
      'apps/production/automation.yaml': (text) => text.replace('.Updated.Images', '.Changed.Changes'),
    });
    await world.wait('the newest tag again', async () => (await world.writtenTag()) === 'production-v0.0.3-300');
    await world.wait('the stall to end', () => automation('Stalled') === undefined);
  });

  it('shows a failing checkout and recovers', async () => {
    await world.push('wrong branch', {
      'apps/production/automation.yaml': (text) =>
        text.replace('        branch: main\n    commit', '        branch: nope\n    commit'),
    });
    const ready = await world.wait('the failure', () => {
      const found = automation('Ready');
      return found?.status === 'False' ? found : undefined;
    });
    assert.equal(ready.reason, 'GitOperationFailed');
    assert.match(
      ready.message,
      /^failed to checkout source: unable to clone 'http:\/\/\S+\/flux\.git': reference not found$/,
    );
    assert.equal(automation('Reconciling')?.reason, 'ProgressingWithRetry');
    await world.push('right branch', {
      'apps/production/automation.yaml': (text) => text.replace('branch: nope', 'branch: main'),
    });
    await world.wait('the recovery', () => automation('Ready')?.status === 'True');
    assert.equal(automation('Reconciling'), undefined);
  });
});
