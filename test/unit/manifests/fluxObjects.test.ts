import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { decodeFluxObject } from '../../../src/manifests/fluxObjects';
import { decodeMeta } from '../../../src/manifests/metadata';
import { decodeDeployment, decodePod, decodeReplicaSet } from '../../../src/manifests/workloads';

const policy = {
  apiVersion: 'image.toolkit.fluxcd.io/v1',
  kind: 'ImagePolicy',
  metadata: { name: 'backend', namespace: 'staging' },
  spec: { imageRepositoryRef: { name: 'backend' }, policy: { numerical: {} } },
};

describe('decodeFluxObject', () => {
  it('fills in the defaults of an ImagePolicy', () => {
    const decoded = decodeFluxObject(policy);
    assert.equal(decoded?.kind, 'ImagePolicy');
    assert.deepEqual(decoded.repositoryRef, { kind: 'ImageRepository', name: 'backend', namespace: 'staging' });
    assert.deepEqual(decoded.spec, { policy: { numerical: {} } });
    assert.equal(decoded.digestReflectionPolicy, 'Never');
    assert.equal(decoded.observedGeneration, -1);
    assert.equal(decoded.isSuspended, false);
  });

  it('reads latestRef, and latestImage of older controllers', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const refs = [
      { latestRef: { name: 'reg/web', tag: '1', digest } },
      { latestImage: 'reg:5000/web:1' },
      { latestImage: `reg/web:1@${digest}` },
      { latestRef: { name: 'reg/web' } },
    ]
      .map((status) => decodeFluxObject({ ...policy, status }))
      .map((decoded) => decoded?.kind === 'ImagePolicy' && decoded.latestRef);
    assert.deepEqual(refs, [
      { name: 'reg/web', tag: '1', digest },
      { name: 'reg:5000/web', tag: '1' },
      { name: 'reg/web', tag: '1', digest },
      undefined,
    ]);
  });

  for (const version of ['v1', 'v1beta2', 'v1beta1']) {
    it(`reads an ImageUpdateAutomation ${version}`, () => {
      const decoded = decodeFluxObject({
        apiVersion: `image.toolkit.fluxcd.io/${version}`,
        kind: 'ImageUpdateAutomation',
        metadata: { name: 'flux-system', namespace: 'flux-system' },
        spec: {
          sourceRef: { name: 'flux-system' },
          interval: '1m30s',
          git: { commit: { author: { email: 'bot@example.com' } }, push: { branch: 'main' } },
          update: { path: './clusters/my-cluster/' },
          policySelector: { matchLabels: { team: 'a' } },
        },
        status: { lastAutomationRunTime: '2026-01-02T03:04:05Z', observedGeneration: 3 },
      });
      assert.equal(decoded?.kind, 'ImageUpdateAutomation');
      assert.equal(decoded.updatePath, 'clusters/my-cluster');
      assert.equal(decoded.intervalMs, 90_000);
      assert.deepEqual(decoded.author, { email: 'bot@example.com' });
      assert.deepEqual(decoded.sourceRef, { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' });
      assert.deepEqual(decoded.policySelector, [{ key: 'team', operator: 'In', values: ['a'] }]);
      assert.equal(decoded.lastRunAt, Date.UTC(2026, 0, 2, 3, 4, 5));
    });
  }

  it('excludes signatures by default, also for an empty list, and only what is said otherwise', () => {
    const lists = [undefined, [], ['^latest$']].map((exclusionList) =>
      decodeFluxObject({
        apiVersion: 'image.toolkit.fluxcd.io/v1',
        kind: 'ImageRepository',
        metadata: { name: 'web' },
        spec: { image: 'reg/web', exclusionList },
      }),
    );
    assert.deepEqual(
      lists.map((decoded) => decoded?.kind === 'ImageRepository' && decoded.exclusionList),
      [['^.*\\.sig$'], ['^.*\\.sig$'], ['^latest$']],
    );
  });

  it('gives a Kustomization the timeout of its controller and a path inside the repository', () => {
    const make = (spec: object) =>
      decodeFluxObject({
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name: 'apps', namespace: 'flux-system' },
        spec,
      });
    const decoded = make({
      interval: '10m',
      path: './../apps//prod/',
      sourceRef: { kind: 'GitRepository', name: 'x' },
    });
    assert.equal(decoded?.kind, 'Kustomization');
    assert.equal(decoded.path, 'apps/prod');
    assert.equal(decoded.timeoutMs, 570_000);
    const short = make({ interval: '5s' });
    assert.equal(short?.kind === 'Kustomization' && short.timeoutMs, 30_000);
  });

  it('takes no kustomize file, no other kind, no object without a name, and no rubbish', () => {
    const others = [
      { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', metadata: { name: 'x' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } },
      { ...policy, metadata: {} },
      { ...policy, kind: 'toString' },
      null,
      [],
      'text',
      { kind: 1, apiVersion: {}, metadata: [] },
    ];
    assert.deepEqual(
      others.map((value) => decodeFluxObject(value)),
      others.map(() => undefined),
    );
  });

  it('survives every field being of the wrong type', () => {
    const wrong = {
      spec: 1,
      status: [],
      metadata: { name: 'x', labels: 3, annotations: { a: 1, b: 'c' }, ownerReferences: 'x' },
    };
    for (const [apiVersion, kind] of [
      ['image.toolkit.fluxcd.io/v1', 'ImagePolicy'],
      ['image.toolkit.fluxcd.io/v1', 'ImageRepository'],
      ['image.toolkit.fluxcd.io/v1', 'ImageUpdateAutomation'],
      ['source.toolkit.fluxcd.io/v1', 'GitRepository'],
      ['kustomize.toolkit.fluxcd.io/v1', 'Kustomization'],
    ]) {
      const decoded = decodeFluxObject({ apiVersion, kind, ...wrong });
      assert.equal(decoded?.kind, kind);
      assert.deepEqual(decoded?.meta.annotations, { b: 'c' });
    }
  });
});

describe('decodeMeta', () => {
  it('keeps of fieldsV1 who suspended and who set an image, and of the annotations not the copy of the object', () => {
    const meta = decodeMeta({
      metadata: {
        name: 'web',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', 'example.com/team': 'shop' },
        managedFields: [
          {
            manager: 'kubelet',
            operation: 'Update',
            fieldsV1: { 'f:status': { 'f:phase': {} }, 'f:spec': { 'f:replicas': {} } },
          },
          {
            manager: 'kubectl-edit',
            operation: 'Update',
            time: '2026-01-02T03:04:05Z',
            fieldsV1: {
              'f:metadata': { 'f:finalizers': { '.': {}, 'v:"finalizers.fluxcd.io"': {} } },
              'f:spec': {
                'f:suspend': {},
                'f:template': {
                  'f:spec': {
                    'f:containers': { 'k:{"name":"app"}': { '.': {}, 'f:image': {} }, 'k:other': { 'f:image': {} } },
                  },
                },
              },
            },
          },
        ],
      },
    });
    assert.deepEqual(meta?.managedFields, [
      {
        manager: 'kubectl-edit',
        operation: 'Update',
        at: Date.UTC(2026, 0, 2, 3, 4, 5),
        paths: ['spec.suspend', 'spec.template.spec.containers[name=app].image'],
      },
    ]);
    assert.deepEqual(meta?.annotations, { 'example.com/team': 'shop' });
  });
});

describe('the decoding of workloads', () => {
  it('reads a pod whose image cannot be pulled', () => {
    const pod = decodePod({
      metadata: { name: 'web-1', namespace: 'prod' },
      spec: { containers: [{ name: 'web', image: 'reg/web:1' }], initContainers: [{ name: 'init', image: 'busybox' }] },
      status: {
        phase: 'Pending',
        containerStatuses: [
          {
            name: 'web',
            ready: false,
            restartCount: 2,
            imageID: '',
            state: { waiting: { reason: 'ErrImagePull', message: 'no' } },
          },
        ],
      },
    });
    assert.deepEqual(pod?.containers, [
      {
        name: 'web',
        image: 'reg/web:1',
        imageId: '',
        isReady: false,
        isRunning: false,
        waiting: { reason: 'ErrImagePull', message: 'no' },
        restarts: 2,
      },
      { name: 'init', image: 'busybox', imageId: '', isReady: false, isRunning: false, restarts: 0 },
    ]);
  });

  it('reads Deployments and ReplicaSets with their defaults', () => {
    const spec = { template: { spec: { containers: [{ name: 'web', image: 'a:1' }, { image: 'nameless' }] } } };
    assert.equal(decodeDeployment({ metadata: { name: 'web' }, spec })?.replicas, 1);
    const replicas = decodeReplicaSet({ metadata: { name: 'web' }, spec: { ...spec, replicas: 0 } });
    assert.deepEqual([replicas?.replicas, replicas?.containers], [0, [{ name: 'web', image: 'a:1' }]]);
    assert.equal(decodeDeployment({ metadata: {}, spec }), undefined);
  });
});
