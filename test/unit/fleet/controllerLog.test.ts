import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { controllerOf, parseLogLine } from '../../../src/fleet/controllerLog';
import { formatJournal } from '../../../src/fleet/journalFormat';
import { partsOfWorkload } from '../../../src/fleet/partsOfWorkload';
import { known } from '../../../src/model/reading';
import { clusterOf, now } from './shop';

const object = { kind: 'GitRepository', namespace: 'flux-system', name: 'flux-system' };
const pod = 'source-controller-1';

/** As source-controller 1.9 writes it. */
const line = (change: object = {}): string =>
  JSON.stringify({
    level: 'info',
    ts: '2026-11-23T12:00:00.123Z',
    msg: 'no changes since last reconcilation',
    controller: 'gitrepository',
    controllerGroup: 'source.toolkit.fluxcd.io',
    controllerKind: 'GitRepository',
    GitRepository: { name: 'flux-system', namespace: 'flux-system' },
    namespace: 'flux-system',
    name: 'flux-system',
    reconcileID: '1',
    ...change,
  });

describe('parseLogLine', () => {
  it('takes the time, the level and the words of a line about the object', () => {
    assert.deepEqual(parseLogLine(line(), pod, object), {
      at: now + 123,
      level: 'info',
      source: pod,
      text: 'no changes since last reconcilation',
    });
    const error = line({ level: 'error', msg: 'Reconciler error', error: 'failed to checkout' });
    assert.deepEqual(parseLogLine(error, pod, object), {
      at: now + 123,
      level: 'error',
      source: pod,
      text: 'Reconciler error: failed to checkout',
    });
  });

  it('leaves lines about others alone, also of the same name in another namespace or kind', () => {
    for (const change of [{ name: 'other' }, { namespace: 'other' }, { controllerKind: 'Bucket' }]) {
      assert.equal(parseLogLine(line(change), pod, object), undefined);
    }
  });

  it('bears with a time that is none, an older key for the kind, plain text and half a line', () => {
    const old = line({ ts: 'yesterday', controllerKind: undefined, 'reconciler kind': 'GitRepository' });
    assert.deepEqual(parseLogLine(old, pod, object), {
      level: 'info',
      source: pod,
      text: 'no changes since last reconcilation',
    });
    const text = 'I1123 GitRepository flux-system/flux-system stored artifact';
    assert.equal(parseLogLine(text, pod, object)?.text, text);
    assert.equal(parseLogLine('starting manager', pod, object), undefined);
    assert.equal(parseLogLine(line().slice(0, 40), pod, object), undefined);
    assert.equal(parseLogLine('', pod, object), undefined);
  });
});

describe('controllerOf', () => {
  it('is nobody for what Flux does not reconcile', () => {
    assert.equal(controllerOf('ImageUpdateAutomation'), 'image-automation-controller');
    assert.equal(controllerOf('Deployment'), undefined);
  });
});

describe('formatJournal', () => {
  it('is in the order of time, with what could not be seen above', () => {
    const text = formatJournal(
      object,
      'lab',
      ['Events are not shown: no.'],
      [
        { at: now + 1000, level: 'error', source: pod, text: 'second\nline' },
        { at: now, level: 'info', source: 'event', text: 'first' },
        { level: 'info', source: pod, text: 'no time' },
      ],
    );
    assert.deepEqual(text.split('\n').slice(1), [
      '$ kubectl --context lab -n flux-system get events --field-selector involvedObject.kind=GitRepository,involvedObject.name=flux-system',
      '$ flux --context lab logs --kind=GitRepository --name=flux-system --namespace=flux-system',
      '! Events are not shown: no.',
      '',
      `(no time) [info] ${pod}: no time`,
      '2026-11-23T12:00:00.000Z [info] event: first',
      `2026-11-23T12:00:01.000Z [error] ${pod}: second`,
      '    line',
      '',
    ]);
    assert.match(formatJournal(object, 'lab', [], []), /\nNothing was said about it yet\./);
  });
});

describe('partsOfWorkload', () => {
  const owned = (kind: string, name: string, owner: readonly [kind: string, name: string]) => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: {
      name,
      namespace: 'production',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: owner[0], name: owner[1], uid: owner[1] }],
    },
    spec: {},
  });
  const cluster = clusterOf([
    owned('ReplicaSet', 'backend-1', ['Deployment', 'backend']),
    owned('ReplicaSet', 'other-1', ['Deployment', 'other']),
    owned('Pod', 'backend-1-a', ['ReplicaSet', 'backend-1']),
    owned('Pod', 'other-1-a', ['ReplicaSet', 'other-1']),
  ]);

  it('is a Deployment’s ReplicaSets and their pods', () => {
    const parts = partsOfWorkload({ kind: 'Deployment', namespace: 'production', name: 'backend' }, cluster);
    assert.deepEqual(
      parts.map(({ kind, name }) => `${kind} ${name}`),
      ['ReplicaSet backend-1', 'Pod backend-1-a'],
    );
    assert.deepEqual(partsOfWorkload({ kind: 'Deployment', namespace: 'staging', name: 'backend' }, cluster), []);
  });

  it('is nothing for other kinds, and while the cluster is silent', () => {
    assert.deepEqual(partsOfWorkload({ kind: 'ImagePolicy', namespace: 'production', name: 'backend' }, cluster), []);
    assert.deepEqual(partsOfWorkload({ kind: 'Deployment', namespace: 'production', name: 'backend' }, undefined), []);
    const silent = { ...cluster, replicaSets: known([], now) };
    assert.deepEqual(partsOfWorkload({ kind: 'Deployment', namespace: 'production', name: 'backend' }, silent), []);
  });
});
