// What the lab cannot be made to say, and what no API ought to say: facts in, faults out.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hearWitnesses } from '../../../src/fleet/explain/enrich';
import { formatExplanation } from '../../../src/fleet/explain/explanationText';
import { known, unknown } from '../../../src/model/reading';
import { failing, type Json, objectsWith, withStatus } from './edits';
import { explained, said } from './explained';
import {
  commit,
  editObject,
  image,
  minute,
  now,
  type Shop,
  shopFacts,
  shopFiles,
  shopObjects,
  tags,
  tip,
} from './shop';

const working = (message: string): Json => ({ type: 'Reconciling', status: 'True', reason: 'Progressing', message });
const reconciling = (message: string): Json => ({
  conditions: [working(message), { type: 'Ready', status: 'Unknown', reason: 'Progressing', message }],
});

const deployment = 'Deployment production/backend';
const progressing = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: '' };

/** A pod of production's Deployment, and the ReplicaSet between them. */
function withPod(podStatus: Json): readonly Json[] {
  const owner = (kind: string, name: string, uid: string) => [{ kind, name, uid }];
  const container = { name: 'app', image: `${image}:${tags.production1}` };
  return [
    ...objectsWith(deployment, { readyReplicas: 1, availableReplicas: 1, conditions: [progressing] }),
    {
      kind: 'ReplicaSet',
      metadata: {
        name: 'backend-1',
        namespace: 'production',
        uid: 'set',
        ownerReferences: owner('Deployment', 'backend', 'Deployment-production-backend'),
      },
      spec: { template: { spec: { containers: [container] } } },
    },
    {
      kind: 'Pod',
      metadata: {
        name: 'backend-1-a',
        namespace: 'production',
        ownerReferences: owner('ReplicaSet', 'backend-1', 'set'),
      },
      spec: { containers: [container] },
      status: podStatus,
    },
  ];
}

describe('an explanation', () => {
  it('says that nothing is wrong', () => {
    const explanation = explained(shopFacts());
    assert.deepEqual([explanation.verdict, explanation.faults], ['delivered', []]);
    assert.match(formatExplanation(explanation), /^backend in production: nothing is wrong/);
  });

  const rows: readonly [string, Shop, readonly string[]][] = [
    [
      'a quota',
      {
        objects: objectsWith(deployment, {
          conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }],
        }),
      },
      ['rolled out quota failed'],
    ],
    [
      'a paused rollout',
      {
        objects: objectsWith(deployment, {
          conditions: [{ type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: '' }],
        }),
      },
      ['rolled out rollout-paused failed'],
    ],
    [
      'a pod that no node takes',
      {
        objects: withPod({
          phase: 'Pending',
          conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }],
        }),
      },
      ['rolled out unschedulable failed'],
    ],
    [
      'a rollout past its deadline',
      {
        objects: objectsWith(deployment, {
          conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'late' }],
        }),
      },
      ['rolled out rollout-failed failed'],
    ],
    [
      'a rollout under way',
      { objects: objectsWith(deployment, { updatedReplicas: 1, conditions: [progressing] }) },
      ['rolled out rollout-going waiting'],
    ],
    [
      'a source that may not log in',
      { objects: objectsWith('GitRepository flux-system/flux-system', failing('AuthenticationFailed', 'denied')) },
      ['fetched source-unauthorized failed'],
    ],
    [
      'a digest that cannot be read',
      { objects: objectsWith('ImagePolicy production/backend', failing('Failed', 'failed fetching digest')) },
      ['selected policy-no-digest failed'],
    ],
    [
      'a policy without a known reason',
      { objects: objectsWith('ImagePolicy production/backend', failing('', '')) },
      ['selected policy-failed failed'],
    ],
    [
      'pruning',
      { objects: objectsWith('Kustomization flux-system/apps-production', failing('PruneFailed', 'finalizer')) },
      ['applied prune-failed failed'],
    ],
    [
      'an artifact without the path',
      { objects: objectsWith('Kustomization flux-system/apps-production', failing('ArtifactFailed', 'no such path')) },
      ['applied artifact-failed failed'],
    ],
    [
      'a reason of a later Flux',
      { objects: objectsWith('Kustomization flux-system/apps-production', failing('Novel', 'new words')) },
      ['applied kustomization-failed failed'],
    ],
    [
      'an image that left the registry',
      { registry: known({ tags: [tags.staging2], digests: new Map() }, now) },
      ['published tag-missing failed'],
    ],
    [
      'a tag that is newer than what was read of the registry',
      { registry: known({ tags: [tags.staging2], digests: new Map() }, now - 24 * 60 * minute) },
      ['published registry-behind waiting'],
    ],
    [
      'a Kustomization at work',
      { objects: objectsWith('Kustomization flux-system/apps-production', { conditions: [working('Building')] }) },
      ['applied apply-pending waiting'],
    ],
    [
      'a foreign tag that is written and runs',
      {
        files: Object.fromEntries(
          Object.entries(shopFiles()).map(([file, text]) => [
            file,
            file === 'apps/production/kustomization.yaml' ? text.replace(tags.production1, tags.staging2) : text,
          ]),
        ),
        objects: editObject(
          objectsWith('ImagePolicy production/backend', { latestRef: { name: image, tag: tags.staging2 } }),
          deployment,
          (object) => ({
            ...object,
            spec: {
              replicas: 2,
              template: { spec: { containers: [{ name: 'app', image: `${image}:${tags.staging2}` }] } },
            },
          }),
        ),
      },
      ['written tag-crosses failed'],
    ],
    [
      'a scan under way',
      { objects: objectsWith('ImageRepository flux-system/backend', reconciling('scanning')) },
      ['scanned scan-pending waiting'],
    ],
    [
      'a policy that has selected nothing yet',
      { objects: objectsWith('ImagePolicy production/backend', { latestRef: undefined }) },
      ['selected policy-pending waiting'],
    ],
    [
      'a policy under way',
      { objects: objectsWith('ImagePolicy production/backend', reconciling('selecting')) },
      ['selected policy-pending waiting'],
    ],
    [
      'an automation that runs at its interval',
      {
        objects: objectsWith('ImagePolicy production/backend', { latestRef: { name: image, tag: tags.production0 } }),
      },
      ['written automation-pending waiting'],
    ],
    [
      'an automation with a reason of a later Flux',
      {
        objects: editObject(
          objectsWith('ImagePolicy production/backend', { latestRef: { name: image, tag: tags.production0 } }),
          'ImageUpdateAutomation production/backend',
          (object) => withStatus(object, failing('Novel', 'new words')),
        ),
      },
      ['written automation-failed failed'],
    ],
    [
      'a source that has fetched nothing yet',
      { objects: objectsWith('GitRepository flux-system/flux-system', { artifact: undefined }) },
      ['fetched source-pending waiting'],
    ],
    [
      'a revision that is being applied',
      {
        objects: objectsWith('Kustomization flux-system/apps-production', {
          lastAppliedRevision: `main@sha1:${'b'.repeat(40)}`,
          lastAttemptedRevision: `main@sha1:${'b'.repeat(40)}`,
        }),
      },
      ['applied apply-pending waiting'],
    ],
    [
      'the wait for what was applied to become healthy',
      {
        objects: objectsWith('Kustomization flux-system/apps-production', {
          lastAttemptedRevision: `main@sha1:${tip}`,
          conditions: [
            {
              type: 'Reconciling',
              status: 'True',
              reason: 'Progressing',
              message: `Running health checks for revision main@sha1:${tip} with a timeout of 5m0s`,
            },
            {
              type: 'Healthy',
              status: 'Unknown',
              reason: 'Progressing',
              message: `Running health checks for revision main@sha1:${tip} with a timeout of 5m0s`,
            },
            {
              type: 'Ready',
              status: 'Unknown',
              reason: 'Progressing',
              message: `Running health checks for revision main@sha1:${tip} with a timeout of 5m0s`,
            },
          ],
        }),
      },
      ['applied health-waiting waiting'],
    ],
    [
      'a workload that is not there yet',
      { objects: shopObjects().filter((object) => object['kind'] !== 'Deployment') },
      ['rolled out workload-missing waiting'],
    ],
    [
      'a workload that does not run the written tag yet',
      {
        objects: editObject(shopObjects(), deployment, (object) => ({
          ...object,
          spec: {
            replicas: 2,
            template: { spec: { containers: [{ name: 'app', image: `${image}:${tags.production0}` }] } },
          },
        })),
        recent: [],
      },
      ['rolled out workload-behind waiting'],
    ],
  ];
  for (const [name, shop, faults] of rows) {
    it(`names ${name}, and only it, with a command to begin with`, () => {
      assert.deepEqual(said(shop), faults);
      for (const { steps } of explained(shopFacts(shop)).faults)
        for (const { command } of steps) assert.match(command, /^(?:flux|kubectl|git) /);
    });
  }

  it('blames a missing ImageRepository on the policy’s reference where nobody may look at it', () => {
    const objects = objectsWith(
      'ImagePolicy production/backend',
      failing('DependencyNotReady', 'referenced ImageRepository does not exist'),
    );
    const facts = shopFacts({ objects });
    const lab = facts.clusters.get('lab');
    assert.ok(lab !== undefined);
    const problem = { code: 'cluster-forbidden', message: 'You may not.' } as const;
    const clusters = new Map([['lab', { ...lab, imageRepositories: unknown<never>(problem) }]]);
    const { faults } = explained({ ...facts, clusters });
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['policy-no-repository'],
    );
  });

  it('takes a failed automation for what it is only while something is to be written', () => {
    const update = 'ImageUpdateAutomation production/backend';
    const broken = objectsWith(update, failing('UpdateFailed', 'walking path'));
    assert.deepEqual(said({ objects: broken }), []);
    const behind = editObject(broken, 'ImagePolicy production/backend', (object) =>
      withStatus(object, { latestRef: { name: image, tag: tags.production0 } }),
    );
    assert.deepEqual(said({ objects: behind }), ['written automation-update failed']);
  });

  it('calls a workload that a health check has given up on the cause', () => {
    const message = "timeout waiting for: [Deployment/production/backend status: 'InProgress']";
    const objects = editObject(
      objectsWith(deployment, { updatedReplicas: 1, conditions: [progressing] }),
      'Kustomization flux-system/apps-production',
      (object) => withStatus(object, failing('HealthCheckFailed', message)),
    );
    assert.deepEqual(said({ objects }), ['rolled out rollout-going failed']);
  });

  it('shows several independent faults, the first one first', () => {
    const objects = editObject(
      objectsWith(deployment, {
        conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }],
      }),
      'ImageRepository flux-system/backend',
      (object) => withStatus(object, failing('ReadOperationFailed', 'scan failed: UNAUTHORIZED: no')),
    );
    assert.deepEqual(said({ objects }), ['scanned scan-unauthorized failed', 'rolled out quota failed']);
  });

  it('hears the events of the first fault and the commit that last changed its file', async () => {
    const objects = objectsWith(
      'ImagePolicy production/backend',
      failing('Failure', 'version list argument cannot be empty'),
    );
    const event = {
      type: 'Warning',
      reason: 'Failure',
      message: 'again',
      count: 7,
      reporter: 'image-reflector',
    } as const;
    const line = (level: string, at: number, name: string, error?: string) =>
      JSON.stringify({
        level,
        ts: new Date(now - at * minute).toISOString(),
        msg: 'Reconciler error',
        controllerKind: 'ImagePolicy',
        name,
        namespace: 'production',
        error,
      });
    const lines = [
      line('info', 5, 'backend'),
      line('error', 4, 'backend', 'no tag'),
      line('error', 3, 'other', 'of another'),
      line('error', 2, 'backend', 'no tag'),
      'no JSON, and not about it',
    ];
    const made = { ...commit('d'.repeat(40), 3, 'ann'), parents: [tip] };
    const full = await hearWitnesses(
      explained(shopFacts({ objects })),
      {
        events: ({ kind }) => (kind === 'ImagePolicy' ? Promise.resolve([event]) : Promise.resolve([])),
        log: (controller) =>
          Promise.resolve(controller === 'image-reflector-controller' ? [{ pod: 'reflector-1', lines }] : []),
        lastCommit: (file) => Promise.resolve(file === 'apps/production/image.yaml' ? made : undefined),
      },
      () => assert.fail(),
    );
    const text = formatExplanation(full);
    assert.match(text, /Event by image-reflector, Warning: Failure: again \(7 times\)/);
    assert.match(text, /Log of reflector-1: Reconciler error: no tag \(2 min ago\)/);
    assert.equal(text.split('Log of reflector-1').length, 2);
    assert.match(text, /Last change of the file, by ann: ddddddd commit ddddddd/);
    assert.match(text, /git pull && git revert --no-edit d{40} && git push/);
    assert.match(text, /flux.*|kubectl -n production describe imagepolicies\.image\.toolkit\.fluxcd\.io backend/);
  });
});
