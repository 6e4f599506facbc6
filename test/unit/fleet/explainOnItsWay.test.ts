// What Git declares and the cluster has not got yet is a wait; what the cluster has come past without it is a fault.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hearWitnesses } from '../../../src/fleet/explain/enrich';
import { failing, type Json, withSpec, withStatus } from './edits';
import { explained, said } from './explained';
import { commit, editObject, type Shop, shopFacts, shopFiles, shopObjects, tags, tip } from './shop';

const own = 'Kustomization flux-system/apps-production';
const older = `main@sha1:${'b'.repeat(40)}`;
const unseen = `main@sha1:${'f'.repeat(40)}`;
const nameOf = ({ kind, metadata }: Json): string => {
  const { name, namespace } = metadata as { name: string; namespace: string };
  return `${String(kind)} ${namespace}/${name}`;
};
const without = (which: string, objects: readonly Json[] = shopObjects()): readonly Json[] =>
  objects.filter((object) => nameOf(object) !== which);
const at = (which: string, status: Json, objects: readonly Json[]): readonly Json[] =>
  editObject(objects, which, (object) => withStatus(object, status));

/** The shop with a cluster folder that a Kustomization of its own applies. */
function withRoot(status: Json | undefined): Required<Pick<Shop, 'files' | 'objects'>> {
  const sourceRef = { kind: 'GitRepository', name: 'flux-system' };
  const root = {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'flux-system', namespace: 'flux-system' },
    spec: { path: './clusters/lab', interval: '1m', prune: true, sourceRef },
  };
  const file = `apiVersion: ${root.apiVersion}
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
spec:
  path: ./clusters/lab
  prune: true
  interval: 1m
  sourceRef:
    kind: GitRepository
    name: flux-system
`;
  return {
    files: { ...shopFiles(), 'clusters/lab/root.yaml': file },
    objects: [...shopObjects(), ...(status === undefined ? [] : [{ ...root, status }])],
  };
}

describe('an object that Git declares and the cluster does not have', () => {
  const policy = 'ImagePolicy production/backend';
  const missing = without(policy);

  it('is a fault where its Kustomization has applied the commit', () => {
    assert.deepEqual(said({ objects: missing })[0], 'selected policy-missing failed');
  });

  const ahead = at('GitRepository flux-system/flux-system', { artifact: { revision: unseen } }, missing);
  const its = 'Kustomization flux-system/apps-production';
  const waits: readonly [what: string, objects: readonly Json[], text: string][] = [
    ['has applied an older commit', at(own, { lastAppliedRevision: older }, missing), `${its} has applied bbbbbbb`],
    [
      'has never applied anything',
      at(own, { lastAppliedRevision: undefined }, missing),
      `${its} has applied nothing yet`,
    ],
    [
      'is at work on a commit not seen here',
      at(own, { lastAttemptedRevision: unseen }, missing),
      `${its} is at work on fffffff`,
    ],
    ['has a source ahead of this clone', ahead, 'GitRepository flux-system/flux-system has fetched fffffff'],
  ];
  for (const [what, objects, says] of waits) {
    it(`is waited for while its Kustomization ${what}`, () => {
      const { faults, verdict } = explained(shopFacts({ objects }));
      assert.deepEqual(
        faults.map(({ code }) => code),
        ['policy-missing'],
      );
      assert.equal(verdict, 'waiting');
      assert.equal(
        faults[0]?.text,
        `ImagePolicy production/backend does not exist in the cluster: ${says}, the clone is at ${tip.slice(0, 7)}`,
      );
      assert.match(
        faults[0].steps[0].command,
        /^flux reconcile (?:kustomization apps-production|source git flux-system) /,
      );
    });
  }

  it('waits for its source, where that has not fetched the commit', () => {
    const behind = at(own, { lastAppliedRevision: older }, missing);
    const revision = `main@sha1:${'a'.repeat(40)}`;
    const objects = at('GitRepository flux-system/flux-system', { artifact: { revision } }, behind);
    const [fault] = explained(shopFacts({ objects })).faults;
    assert.equal(fault?.verdict, 'waiting');
    assert.match(fault.text, /: GitRepository flux-system\/flux-system has fetched aaaaaaa, the clone is at /);
    assert.equal(fault.steps[0].command, 'flux reconcile source git flux-system -n flux-system');
  });

  it('is a fault where its Kustomization applies no commit of Git', () => {
    const sourceRef = { kind: 'OCIRepository', name: 'apps' };
    const objects = editObject(
      at(own, { lastAppliedRevision: `latest@sha256:${'1'.repeat(64)}` }, missing),
      own,
      (one) => withSpec(one, { sourceRef }),
    );
    assert.deepEqual(said({ objects }), ['selected policy-missing failed']);
  });

  it('is told by what stops its Kustomization, where something does', () => {
    const behind = at(own, { lastAppliedRevision: older }, missing);
    const objects = editObject(behind, own, (object) => withSpec(object, { suspend: true }));
    assert.deepEqual(said({ objects }), ['applied kustomization-suspended failed']);
  });

  it('may be the automation, and the Kustomization itself', () => {
    const { objects, files } = withRoot({ lastAppliedRevision: older });
    const chosen = at(policy, { latestRef: { name: 'ghcr.io/acme/backend', tag: tags.production0 } }, objects);
    const behind = at(own, { lastAppliedRevision: older }, chosen);
    const writer = 'ImageUpdateAutomation production/backend';
    assert.deepEqual(said({ files, objects: without(writer, behind) }), ['written automation-missing waiting']);
    assert.deepEqual(said({ files, objects: without(own, objects) }), ['applied kustomization-missing waiting']);
    assert.deepEqual(said({ files, objects: without(policy, without(own, objects)) }), [
      'selected policy-missing waiting',
    ]);
  });

  it('is a fault where what applies its Kustomization has come to the commit, or does not go on', () => {
    const faulty = ['applied kustomization-missing failed'];
    for (const [status, suspend] of [
      [{ lastAppliedRevision: `main@sha1:${tip}` }, false],
      [{ lastAppliedRevision: older }, true],
      [undefined, false],
    ] as const) {
      const { files, objects } = withRoot(status);
      const root = editObject(objects, 'Kustomization flux-system/flux-system', (one) => withSpec(one, { suspend }));
      assert.deepEqual(said({ files, objects: without(own, root) }), faulty);
    }
    const { files, objects } = withRoot({ lastAppliedRevision: older });
    const source = failing('GitOperationFailed', 'no such host');
    const unfetched = at('GitRepository flux-system/flux-system', source, objects);
    assert.deepEqual(said({ files, objects: without(own, unfetched) }), faulty);
  });
});

describe('an automation that Git has moved to the marker', () => {
  const chosen = at(
    'ImagePolicy production/backend',
    { latestRef: { name: 'ghcr.io/acme/backend', tag: tags.production0 } },
    shopObjects(),
  );
  const beside = editObject(chosen, 'ImageUpdateAutomation production/backend', (one) =>
    withSpec(one, { update: { path: './apps/old', strategy: 'Setters' } }),
  );
  const lastCommit = () => Promise.resolve({ ...commit('d'.repeat(40), 1), parents: [tip] });
  const heard = (objects: readonly Json[]) =>
    hearWitnesses(explained(shopFacts({ objects })), { lastCommit }, () => assert.fail());

  it('is waited for, and the commit that moved it is not offered to be undone', async () => {
    const [fault] = (await heard(at(own, { lastAppliedRevision: older }, beside))).faults;
    assert.deepEqual([fault?.code, fault?.verdict], ['automation-path', 'waiting']);
    assert.doesNotMatch(JSON.stringify(fault?.steps), /revert/);
  });

  it('is at fault where the cluster has come to the commit', async () => {
    const [fault] = (await heard(beside)).faults;
    assert.deepEqual([fault?.code, fault?.verdict], ['automation-path', 'failed']);
    assert.match(JSON.stringify(fault?.steps), /revert --no-edit d{40}/);
  });
});

describe('an object that is being deleted', () => {
  const going = (which: string, more: readonly Json[] = shopObjects()): readonly string[] => {
    const objects = editObject(more, which, (one) => {
      const deletion = { deletionTimestamp: '2026-11-23T11:59:59Z', finalizers: ['finalizers.fluxcd.io'] };
      return { ...one, metadata: { ...(one['metadata'] as Json), ...deletion } };
    });
    return said({ objects }).slice(0, 1);
  };

  it('is on its way out while the cluster is ahead of this clone, and a fault where Git still has it', () => {
    const ahead = at('GitRepository flux-system/flux-system', { artifact: { revision: unseen } }, shopObjects());
    for (const [which, link] of [
      ['ImagePolicy production/backend', 'selected'],
      ['ImageUpdateAutomation production/backend', 'written'],
    ] as const) {
      assert.deepEqual(going(which, ahead), [`${link} object-deleting waiting`]);
      assert.deepEqual(going(which), [`${link} object-deleting failed`]);
    }
  });
});

describe('a Kustomization whose path is another one in Git', () => {
  const moved = (status: Json): readonly string[] => {
    const { files, objects } = withRoot(status);
    return said({ files, objects: editObject(objects, own, (one) => withSpec(one, { path: './apps/prod' })) });
  };

  it('is waited for while Git is not applied, and a fault after it', () => {
    assert.deepEqual(moved({ lastAppliedRevision: older }), ['applied kustomization-path waiting']);
    assert.deepEqual(moved({ lastAppliedRevision: `main@sha1:${tip}` }), ['applied kustomization-path failed']);
  });
});

describe('a policy that has found no tag', () => {
  const since = '2026-11-23T11:59:30Z';
  const message = "referenced ImageRepository 'flux-system/backend' has no tags in database";
  const conditions = [
    { type: 'Ready', status: 'False', reason: 'DependencyNotReady', message, lastTransitionTime: since },
  ];
  const objects = at('ImagePolicy production/backend', { latestRef: undefined, conditions }, shopObjects());
  const scan = (lastScanResult: Json | undefined): readonly string[] =>
    said({ objects: at('ImageRepository flux-system/backend', { lastScanResult }, objects) }).slice(0, 1);

  it('waits for the first scan, and for a look at what that has found', () => {
    const waiting = ['selected policy-pending waiting'];
    assert.deepEqual(scan(undefined), waiting);
    assert.deepEqual(scan({ tagCount: 4, scanTime: since }), waiting);
  });

  it('is a fault where the scan has found none, or what it found is gone', () => {
    const faulty = ['selected policy-no-tags failed'];
    assert.deepEqual(scan({ tagCount: 0, scanTime: '2026-11-23T11:59:50Z' }), faulty);
    assert.deepEqual(scan({ tagCount: 4, scanTime: '2026-11-23T11:59:00Z' }), faulty);
  });
});
