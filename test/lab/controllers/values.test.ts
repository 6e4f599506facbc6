import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type JsonObject, numberAt, textAt } from '../../../src/lab/cluster/json';
import type { KubeObject } from '../../../src/lab/cluster/object';
import { type Condition, withCondition } from '../../../src/lab/controllers/conditions';
import { checkoutOf, resolveCheckout } from '../../../src/lab/controllers/gitCheckout';
import { GitRemoteError, parseAdvertisement, readRefs } from '../../../src/lab/controllers/gitRemote';
import { inventoryEntry, refsOfInventory } from '../../../src/lab/controllers/inventory';
import { formatGoDuration, kstatusOf } from '../../../src/lab/controllers/kstatus';
import { withSnapshot } from '../../../src/lab/controllers/kustomizationHistory';
import { imageNameFault, listTags, parseImageName } from '../../../src/lab/controllers/registryReader';
import { checksumOf } from '../../../src/lab/controllers/tagDatabase';

const condition = (type: string, status: string, reason = 'X'): JsonObject => ({ type, status, reason, message: '' });

describe('kstatus', () => {
  const flux = (status: JsonObject): KubeObject => ({
    apiVersion: 'image.toolkit.fluxcd.io/v1',
    kind: 'ImagePolicy',
    metadata: { name: 'p', namespace: 'n', generation: 2 },
    status,
  });
  const cases: readonly (readonly [string, KubeObject, string])[] = [
    ['never seen', flux({ observedGeneration: -1 }), 'InProgress'],
    ['an old generation', flux({ observedGeneration: 1, conditions: [condition('Ready', 'True')] }), 'InProgress'],
    ['reconciling', flux({ observedGeneration: 2, conditions: [condition('Reconciling', 'True')] }), 'InProgress'],
    ['stalled', flux({ observedGeneration: 2, conditions: [condition('Stalled', 'True')] }), 'Failed'],
    ['not ready', flux({ observedGeneration: 2, conditions: [condition('Ready', 'False')] }), 'InProgress'],
    ['ready', flux({ observedGeneration: 2, conditions: [condition('Ready', 'True')] }), 'Current'],
    ['no condition', flux({}), 'Current'],
  ];
  for (const [name, object, expected] of cases)
    it(`calls ${name} ${expected}`, () => assert.equal(kstatusOf(object), expected));

  const rolled = {
    observedGeneration: 1,
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    conditions: [condition('Available', 'True'), condition('Progressing', 'True', 'NewReplicaSetAvailable')],
  };
  const deployment = (status: JsonObject): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'n', generation: 1 },
    spec: { replicas: 2, progressDeadlineSeconds: 600 },
    status: { ...rolled, ...status },
  });
  const rollouts: readonly (readonly [string, JsonObject, string])[] = [
    ['a finished rollout', {}, 'Current'],
    ['missing replicas', { replicas: 1 }, 'InProgress'],
    ['old replicas', { updatedReplicas: 1 }, 'InProgress'],
    ['surplus replicas', { replicas: 3 }, 'InProgress'],
    ['unready replicas', { readyReplicas: 1 }, 'InProgress'],
    [
      'a running rollout',
      { conditions: [condition('Available', 'True'), condition('Progressing', 'True', 'ReplicaSetUpdated')] },
      'InProgress',
    ],
    ['an exceeded deadline', { conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] }, 'Failed'],
  ];
  for (const [name, status, expected] of rollouts) {
    it(`calls ${name} ${expected}`, () => assert.equal(kstatusOf(deployment(status)), expected));
  }
});

describe("what the controllers' texts are made of", () => {
  it('writes spans as Go does', () => {
    const spans = [0, 850, 1000, 5020, 90_000, 3_600_000, 570_000].map(formatGoDuration);
    assert.deepEqual(spans, ['0s', '850ms', '1s', '5.02s', '1m30s', '1h0m0s', '9m30s']);
  });

  it('moves the transition time of a condition with any change, and sorts Ready first', () => {
    const ready = { type: 'Ready', status: 'True', reason: 'A', message: 'a', observedGeneration: 1 } as const;
    const stalled = { type: 'Stalled', status: 'True', reason: 'B', message: 'b', observedGeneration: 1 } as const;
    let list: readonly Condition[] = withCondition([], stalled, 0);
    list = withCondition(list, ready, 1000);
    list = withCondition(list, ready, 2000);
    assert.deepEqual(
      list.map(({ type, lastTransitionTime }) => `${type} ${lastTransitionTime}`),
      ['Ready 1970-01-01T00:00:01Z', 'Stalled 1970-01-01T00:00:00Z'],
    );
    const [moved] = withCondition(list, { ...ready, message: 'other' }, 3000);
    assert.equal(moved?.lastTransitionTime, '1970-01-01T00:00:03Z');
  });

  it('names objects in the inventory and finds them again', () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'podinfo', namespace: 'apps' } };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } };
    const entries = [deployment, namespace].map(inventoryEntry);
    assert.deepEqual(entries, [
      { id: 'apps_podinfo_apps_Deployment', v: 'v1' },
      { id: '_flux-system__Namespace', v: 'v1' },
    ]);
    assert.deepEqual(refsOfInventory({ entries }), [
      { kind: 'Deployment', name: 'podinfo', namespace: 'apps' },
      { kind: 'Namespace', name: 'flux-system' },
    ]);
  });

  it('keeps five snapshots and counts the same one up', () => {
    const snapshot = (digest: string, at: number) => ({
      digest,
      status: 'ReconciliationSucceeded',
      revision: 'r',
      at,
      tookMs: 5,
    });
    let history = withSnapshot(undefined, snapshot('0', 0));
    for (const digest of ['1', '2', '3', '4', '5', '4']) history = withSnapshot(history, snapshot(digest, 1000));
    assert.deepEqual(
      history.map(({ digest, totalReconciliations }) => `${textAt(digest)}x${numberAt(totalReconciliations)}`),
      ['4x2', '5x1', '3x1', '2x1', '1x1'],
    );
  });

  it('sums tags up as Adler-32 over their JSON', () => {
    assert.equal(checksumOf(['production-v0.0.2-200', 'production-v0.0.1-100']), '2267549337'); // said by Flux 2.9.4
    assert.equal(checksumOf(['Wikipedia']), '535823508');
    assert.equal(checksumOf([]), '18153657');
  });

  it('reads image names as a registry client does', () => {
    assert.deepEqual(parseImageName('nginx'), { host: 'index.docker.io', path: 'library/nginx' });
    assert.deepEqual(parseImageName('acme/api'), { host: 'index.docker.io', path: 'acme/api' });
    assert.deepEqual(parseImageName('127.0.0.1:5000/acme/api'), { host: '127.0.0.1:5000', path: 'acme/api' });
    assert.equal(imageNameFault('127.0.0.1:5000/acme/api'), undefined);
    assert.equal(
      imageNameFault('https://x/api'),
      "image 'https://x/api' should not include URL scheme; remove 'https://'",
    );
    assert.equal(imageNameFault('x.io/api:v1'), "image 'x.io/api:v1' should not include a tag; remove ':v1'");
  });

  it("reads a remote's advertisement", () => {
    const hash = 'a'.repeat(40);
    const text = `001e# service=git-upload-pack\n0000015c${hash} HEAD\0side-band-64k agent=git/2\n003d${hash} refs/heads/main\n0000`;
    assert.deepEqual(
      [...parseAdvertisement(text, 'u')],
      [
        ['HEAD', hash],
        ['refs/heads/main', hash],
      ],
    );
    assert.throws(() => parseAdvertisement('<html>', 'u'), GitRemoteError);
  });

  it('asks nothing but loopback: all else is as if there were no network', async () => {
    const { signal } = new AbortController();
    const lookup = 'dial tcp: lookup ghcr.io: no such host';
    await assert.rejects(listTags({ image: 'ghcr.io/acme/backend', isInsecure: false }, signal), {
      message: `Get "https://ghcr.io/v2/": ${lookup}`,
    });
    await assert.rejects(listTags({ image: 'ghcr.io/acme/backend', isInsecure: true }, signal), {
      message: `Get "https://ghcr.io/v2/": ${lookup}; Get "http://ghcr.io/v2/": ${lookup}`,
    });
    await assert.rejects(readRefs('https://github.com/acme/flux.git', signal), {
      message:
        "unable to list remote for 'https://github.com/acme/flux.git': dial tcp: lookup github.com: no such host",
    });
  });

  it('resolves what a GitRepository refers to', () => {
    const [main, tag, peeled] = ['a', 'b', 'c'].map((letter) => letter.repeat(40));
    const refs = new Map([
      ['refs/heads/main', main ?? ''],
      ['refs/tags/v1', tag ?? ''],
      ['refs/tags/v1^{}', peeled ?? ''],
      ['refs/tags/v1.1.0', tag ?? ''],
      ['refs/tags/v1.1.0^{}', peeled ?? ''],
      ['refs/tags/v1.2.0', main ?? ''],
    ]);
    const revision = (ref: JsonObject) => resolveCheckout(checkoutOf(ref), refs, 'u').revision;
    assert.equal(revision({ branch: 'main' }), `main@sha1:${main}`);
    assert.equal(revision({ tag: 'v1', branch: 'main' }), `v1@sha1:${peeled}`);
    assert.equal(revision({ name: 'refs/heads/main', tag: 'v1' }), `refs/heads/main@sha1:${main}`);
    assert.equal(revision({ commit: tag ?? '', branch: 'main' }), `main@sha1:${tag}`);
    assert.equal(revision({ semver: '>=0.0.0', tag: 'none' }), `v1.2.0@sha1:${main}`);
    assert.equal(revision({ semver: '<1.2.0' }), `v1.1.0@sha1:${peeled}`);
    assert.throws(() => revision({}), {
      message: "unable to clone 'u': couldn't find remote ref \"refs/heads/master\"",
    });
    assert.throws(() => revision({ semver: '>=2.0.0' }), { message: 'no match found for semver: >=2.0.0' });
  });
});
