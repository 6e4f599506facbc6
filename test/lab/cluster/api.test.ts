// What an API server promises, held against the lab's and against Kubernetes' own.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type Json, listAt, numberAt, textAt, valueAt } from '../../../src/lab/cluster/json';
import { kinds } from '../../../src/lab/cluster/kinds';
import { type EitherApi, eitherApi } from './eitherApi';
import { deployment, imagePolicy } from './objects';

const deployments = '/apis/apps/v1/namespaces/production/deployments';
const policies = '/apis/image.toolkit.fluxcd.io/v1/namespaces/production/imagepolicies';
const ref = (name = 'backend') => ({ kind: 'Deployment', namespace: 'production', name });

function eventText(event: Json): string {
  const name = textAt(event, 'object', 'metadata', 'name') ?? textAt(event, 'object', 'reason') ?? '';
  return `${textAt(event, 'type') ?? ''} ${name}`.trim();
}

describe('an API server', function () {
  // Real sockets and real programs, on a machine that may be busy.
  this.timeout(60_000);
  const run = eitherApi();

  it('lists the same kinds in both forms of discovery', () =>
    run(async ({ ask }) => {
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
    run(async ({ ask, create, tokens }) => {
      await create(deployment(), 'test');
      const path = `${deployments}/backend`;
      const body = { metadata: { labels: { a: 'b' } } };
      const codes: readonly (readonly [number, string, Parameters<EitherApi['ask']>[1]])[] = [
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
        [404, '/apis/apps/v1/nosuch', {}],
        [404, `${path}/log`, {}],
        [400, deployments, { method: 'POST', body: '{"apiVersion":' }],
        [400, deployments, { method: 'POST', body: '[]' }],
        [400, deployments, { method: 'POST', body: imagePolicy() }],
        [413, deployments, { method: 'POST', body: 'x'.repeat(3 * 1024 * 1024 + 1) }],
        [415, path, { method: 'PATCH', body: '{}', headers: { 'content-type': 'application/json' } }],
      ];
      for (const [code, where, call] of codes) {
        const reply = await ask(where, call);
        assert.equal(reply.code, code, `${where} ${JSON.stringify(call).slice(0, 200)}: ${reply.text}`);
        if (code < 400) continue;
        assert.deepEqual([textAt(reply.json, 'kind'), numberAt(reply.json, 'code')], ['Status', code]);
        assert.ok(!reply.text.includes(tokens.viewer) && !reply.text.includes(tokens.admin));
      }
    }));

  it('says what a user may do', () =>
    run(async ({ ask, tokens }) => {
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
      const { json } = await ask(path, {
        method: 'POST',
        token: tokens.viewer,
        body: { spec: { namespace: 'production' } },
      });
      assert.ok(listAt(json, 'status', 'resourceRules').length > 3);
    }));

  it('lists in pages that show one moment', () =>
    run(async ({ ask, create, remove }) => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) await create(deployment(name), 'test');
      const first = (await ask(`${deployments}?limit=2`)).json;
      await remove(ref('d'));
      await create(deployment('f'), 'test');
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
      assert.equal((await ask(`${deployments}?continue=nonsense`)).code, 400);
    }));

  it('prints tables with the columns that Flux declares', () =>
    run(async ({ ask, create, updateStatus }) => {
      const made = await create(imagePolicy(), 'test');
      const latestRef = { name: 'registry/backend', tag: 'v1' };
      const at = '2026-11-28T08:00:00Z';
      const ready = { type: 'Ready', status: 'True', reason: 'Succeeded', message: 'resolved', lastTransitionTime: at };
      await updateStatus({ ...made, status: { latestRef, conditions: [ready] } }, 'test');
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
      const { json } = await ask(policies, { headers: { accept } });
      const titles = listAt(json, 'columnDefinitions').map((column) => textAt(column, 'name'));
      assert.deepEqual(titles, ['Name', 'Image', 'Tag', 'Ready', 'Status', 'Age']);
      const cells = listAt(json, 'rows', 0, 'cells').slice(0, 5);
      assert.deepEqual(cells, ['backend', 'registry/backend', 'v1', 'True', 'resolved']);
      assert.equal(textAt(json, 'rows', 0, 'object', 'kind'), 'PartialObjectMetadata');
    }));

  it('watches: what was missed, what comes, what leaves the selection, and the end of its time', () =>
    run(async ({ ask, watch, create, patch, remove }) => {
      const since = textAt((await ask(deployments)).json, 'metadata', 'resourceVersion') ?? '';
      await create(deployment('a'), 'test');
      const query = `watch=true&resourceVersion=${since}&labelSelector=app`;
      const events = await watch(`${deployments}?${query}`, 4, async () => {
        await create(deployment('b'), 'test');
        const body = { metadata: { labels: null } };
        await patch(ref('a'), { type: 'merge', body }, { fieldManager: 'test' });
        await remove(ref('b'));
      });
      assert.deepEqual(events.map(eventText), ['ADDED a', 'ADDED b', 'DELETED a', 'DELETED b']);
      const short = await watch(`${deployments}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=none`, 9);
      assert.deepEqual(short, []);
    }));

  it('names the field manager as asked, else by the user agent', () =>
    run(async ({ ask, create, find }) => {
      await create(deployment(), 'test');
      const body = (name: string) => ({ metadata: { annotations: { [name]: 'x' } } });
      const managers = async () =>
        ((await find(ref()))?.metadata.managedFields ?? []).map(({ manager }) => manager).toSorted();
      await ask(`${deployments}/backend?fieldManager=flux-promote`, { method: 'PATCH', body: body('a') });
      assert.deepEqual(await managers(), ['flux-promote', 'test']);
      const headers = { 'user-agent': 'curl/8.0 (x)' };
      await ask(`${deployments}/backend`, { method: 'PATCH', body: body('b'), headers });
      assert.deepEqual(await managers(), ['curl', 'flux-promote', 'test']);
    }));

  it('answers a dry run, applies, scales and deletes', () =>
    run(async ({ ask, find }) => {
      const apply = {
        method: 'PATCH',
        headers: { 'content-type': 'application/apply-patch+yaml' },
        body: deployment(),
      };
      const nobody = await ask(`${deployments}/backend`, apply);
      const missing =
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch';
      assert.deepEqual([nobody.code, textAt(nobody.json, 'message')], [422, missing]);
      assert.equal((await ask(`${deployments}/backend?fieldManager=a&dryRun=All`, apply)).code, 201);
      assert.equal(await find(ref()), undefined);
      assert.equal((await ask(`${deployments}/backend?fieldManager=a`, apply)).code, 201);
      assert.equal((await ask(`${deployments}/backend?fieldManager=a`, apply)).code, 200);
      const scale = await ask(`${deployments}/backend/scale`, { method: 'PATCH', body: { spec: { replicas: 7 } } });
      assert.deepEqual([textAt(scale.json, 'kind'), numberAt(scale.json, 'spec', 'replicas')], ['Scale', 7]);
      assert.equal(numberAt(await find(ref()), 'spec', 'replicas'), 7);
      const status = { ...((await find(ref())) ?? deployment()), status: { replicas: 7 } };
      assert.equal((await ask(`${deployments}/backend/status`, { method: 'PUT', body: status })).code, 200);
      assert.equal(numberAt(await find(ref()), 'status', 'replicas'), 7);
      const gone = await ask(`${deployments}/backend`, { method: 'DELETE', body: { propagationPolicy: 'Background' } });
      assert.deepEqual([gone.code, textAt(gone.json, 'status')], [200, 'Success']);
    }));
});
