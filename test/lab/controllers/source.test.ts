import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { numberAt, textAt } from '../../../src/lab/cluster/json';
import { conditionOf } from '../../../src/lab/controllers/conditions';
import { drawPorts } from '../../live/stack/ports';
import { patience, startWorld, type World } from './world';

const sourceRef = { kind: 'GitRepository', namespace: 'flux-system', name: 'flux-system' };
const newest = 'production-v0.0.2-200';

type SpecChange = Readonly<Record<string, string | null | Readonly<Record<string, string | null>>>>;

describe('source controller and what follows it', function () {
  this.timeout(patience.testMs);
  let world: World;

  const source = (type: string) => {
    const object = world.get('GitRepository', 'flux-system', 'flux-system');
    return object === undefined ? undefined : conditionOf(object, type);
  };
  const change = async (spec: SpecChange): Promise<void> => {
    await world.patch(sourceRef, { type: 'merge', body: { spec } }, 'test');
  };
  const revision = () =>
    textAt(world.get('GitRepository', 'flux-system', 'flux-system'), 'status', 'artifact', 'revision');

  before(async () => {
    world = await startWorld({ tags: ['production-v0.0.1-100', newest] });
    await world.wait('the first write-back', async () => (await world.writtenTag()) === newest);
    const [head] = await world.log('main', '%H');
    await world.wait('a rest', () => revision() === `main@sha1:${head}` && source('Ready')?.status === 'True');
  });
  afterEach(() => assert.deepEqual(world.bugs, []));
  after(() => world.stop());

  it('describes the artifact that it stored', async () => {
    await world.wait('an artifact', () => revision());
    const object = world.get('GitRepository', 'flux-system', 'flux-system');
    assert.equal(source('Ready')?.message, `stored artifact for revision '${revision()}'`);
    assert.equal(source('ArtifactInStorage')?.reason, 'Succeeded');
    assert.match(textAt(object, 'status', 'artifact', 'digest') ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.ok((numberAt(object, 'status', 'artifact', 'size') ?? 0) > 0);
  });

  it('says what it cannot fetch, keeps the last artifact, and recovers', async () => {
    const before = revision();
    const [port = 0] = await drawPorts(1);
    const failures: readonly (readonly [SpecChange, RegExp])[] = [
      [
        { ref: { branch: 'nope' } },
        /^failed to checkout and determine revision: unable to clone '.*': couldn't find remote ref "refs\/heads\/nope"$/,
      ],
      [{ ref: { branch: 'main' }, url: world.gitUrl.replace('flux.git', 'none.git') }, /: repository not found: $/],
      [{ url: `http://127.0.0.1:${port}/flux.git` }, /: dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/],
    ];
    for (const [spec, message] of failures) {
      await change(spec);
      // While it tries again, the failure stands beside a plain Progressing.
      const failed = await world.wait('the failure', () => {
        const found = source('FetchFailed');
        const isBetweenTries = source('Reconciling')?.reason === 'ProgressingWithRetry';
        return found !== undefined && message.test(found.message) && isBetweenTries ? found : undefined;
      });
      assert.equal(failed.reason, 'GitOperationFailed');
      assert.equal(source('Ready')?.message, failed.message);
      assert.equal(revision(), before);
    }
    await change({ url: world.gitUrl });
    await world.wait('the recovery', () => source('Ready')?.status === 'True');
    assert.equal(source('FetchFailed'), undefined);
  });

  it('notes a request while it is suspended, and looks at nothing', async () => {
    const [head] = await world.log('main', '%H');
    const before = await world.wait('the newest revision', () => revision() === `main@sha1:${head}` && revision());
    await world.patch(sourceRef, { type: 'merge', body: { spec: { suspend: true } } }, 'test');
    await world.push('unseen', { 'note.txt': () => 'x' });
    await world.nudge('GitRepository', 'flux-system', 'flux-system', 'while suspended');
    await world.wait(
      'the request',
      () =>
        textAt(world.get('GitRepository', 'flux-system', 'flux-system'), 'status', 'lastHandledReconcileAt') ===
        'while suspended',
    );
    assert.equal(revision(), before);
    await world.patch(sourceRef, { type: 'merge', body: { spec: { suspend: null } } }, 'test');
    await world.wait('the new revision', () => revision() !== before);
  });

  it('makes a Kustomization wait for the one that it depends on', async () => {
    const ready = (name: string) => {
      const object = world.get('Kustomization', name, 'flux-system');
      return object === undefined ? undefined : conditionOf(object, 'Ready');
    };
    await world.push('a dependency', {
      'clusters/lab/apps.yaml': (text) =>
        `${text}---\n${text.replace('name: apps-production', 'name: later').replace('./apps/production', './later').replace('spec:\n', 'spec:\n  dependsOn:\n    - name: missing\n')}`,
      'later/map.yaml': () => 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: later\n  namespace: production\n',
    });
    const waiting = await world.wait('the wait', () =>
      ready('later')?.status === 'False' ? ready('later') : undefined,
    );
    assert.equal(waiting.reason, 'DependencyNotReady');
    assert.match(waiting.message, /^dependency 'flux-system\/missing' not found: /);
    assert.equal(world.get('ConfigMap', 'later'), undefined);
    await world.push('the right name', {
      'clusters/lab/apps.yaml': (text) => text.replace('- name: missing', '- name: apps-production'),
    });
    await world.wait('the map', () => world.get('ConfigMap', 'later'));
  });

  it('pushes to a branch of its own, and goes on there while it lies', async () => {
    const automation = 'apps/production/automation.yaml';
    await world.push('a push branch', {
      [automation]: (text) => text.replace('push:\n      branch: main', 'push:\n      branch: updates'),
    });
    await world.wait(
      'the new spec',
      () => textAt(world.get('ImageUpdateAutomation'), 'spec', 'git', 'push', 'branch') === 'updates',
    );
    for (const tag of ['production-v0.0.3-300', 'production-v0.0.4-400']) {
      await world.pushTag(tag);
      await world.wait(`${tag} on the branch`, async () =>
        (await world.remoteText('apps/production/kustomization.yaml', 'updates')).includes(`newTag: ${tag} `),
      );
    }
    assert.equal(await world.writtenTag(), newest);
    const subjects = (await world.log('main..updates')).map((line) => line.split(':')[0]);
    assert.deepEqual(subjects, ['fluxcdbot', 'fluxcdbot']);
  });
});
