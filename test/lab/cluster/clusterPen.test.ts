// The three writes to a cluster, and what is read of one object, against an API server and a scripted one.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type KubeWriter, kubeReader, kubeWriter } from '../../../src/base/kubernetes/client';
import { type ClusterConnection, connectCluster } from '../../../src/base/kubernetes/connection';
import { readEvents } from '../../../src/base/kubernetes/events';
import { streamLog } from '../../../src/base/kubernetes/podLog';
import { applyReconcile, applyRolloutUndo, applySuspension, type ClusterPen } from '../../../src/changes/applyCluster';
import { refuseWithoutRight, whichMayNotBeChanged } from '../../../src/changes/rights';
import { clusterPen } from '../../../src/editor/clusterPen';
import type { User } from '../../../src/lab/cluster/authorization';
import { numberAt, objectAt, textAt } from '../../../src/lab/cluster/json';
import type { KubeObject } from '../../../src/lab/cluster/object';
import { ProblemError } from '../../../src/model/problem';
import { type Answer, json, scriptedServer } from '../scriptedServer';
import { type EitherApi, eitherApi } from './eitherApi';
import { deployment, imagePolicy, ownersOf } from './objects';

const { signal } = new AbortController();
const policy = { kind: 'ImagePolicy', namespace: 'production', name: 'backend' };
const backend = { kind: 'Deployment', namespace: 'production', name: 'backend' };

function connect({ server, tokens }: EitherApi, user: User = 'admin'): ClusterConnection {
  return connectCluster({
    context: 'lab',
    server: server.url,
    sign: async () => ({ ca: server.certificate, headers: { authorization: `Bearer ${tokens[user]}` } }),
    renew: () => false,
  });
}

function penOf(
  api: EitherApi,
  beforeWrite: () => Promise<void> = () => Promise.resolve(),
  user: User = 'admin',
): ClusterPen {
  return clusterPen(async (run) => {
    const connection = connect(api, user);
    const writer: KubeWriter = {
      patch: async (...change) => {
        await beforeWrite();
        return await kubeWriter(connection).patch(...change);
      },
    };
    try {
      return await run({ reader: kubeReader(connection), writer });
    } finally {
      connection.dispose();
    }
  });
}

async function stored({ find }: EitherApi, ref: typeof policy): Promise<KubeObject> {
  const object = await find(ref);
  assert.ok(object !== undefined);
  return object;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code;
    throw error;
  }
  return 'no problem';
}

describe('the pen of a cluster', function () {
  // Real sockets and real programs, on a machine that may be busy.
  this.timeout(60_000);
  const run = eitherApi();

  it('asks to reconcile, suspends and resumes as the manager flux-promote', () =>
    run(async (api) => {
      await api.create(imagePolicy(), 'kustomize-controller');
      const pen = penOf(api);
      const live = (): Promise<KubeObject> => stored(api, policy);
      await applyReconcile(policy, pen, Date.parse('2026-11-28T08:00:00Z'), signal);
      assert.equal(
        textAt(await live(), 'metadata', 'annotations', 'reconcile.fluxcd.io/requestedAt'),
        '2026-11-28T08:00:00.000Z',
      );
      await applySuspension(policy, 'suspended', pen, signal);
      assert.equal(objectAt(await live(), 'spec')['suspend'], true);
      assert.match(ownersOf(await live()).join('\n'), /^flux-promote Update: .*\.spec\.suspend/m);
      await applySuspension(policy, 'resumed', pen, signal);
      assert.equal(objectAt(await live(), 'spec')['suspend'], false);
    }));

  it('undoes a rollout by the image alone, though its status changes meanwhile', () =>
    run(async (api) => {
      const made = await api.create(deployment(), 'kustomize-controller');
      const generation = numberAt(made, 'metadata', 'generation') ?? 0;
      let writes = 0;
      const pen = penOf(api, async () => {
        writes += 1;
        if (writes > 2) return;
        const status = { replicas: writes };
        await api.patch(backend, { type: 'merge', body: { status } }, { fieldManager: 'controller', part: 'status' });
      });
      const images = new Map([['app', 'registry/backend:v0']]);
      await applyRolloutUndo({ deployment: backend, images, generation }, pen, signal);
      const path = ['spec', 'template', 'spec', 'containers', 0];
      const before = objectAt(made, ...path);
      assert.deepEqual(objectAt(await stored(api, backend), ...path), { ...before, image: 'registry/backend:v0' });
      assert.equal(writes, 3);
      const owners = ownersOf(await stored(api, backend));
      assert.match(owners.join('\n'), /^flux-promote Update: \S*\.image$/m);
    }));

  it('undoes nothing that somebody has changed since, and no container that is not there', () =>
    run(async (api) => {
      await api.create(deployment(), 'kustomize-controller');
      const undo = (container: string, generation: number) =>
        codeOf(
          applyRolloutUndo(
            { deployment: backend, images: new Map([[container, 'x']]), generation },
            penOf(api),
            signal,
          ),
        );
      assert.equal(await undo('app', 7), 'base-moved');
      assert.equal(await undo('sidecar', 1), 'base-moved');
    }));

  it('says which kinds it cannot change', () =>
    run(async (api) => {
      const release = { kind: 'HelmRelease', namespace: 'production', name: 'backend' };
      assert.equal(await codeOf(applySuspension(release, 'suspended', penOf(api), signal)), 'kind-not-read');
    }));

  it('asks the cluster what the user may do', () =>
    run(async (api) => {
      assert.equal(await penOf(api).mayChange(policy, signal), true);
      assert.equal(await penOf(api).mayChange(backend, signal), true);
      assert.equal(await penOf(api).mayChange({ ...policy, kind: 'HelmRelease' }, signal), false);
      assert.equal(await penOf(api, undefined, 'viewer').mayChange(backend, signal), false);
      assert.deepEqual(await whichMayNotBeChanged([policy, backend], penOf(api), signal), []);
      const refused = await whichMayNotBeChanged([policy, backend], penOf(api, undefined, 'viewer'), signal);
      assert.deepEqual(refuseWithoutRight('lab', refused, 'roll back in Git alone'), {
        kind: 'refusal',
        reason:
          'The cluster lab does not let you change ImagePolicy production/backend, Deployment production/backend.',
        wayOut: 'Ask for the right to patch them, or roll back in Git alone.',
      });
      const rights = async (user: User): Promise<readonly boolean[]> => {
        const connection = connect(api, user);
        const reader = kubeReader(connection);
        const image = { group: 'image.toolkit.fluxcd.io', plural: 'imagepolicies', namespace: 'production' };
        const answers = await Promise.all(['get', 'patch'].map((verb) => reader.isAllowed({ ...image, verb }, signal)));
        connection.dispose();
        return answers;
      };
      assert.deepEqual(await rights('admin'), [true, true]);
      assert.deepEqual(await rights('viewer'), [true, false]);
    }));
});

describe('one object of a cluster', () => {
  const asked = async <T>(answer: Answer, ask: (connection: ClusterConnection) => Promise<T>) => {
    const server = await scriptedServer(answer);
    const connection = connectCluster({
      context: 'here',
      server: server.url,
      sign: async () => ({}),
      renew: () => false,
    });
    try {
      return { value: await ask(connection), requests: server.requests };
    } finally {
      connection.dispose();
      await server.close();
    }
  };

  it('has events, newest first, whoever wrote them in whichever API', async () => {
    const items = [
      {
        type: 'Warning',
        reason: 'Old',
        message: 'm',
        lastTimestamp: '2026-01-01T00:00:00Z',
        count: 3,
        source: { component: 'kubelet' },
      },
      {
        type: 'Normal',
        reason: 'New',
        message: 'n',
        eventTime: '2026-01-02T00:00:00.000000Z',
        reportingComponent: 'kustomize-controller',
      },
    ];
    const list = { kind: 'EventList', metadata: { resourceVersion: '1' }, items };
    const subject = { kind: 'Kustomization', namespace: 'flux-system', name: 'apps' };
    const { value, requests } = await asked(
      (_, response) => json(response, list),
      (connection) => readEvents(kubeReader(connection), subject, signal),
    );
    assert.deepEqual(value, [
      {
        type: 'Normal',
        reason: 'New',
        message: 'n',
        at: Date.parse('2026-01-02'),
        count: 1,
        reporter: 'kustomize-controller',
      },
      { type: 'Warning', reason: 'Old', message: 'm', at: Date.parse('2026-01-01'), count: 3, reporter: 'kubelet' },
    ]);
    const [, query] = requests[0]?.split('?') ?? [];
    assert.match(requests[0] ?? '', /^GET \/api\/v1\/namespaces\/flux-system\/events\?/);
    const selector = new URLSearchParams(query).get('fieldSelector');
    assert.equal(selector, 'involvedObject.kind=Kustomization,involvedObject.name=apps');
  });

  it('has a log, line by line in whatever chunks it comes, and cuts a line without end', async () => {
    const { value, requests } = await asked(
      (_, response) => {
        response.write('one\ntw');
        setImmediate(() => response.end(`o\n${'x'.repeat(100_000)}\nlast`));
      },
      async (connection) => {
        const part = { tailLines: 10, end: 'ended' } as const;
        const lines: string[] = [];
        const source = { namespace: 'flux-system', pod: 'c-1' };
        for await (const line of streamLog(kubeReader(connection), source, part, signal)) lines.push(line);
        return lines;
      },
    );
    assert.deepEqual(
      value.map((line) => (line.length > 100 ? line.length : line)),
      ['one', 'two', 16_384, 'last'],
    );
    assert.deepEqual(requests, ['GET /api/v1/namespaces/flux-system/pods/c-1/log?tailLines=10']);
  });
});
