import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'mocha';
import { selfSignedCertificate } from '../../../src/lab/cluster/certificate';
import type { Fault } from '../../../src/lab/cluster/faults';
import { type Json, listAt, numberAt, textAt, valueAt } from '../../../src/lab/cluster/json';
import { kinds } from '../../../src/lab/cluster/kinds';
import { type Api, tokens, withApi } from './client';
import { by, deployment, imagePolicy } from './objects';

const deployments = '/apis/apps/v1/namespaces/production/deployments';
const policies = '/apis/image.toolkit.fluxcd.io/v1/namespaces/production/imagepolicies';
const ref = { kind: 'Deployment', namespace: 'production', name: 'backend' };

function eventText(event: Json): string {
  const name = textAt(event, 'object', 'metadata', 'name') ?? textAt(event, 'object', 'reason') ?? '';
  return `${textAt(event, 'type') ?? ''} ${name}`.trim();
}

describe('lab cluster: server', () => {
  it('shows a certificate that vouches for loopback and nothing else', () => {
    const { certificate } = selfSignedCertificate(Date.now());
    const read = new X509Certificate(certificate);
    assert.ok(read.verify(read.publicKey));
    assert.equal(read.checkIP('127.0.0.1'), '127.0.0.1');
    assert.equal(read.checkHost('localhost'), 'localhost');
    assert.equal(read.checkHost('example.com'), undefined);
  });

  it('lists the same kinds in both forms of discovery', () =>
    withApi(async ({ ask }) => {
      const legacy = new Set<string>();
      for (const path of [
        '/api/v1',
        ...listAt((await ask('/apis')).json, 'groups').map(
          (g) => `/apis/${textAt(g, 'preferredVersion', 'groupVersion') ?? ''}`,
        ),
      ]) {
        for (const resource of listAt((await ask(path)).json, 'resources')) {
          const name = textAt(resource, 'name') ?? '';
          if (!name.includes('/')) legacy.add(name);
        }
      }
      const aggregated = new Set<string>();
      const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
      for (const path of ['/api', '/apis']) {
        const { json, headers } = await ask(path, { headers: { accept } });
        assert.match(headers['content-type'] ?? '', /as=APIGroupDiscoveryList/);
        for (const group of listAt(json, 'items')) {
          for (const resource of listAt(group, 'versions', 0, 'resources')) {
            aggregated.add(textAt(resource, 'resource') ?? '');
          }
        }
      }
      assert.deepEqual([...aggregated].toSorted(), [...legacy].toSorted());
      for (const { plural } of kinds) assert.ok(legacy.has(plural), plural);
    }));

  it('lets an administrator write, a viewer read, and nobody else in', () =>
    withApi(async ({ ask, store }) => {
      store.create(deployment(), by('test'));
      const path = `${deployments}/backend`;
      const body = { metadata: { labels: { a: 'b' } } };
      const codes: readonly (readonly [number, string, Parameters<Api['ask']>[1]])[] = [
        [401, path, { token: '' }],
        [401, path, { token: 'wrong' }],
        [200, path, { token: tokens.viewer }],
        [200, '/apis/apps/v1/deployments', { token: tokens.viewer }],
        [403, path, { token: tokens.viewer, method: 'PATCH', body }],
        [403, path, { token: tokens.viewer, method: 'DELETE' }],
        [403, deployments, { token: tokens.viewer, method: 'POST', body: deployment('b') }],
        [403, '/api/v1/secrets', { token: tokens.viewer }],
        [200, path, { method: 'PATCH', body }],
        [404, `${deployments}/other`, {}],
        [404, '/apis/apps/v1/statefulsets', {}],
        [404, `${path}/log`, {}],
        [405, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/x', { method: 'DELETE' }],
        [400, deployments, { method: 'POST', body: '{"apiVersion":' }],
        [400, deployments, { method: 'POST', body: '[]' }],
        [400, deployments, { method: 'POST', body: imagePolicy() }],
        [413, deployments, { method: 'POST', body: 'x'.repeat(3 * 1024 * 1024 + 1) }],
        [415, path, { method: 'PATCH', body: '{}', headers: { 'content-type': 'application/json' } }],
        [
          415,
          deployments,
          { method: 'POST', body: 'k8s', headers: { 'content-type': 'application/vnd.kubernetes.protobuf' } },
        ],
      ];
      for (const [code, where, call] of codes) {
        const reply = await ask(where, call);
        assert.equal(reply.code, code, `${where} ${JSON.stringify(call).slice(0, 200)}: ${reply.text}`);
        if (code < 400) continue;
        assert.deepEqual([textAt(reply.json, 'kind'), numberAt(reply.json, 'code')], ['Status', code]);
        assert.ok(!reply.text.includes('token-of'));
      }
    }));

  it('says what a user may do', () =>
    withApi(async ({ ask }) => {
      const may = async (token: string, verb: string, resource: string) => {
        const spec = { resourceAttributes: { verb, resource, group: 'apps', namespace: 'production' } };
        const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
        const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
        const { json } = await ask(path, { method: 'POST', token, body });
        return valueAt(json, 'status', 'allowed');
      };
      assert.deepEqual(
        [
          await may(tokens.admin, 'patch', 'deployments'),
          await may(tokens.viewer, 'patch', 'deployments'),
          await may(tokens.viewer, 'list', 'deployments'),
        ],
        [true, false, true],
      );
      const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
      const { json } = await ask(path, { method: 'POST', token: tokens.viewer, body: { spec: {} } });
      assert.ok(listAt(json, 'status', 'resourceRules').length > 3);
    }));

  it('lists in pages that show one moment, and says when that moment is gone', () =>
    withApi(async ({ ask, store }) => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) store.create(deployment(name), by('test'));
      const first = (await ask(`${deployments}?limit=2`)).json;
      store.delete({ ...ref, name: 'd' });
      store.create(deployment('f'), by('test'));
      const names: string[] = [];
      let page = first;
      for (;;) {
        names.push(...listAt(page, 'items').map((item) => textAt(item, 'metadata', 'name') ?? ''));
        const token = textAt(page, 'metadata', 'continue');
        if (token === undefined) break;
        page = (await ask(`${deployments}?limit=2&continue=${token}`)).json;
      }
      assert.deepEqual(names, ['a', 'b', 'c', 'd', 'e']);
      assert.equal(numberAt(first, 'metadata', 'remainingItemCount'), 3);
      store.compact();
      const token = textAt(first, 'metadata', 'continue') ?? '';
      const late = await ask(`${deployments}?limit=2&continue=${token}`);
      assert.deepEqual([late.code, textAt(late.json, 'reason')], [410, 'Expired']);
      assert.equal((await ask(`${deployments}?continue=nonsense`)).code, 400);
    }));

  it('prints tables with the columns that Flux declares', () =>
    withApi(async ({ ask, store }) => {
      const made = store.create(imagePolicy(), by('test'));
      const latestRef = { name: 'registry/backend', tag: 'v1' };
      const conditions = [{ type: 'Ready', status: 'True', message: 'resolved' }];
      store.updateStatus({ ...made, status: { latestRef, conditions } }, by('test'));
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
      const { json } = await ask(policies, { headers: { accept } });
      const titles = listAt(json, 'columnDefinitions').map((column) => textAt(column, 'name'));
      assert.deepEqual(titles, ['Name', 'Image', 'Tag', 'Ready', 'Status', 'Age']);
      const cells = listAt(json, 'rows', 0, 'cells').slice(0, 5);
      assert.deepEqual(cells, ['backend', 'registry/backend', 'v1', 'True', 'resolved']);
      assert.equal(textAt(json, 'rows', 0, 'object', 'kind'), 'PartialObjectMetadata');
    }));

  it('watches: what was missed, what comes, what leaves the selection, bookmarks, and the end of its time', () =>
    withApi(
      async ({ watch, store }) => {
        const since = store.resourceVersion;
        store.create(deployment('a'), by('test'));
        const query = `watch=true&resourceVersion=${since}`;
        const events = await watch(`${deployments}?${query}&labelSelector=app`, 4, () => {
          store.create(deployment('b'), by('test'));
          const patch = { type: 'merge', body: { metadata: { labels: null } } } as const;
          store.patch({ ...ref, name: 'a' }, patch, by('test'));
          store.delete({ ...ref, name: 'b' });
        });
        assert.deepEqual(events.map(eventText), ['ADDED a', 'ADDED b', 'DELETED a', 'DELETED b']);

        const fresh = await watch(`${deployments}?watch=true&allowWatchBookmarks=true`, 2);
        assert.deepEqual(fresh.map(eventText), ['ADDED a', 'BOOKMARK']);
        assert.equal(textAt(fresh[1], 'object', 'metadata', 'resourceVersion'), store.resourceVersion);

        const short = await watch(`${deployments}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=none`, 9);
        assert.deepEqual(short, []);

        store.compact();
        const late = await watch(`${deployments}?${query}`, 9);
        assert.deepEqual(late.map(eventText), ['ERROR Expired']);
        assert.equal(numberAt(late[0], 'object', 'code'), 410);
      },
      { bookmarkMs: 30 },
    ));

  it('names the field manager as asked, else by the user agent', () =>
    withApi(async ({ ask, store }) => {
      store.create(deployment(), by('test'));
      const body = (value: string) => ({ metadata: { annotations: { a: value } } });
      const managers = () => store.get(ref)?.metadata.managedFields?.map(({ manager }) => manager);
      await ask(`${deployments}/backend?fieldManager=flux-promote`, { method: 'PATCH', body: body('1') });
      assert.deepEqual(managers(), ['test', 'flux-promote']);
      const headers = { 'user-agent': 'curl/8.0 (x)' };
      await ask(`${deployments}/backend`, { method: 'PATCH', body: body('2'), headers });
      assert.deepEqual(managers(), ['test', 'curl']);
    }));

  it('answers a dry run, applies, scales and deletes', () =>
    withApi(async ({ ask, store }) => {
      const apply = {
        method: 'PATCH',
        headers: { 'content-type': 'application/apply-patch+yaml' },
        body: deployment(),
      };
      assert.equal((await ask(`${deployments}/backend`, apply)).code, 400);
      assert.equal((await ask(`${deployments}/backend?fieldManager=a&dryRun=All`, apply)).code, 201);
      assert.equal(store.get(ref), undefined);
      assert.equal((await ask(`${deployments}/backend?fieldManager=a`, apply)).code, 201);
      assert.equal((await ask(`${deployments}/backend?fieldManager=a`, apply)).code, 200);
      const scale = await ask(`${deployments}/backend/scale`, { method: 'PATCH', body: { spec: { replicas: 7 } } });
      assert.deepEqual([textAt(scale.json, 'kind'), numberAt(scale.json, 'spec', 'replicas')], ['Scale', 7]);
      assert.equal(numberAt(store.get(ref), 'spec', 'replicas'), 7);
      const status = { ...(store.get(ref) ?? deployment()), status: { readyReplicas: 7 } };
      assert.equal((await ask(`${deployments}/backend/status`, { method: 'PUT', body: status })).code, 200);
      assert.equal(numberAt(store.get(ref), 'status', 'readyReplicas'), 7);
      const gone = await ask(`${deployments}/backend`, { method: 'DELETE', body: { propagationPolicy: 'Background' } });
      assert.deepEqual([gone.code, textAt(gone.json, 'status')], [200, 'Success']);
    }));

  it('fails as told', () => {
    const faults = new Map<string, Fault>([
      ['Pod', { type: 'status', code: 403 }],
      ['Event', { type: 'status', code: 429, retryAfterSeconds: 7 }],
      ['ConfigMap', { type: 'garbage' }],
      ['Deployment', { type: 'truncated' }],
      ['Secret', { type: 'close' }],
      ['ReplicaSet', { type: 'stall' }],
    ]);
    return withApi(
      async ({ ask, open, server }) => {
        assert.equal((await ask('/api/v1/pods')).code, 403);
        const busy = await ask('/api/v1/events');
        assert.deepEqual([busy.code, busy.headers['retry-after']], [429, '7']);
        assert.match((await ask('/api/v1/configmaps')).text, /<!doctype html>/);
        const { text } = await ask('/apis/apps/v1/deployments');
        assert.throws(() => JSON.parse(text), SyntaxError);
        await assert.rejects(ask('/api/v1/secrets'), { code: 'ECONNRESET' });
        const silent = open('/apis/apps/v1/replicasets');
        const stalledWatch = await open('/apis/apps/v1/replicasets?watch=true');
        assert.equal(stalledWatch.statusCode, 200);
        assert.equal((await ask('/api/v1/namespaces')).code, 200);
        server.dropConnections();
        await assert.rejects(silent, { code: 'ECONNRESET' });
        await assert.rejects(async () => {
          for await (const part of stalledWatch) assert.fail(String(part));
        });
      },
      { faults: ({ kind }) => faults.get(kind ?? '') },
    );
  });
});
