// Between Git and the workload: what a source and a Kustomization say that the lab's cannot be brought to, and what to do then.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { LinkFault } from '../../../src/fleet/explain/explanation';
import { failing, type Json, objectsWith, withSpec, withStatus } from './edits';
import { explained } from './explained';
import { editObject, image, minute, now, shopFacts, shopFiles, shopObjects, tip } from './shop';

const source = 'GitRepository flux-system/flux-system';
const apps = 'Kustomization flux-system/apps-production';
const overlay = 'apps/production/kustomization.yaml';
const older = `main@sha1:${'b'.repeat(40)}`;

function firstOf(objects: readonly Json[]): LinkFault {
  const [first, ...others] = explained(shopFacts({ objects })).faults;
  assert.ok(first !== undefined);
  assert.deepEqual(others, []);
  return first;
}

function kustomization(name: string, status: Json, spec: Json = {}): Json {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'flux-system', generation: 1 },
    spec: { sourceRef: { kind: 'GitRepository', name: 'flux-system' }, ...spec },
    status: { observedGeneration: 1, ...status },
  };
}

const waitingFor = (name: string): Json =>
  failing('DependencyNotReady', `dependency 'flux-system/${name}' is not ready`);

/** Production's Kustomization waits for `infra`. */
function dependent(...others: readonly Json[]): readonly Json[] {
  const waiting = editObject(objectsWith(apps, waitingFor('infra')), apps, (one) =>
    withSpec(one, { dependsOn: [{ name: 'infra' }] }),
  );
  return [...waiting, ...others];
}

const atWork: Json = {
  conditions: [
    { type: 'Reconciling', status: 'True', reason: 'Progressing', message: 'Building manifests' },
    { type: 'Ready', status: 'Unknown', reason: 'Progressing', message: 'Reconciliation in progress' },
  ],
};

describe('a source', () => {
  const conditions: readonly (readonly [type: string, status: string, reason: string, remedy: RegExp])[] = [
    ['SourceVerified', 'False', 'VerificationError', /the Secret in `spec\.verify\.secretRef` exists/],
    ['StorageOperationFailed', 'True', 'ArchiveOperationFailed', /see its volume and its log/],
    ['IncludeUnavailable', 'True', 'NotFound', /GitRepository that `spec\.include` names/],
    ['FetchFailed', 'True', 'GitOperationFailed', /a login, a certificate, known hosts/],
  ];
  for (const [type, status, reason, remedy] of conditions) {
    it(`that fails by ${type} is told what to do about that`, () => {
      const said = { type, status, reason, message: 'no' };
      const fault = firstOf(objectsWith(source, { conditions: [said, { ...said, type: 'Ready', status: 'False' }] }));
      assert.equal(fault.code, 'source-failed');
      assert.match(fault.remedy.text, remedy);
    });
  }

  const at = (minutesAgo: number): Json => ({
    artifact: {
      revision: `main@sha1:${'f'.repeat(40)}`,
      lastUpdateTime: new Date(now - minutesAgo * minute).toISOString(),
    },
  });
  const applied = { lastAppliedRevision: `main@sha1:${'f'.repeat(40)}` };
  const both = (minutesAgo: number) =>
    editObject(objectsWith(source, at(minutesAgo)), apps, (one) => withStatus(one, applied));

  it('has what the clone has not read yet, where it was fetched after the clone’s last commit', () => {
    assert.equal(explained(shopFacts({ objects: both(1) })).verdict, 'delivered');
  });

  it('has what the branch does not hold any more, where it was fetched before that', () => {
    const { code, text } = firstOf(both(60));
    assert.equal(code, 'source-behind');
    assert.match(text, /the cluster has f{7}, which the branch does not hold any more$/);
  });

  it('that takes Git tags of a range is done where the tip has one, and told to be tagged where not', () => {
    const ranged = (objects: readonly Json[]) =>
      editObject(objects, source, (one) => withSpec(one, { ref: { semver: '>=1.0.0' } }));
    assert.equal(explained(shopFacts({ objects: ranged(shopObjects()) })).verdict, 'delivered');
    const fault = firstOf(ranged(objectsWith(source, { artifact: { revision: older.replace('main', 'v1.0.0') } })));
    assert.equal(fault.code, 'source-pinned');
    assert.match(fault.remedy.text, /^Tag the commit/);
  });

  it('that is pinned to a commit beside its branch waits for nothing', () => {
    const pinned = { branch: 'main', commit: 'b'.repeat(40) };
    const { code, verdict } = firstOf(
      editObject(objectsWith(source, { artifact: { revision: older } }), source, (one) =>
        withSpec(one, { ref: pinned }),
      ),
    );
    assert.deepEqual([code, verdict], ['source-pinned', 'failed']);
  });

  it('and a Kustomization say so where a condition gives no reason', () => {
    const bare = { conditions: [{ type: 'Ready', status: 'False' }] };
    for (const object of [source, apps])
      assert.equal(firstOf(objectsWith(object, bare)).text, 'its condition Ready is False, and no reason is given');
  });

  it('that was suspended in the cluster is told by whom', () => {
    const managedFields = [
      { manager: 'flux', time: new Date(now - 30 * minute).toISOString(), fieldsV1: { 'f:spec': { 'f:suspend': {} } } },
    ];
    const objects = editObject(shopObjects(), source, (one) => ({
      ...withSpec(one, { suspend: true }),
      metadata: { ...(one['metadata'] as Json), managedFields },
    }));
    const { since, evidence } = firstOf(objects);
    assert.deepEqual([since, evidence[0]?.text], [now - 30 * minute, 'flux']);
  });
});

describe('a Kustomization', () => {
  it('that another one keeps waiting names the last of the row, and the command for that one', () => {
    const fault = firstOf(
      dependent(
        kustomization('infra', waitingFor('crds'), { dependsOn: [{ name: 'crds' }] }),
        kustomization('crds', failing('BuildFailed', 'kustomize build failed: boom')),
      ),
    );
    assert.deepEqual([fault.code, fault.verdict], ['dependency-waiting', 'failed']);
    assert.match(fault.remedy.text, /^Mend Kustomization flux-system\/crds;/);
    assert.match(fault.steps[0].command, / crds$/);
    assert.ok(fault.evidence.some(({ text }) => text === 'kustomize build failed: boom'));
  });

  it('only waits where what it depends on is at work', () => {
    const { code, verdict } = firstOf(dependent(kustomization('infra', atWork)));
    assert.deepEqual([code, verdict], ['dependency-waiting', 'waiting']);
  });

  it('is told of a circle that it waits in', () => {
    const infra = kustomization('infra', waitingFor('apps-production'), { dependsOn: [{ name: 'apps-production' }] });
    const { verdict, remedy } = firstOf(dependent(infra));
    assert.equal(verdict, 'failed');
    assert.match(remedy.text, /wait for each other in a circle/);
  });

  it('resumes what it depends on', () => {
    const infra = kustomization('infra', atWork, { suspend: true });
    assert.equal(firstOf(dependent(infra)).steps[0].command, 'flux resume kustomization infra -n flux-system');
  });

  it('has not failed where a newer revision has ended the wait for its health', () => {
    const { code, verdict } = firstOf(
      objectsWith(apps, failing('HealthCheckCanceled', 'New reconciliation triggered')),
    );
    assert.deepEqual([code, verdict], ['apply-pending', 'waiting']);
  });

  it('is quoted in one line', () => {
    const { text } = firstOf(objectsWith(apps, failing('ReconciliationFailed', 'cannot patch\n | here\n | ....^\n')));
    assert.equal(text, 'ReconciliationFailed: cannot patch | here | ....^');
  });

  it('that may not use a source of another namespace is told so', () => {
    assert.match(firstOf(objectsWith(apps, failing('AccessDenied', 'blocked'))).remedy.text, /a source into its own/);
  });

  it('that nobody applies for hours has its controller looked for', () => {
    const artifact = { revision: `main@sha1:${tip}`, lastUpdateTime: new Date(now - 180 * minute).toISOString() };
    const objects = editObject(objectsWith(apps, { lastAppliedRevision: older }), source, (one) =>
      withStatus(one, { artifact }),
    );
    const { verdict, remedy, steps } = firstOf(objects);
    assert.equal(verdict, 'waiting');
    assert.match(remedy.text, /^It is long overdue: see whether kustomize-controller runs\./);
    assert.equal(steps[0].command, 'kubectl get pods -A -l app=kustomize-controller');
  });

  it('that puts another image in place of the marked one beats the marker', () => {
    const objects = editObject(shopObjects(), apps, (one) =>
      withSpec(one, { images: [{ name: image, newName: 'mirror.example/backend' }] }),
    );
    const { code, text } = firstOf(objects);
    assert.equal(code, 'image-override-beats');
    assert.match(text, /puts mirror\.example\/backend over the image that is written$/);
  });

  const base = 'apps/base/deployment.yaml';
  const unmarked = (setter: string): Record<string, string> => {
    const files = shopFiles();
    const entry = files[overlay] ?? '';
    const manifest = files[base] ?? '';
    return {
      ...files,
      [overlay]: entry.replace(/ # \{.*\}/, ''),
      [base]: manifest.replace(/(image: .*)/, `$1 # {"$imagepolicy": "${setter}"}`),
    };
  };

  it('whose overlay puts an unmarked tag over the line that Flux writes is told so', () => {
    const { faults } = explained(shopFacts({ files: unmarked('production:backend') }));
    assert.deepEqual(
      faults.map(({ link, code, text, place }) => [link, code, text, place?.file]),
      [
        [
          'applied',
          'image-override-beats',
          `\`images\` of ${overlay} goes over the line that Flux writes in ${base}`,
          overlay,
        ],
      ],
    );
  });

  it('is sound where the shared base is marked for another environment: here a person chooses', () => {
    assert.deepEqual(explained(shopFacts({ files: unmarked('staging:backend') })).faults, []);
  });
});
