// What is said about one object, over real sockets: events, the controller's log as it grows, and what may not be read.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import { kubeReader } from '../../src/base/kubernetes/client';
import { connectCluster } from '../../src/base/kubernetes/connection';
import { readEvents } from '../../src/base/kubernetes/events';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { streamLog } from '../../src/base/kubernetes/podLog';
import { Lifetime } from '../../src/base/lifetime';
import { silentLogger } from '../../src/base/logger';
import { followObject, type Journal } from '../../src/editor/objectJournal';
import { partsOfWorkload } from '../../src/fleet/partsOfWorkload';
import type { Faults } from '../../src/lab/cluster/faults';
import { startApiServer } from '../../src/lab/cluster/server';
import { Store } from '../../src/lab/cluster/store';
import { createControllerDeployments, withControllerImages } from '../../src/lab/controllerPods';
import { realConstants } from '../../src/lab/controllers/constants';
import { EventRecorder } from '../../src/lab/controllers/eventRecorder';
import { Workloads } from '../../src/lab/controllers/workloads';
import type { ObjectReference } from '../../src/model/flux';
import { ClusterSource } from '../../src/sources/cluster';
import { readControllerPods } from '../../src/sources/controllerPods';
import { by, imagePolicy } from './cluster/objects';
import { removeFolder, temporaryFolder, write } from './gitFixture';
import { until } from './until';

const deadline = (what: string) => ({ timeoutMs: 20_000, what });

describe('the journal of an object', function () {
  this.timeout(40_000);
  const stops: (() => Promise<void>)[] = [];
  const bugs: unknown[] = [];
  const lives: Lifetime[] = [];
  afterEach(async () => {
    for (const life of lives.splice(0)) life.dispose();
    for (const stop of stops.splice(0)) await stop();
    assert.deepEqual(bugs.splice(0), []);
  });
  async function open(object: ObjectReference, faults: Faults = () => undefined) {
    const life = new Lifetime();
    lives.push(life);
    const store = new Store();
    for (const name of ['flux-system', 'production']) {
      store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, by('test'));
    }
    const resolveImage = withControllerImages(() => Promise.resolve(undefined));
    life.add(new Workloads(store, { resolveImage, stepMs: 1 }));
    createControllerDeployments(store);
    const tokens = { admin: 'admin-token', viewer: 'viewer-token' };
    const server = await startApiServer({ store, port: 0, tokens, faults });
    stops.push(server.stop);
    const folder = temporaryFolder();
    stops.push(async () => removeFolder(folder));
    write(folder, { config: server.kubeconfig('lab', 'viewer') });
    const access = loadKubeconfig({ path: `${folder}/config`, environment: {} }).access('lab');
    const connection = life.add(connectCluster(access));
    const reader = kubeReader(connection);
    const source = life.add(
      new ClusterSource({ reader, onChange: () => undefined, clock: systemClock, logger: silentLogger }),
    );
    source.lookAt({ images: new Set(['ghcr.io/fluxcd/source-controller']), namespaces: new Map() });
    await source.refresh();
    const journal = life.add(
      followObject({
        object,
        sources: {
          events: (one, signal) => readEvents(reader, one, signal),
          log: (from, part, signal) => streamLog(reader, from, part, signal),
          controllerPods: (controller, signal) => readControllerPods(reader, controller, signal),
          parts: () => partsOfWorkload(object, source.facts),
        },
        clock: systemClock,
        onChange: () => undefined,
        onBug: (error) => bugs.push(error),
      }),
    );
    const recorder = (controller: string) => new EventRecorder(store, realConstants, controller);
    return { store, journal, recorder, server };
  }

  const texts = (journal: Journal, from: RegExp): readonly string[] =>
    journal.entries.filter(({ source }) => from.test(source)).map(({ text }) => text);

  it('has its events and its controller’s lines, new ones as they come, and nobody else’s', async () => {
    const object = { kind: 'ImagePolicy', namespace: 'production', name: 'backend' };
    const { store, journal, recorder, server } = await open(object);
    const reflector = recorder('image-reflector-controller');
    const policy = store.create(imagePolicy(), by('test'));
    const other = store.create(imagePolicy('other'), by('test'));
    assert.equal(policy.metadata.name, object.name);
    reflector.send(policy, 'Normal', 'Succeeded', 'Latest image tag resolved to v1');
    reflector.send(other, 'Normal', 'Succeeded', 'about another');
    await until(() => texts(journal, /^image-reflector-controller-/).length === 1, deadline('the first line'));
    await until(() => texts(journal, /^event of image-reflector/).length === 1, deadline('the event'));
    reflector.send(policy, 'Warning', 'Failure', 'version list argument cannot be empty');
    await until(
      () => texts(journal, /^image-reflector-controller-/).includes('version list argument cannot be empty: Failure'),
      deadline('the line that came later'),
    );
    server.dropConnections();
    reflector.send(policy, 'Normal', 'Succeeded', 'Latest image tag resolved to v2');
    await until(
      () => texts(journal, /^image-reflector-controller-/).includes('Latest image tag resolved to v2'),
      deadline('a line after the connection broke'),
    );
    assert.equal(
      texts(journal, /./).some((text) => text.includes('another')),
      false,
    );
    const lines = texts(journal, /^image-reflector-controller-/);
    assert.equal(new Set(lines).size, lines.length);
    await until(() => journal.notes.length === 0, deadline('no trouble to be left'));
  });

  it('says that events and logs may not be read, and shows what may', async () => {
    const forbidden = { type: 'status', code: 403 } as const;
    const object = { kind: 'ImagePolicy', namespace: 'production', name: 'backend' };
    const hidden = await open(object, ({ kind, path }) =>
      kind === 'Event' || path.endsWith('/log') ? forbidden : undefined,
    );
    await until(() => hidden.journal.notes.length === 2, deadline('both refusals'));
    const [log, events] = hidden.journal.notes.toSorted().toReversed();
    assert.match(
      log ?? '',
      /^The log of image-reflector-controller-\S+ is not shown: .*does not allow you to read the log/,
    );
    assert.match(events ?? '', /^Events are not shown: .*does not allow you to list events/);
    const half = await open(object, ({ path }) => (path.endsWith('/log') ? forbidden : undefined));
    const policy = half.store.create(imagePolicy(), by('test'));
    half.recorder('image-reflector-controller').send(policy, 'Normal', 'Succeeded', 'resolved');
    await until(() => texts(half.journal, /^event/).length === 1, deadline('the event'));
    await until(() => half.journal.notes.length > 0, deadline('the refusal of the log'));
    assert.equal(half.journal.notes.length, 1);
  });

  it('looks in Flux’s namespace where pods may not be listed everywhere', async () => {
    const object = { kind: 'Kustomization', namespace: 'flux-system', name: 'apps' };
    const { journal, store, recorder } = await open(object, ({ path }) =>
      path === '/api/v1/pods' ? { type: 'status', code: 403 } : undefined,
    );
    const apps = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' };
    const spec = { interval: '1m', path: './', prune: true, sourceRef: { kind: 'GitRepository', name: 'x' } };
    const kustomization = store.create(
      { ...apps, metadata: { name: 'apps', namespace: 'flux-system' }, spec },
      by('test'),
    );
    recorder('kustomize-controller').send(kustomization, 'Normal', 'Succeeded', 'Applied');
    await until(() => texts(journal, /^kustomize-controller-/).includes('Applied'), deadline('the line'));
  });

  it('says that pods may not be listed', async () => {
    const object = { kind: 'Kustomization', namespace: 'flux-system', name: 'apps' };
    const { journal } = await open(object, ({ kind }) => (kind === 'Pod' ? { type: 'status', code: 403 } : undefined));
    await until(() => journal.notes.length === 1, deadline('the note'));
    assert.match(journal.notes[0] ?? '', /^Its controller’s log is not shown: .*does not allow you to list pods/);
  });

  it('has the events of a Deployment’s ReplicaSets and pods', async () => {
    const object = { kind: 'Deployment', namespace: 'flux-system', name: 'source-controller' };
    const { store, journal, recorder } = await open(object);
    const pod = await until(
      () => store.list('Pod').items.find(({ metadata }) => metadata.labels?.['app'] === 'source-controller'),
      deadline('its pod'),
    );
    recorder('kubelet').send(pod, 'Warning', 'BackOff', 'Back-off pulling image');
    await until(
      () => texts(journal, /^event of kubelet/).includes('BackOff: Back-off pulling image'),
      deadline('its event'),
    );
    assert.deepEqual(journal.notes, []);
  });
});
