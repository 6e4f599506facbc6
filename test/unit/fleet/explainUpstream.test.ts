// What Flux itself says upstream of Git and the lab does not: texts as the controllers of Flux 2.9 wrote them.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { optional } from '../../../src/model/optional';
import { failing, type Json, objectsWith, withSpec, withStatus } from './edits';
import { explained } from './explained';
import { editObject, type Shop, shopFacts, shopFiles, shopObjects, tags } from './shop';

const repository = 'ImageRepository flux-system/backend';
const automation = 'ImageUpdateAutomation production/backend';
const selected = { latestRef: { name: 'ghcr.io/acme/backend', tag: tags.production0 } };

function first(shop: Shop) {
  const { faults } = explained(shopFacts(shop));
  return faults.map(({ code, remedy, steps }) => [code, remedy.text, steps[0].command]);
}

function failingAutomation(reason: string, message: string, more: readonly Json[] = shopObjects()): readonly Json[] {
  const chosen = editObject(more, 'ImagePolicy production/backend', (object) => withStatus(object, selected));
  return editObject(chosen, automation, (object) => withStatus(object, failing(reason, message)));
}

describe('an explanation of what Flux says upstream of Git', () => {
  const absent: readonly [message: string, kind: string, name: string][] = [
    ['failed to configure authentication options: secrets "pull" not found', 'Secret', 'pull'],
    ["failed to configure authentication options: secret 'flux-system/proxy' not found", 'Secret', 'proxy'],
    [
      "failed to configure authentication options: serviceaccount 'flux-system/nobody' not found",
      'ServiceAccount',
      'nobody',
    ],
  ];
  for (const [message, kind, name] of absent) {
    it(`names the ${kind} ${name} that a scan misses`, () => {
      assert.deepEqual(first({ objects: objectsWith(repository, failing('AuthenticationFailed', message)) }), [
        [
          'scan-unauthorized',
          `Create ${kind} flux-system/${name}, or mend the name that refers to it: it does not exist.`,
          `kubectl -n flux-system get ${kind.toLowerCase()}s`,
        ],
      ]);
    });
  }

  const scans: readonly [message: string, code: string][] = [
    ['scan failed: Get "https://r.invalid/v2/": dial tcp: lookup r.invalid on 10.0.0.1:53: no such host', 'scan-url'],
    ['scan failed: Get "https://10.0.0.9/v2/": dial tcp 10.0.0.9:443: connect: connection refused', 'scan-failed'],
    [
      'scan failed: GET https://r.io/v2/a/b/tags/list?n=1000: unexpected status code 503 Service Unavailable',
      'scan-failed',
    ],
    ['scan failed: Get "https://r.io/v2/": context deadline exceeded', 'scan-failed'],
    ["scan failed: invalid AWS registry: 'r.io'. must match ^([0-9]{12})", 'scan-unauthorized'],
    ['�'.repeat(40), 'scan-failed'],
  ];
  for (const [message, code] of scans) {
    it(`calls ${message.slice(0, 60)} ${code}`, () => {
      const objects = objectsWith(repository, failing('ReadOperationFailed', message));
      assert.deepEqual(
        explained(shopFacts({ objects })).faults.map((fault) => fault.code),
        [code],
      );
    });
  }

  const pushes: readonly [says: string, code: string][] = [
    ['command error on refs/heads/main: failed to update ref', 'push-race waiting'],
    ['object not found', 'push-race waiting'],
    ['command error on refs/heads/main: pre-receive hook declined', 'automation-push-rejected failed'],
  ];
  for (const [says, code] of pushes) {
    it(`calls a push that ended with "${says}" ${code}`, () => {
      const message = `failed to update source: failed to push to remote: ${says}`;
      const { faults } = explained(shopFacts({ objects: failingAutomation('GitOperationFailed', message) }));
      assert.deepEqual(
        faults.map((fault) => `${fault.code} ${fault.verdict}`),
        [code],
      );
    });
  }

  it('names the signing key that the automation misses', () => {
    const message = `failed configuring source manager: could not find signing key secret 'key': secrets "key" not found`;
    const [said] = first({ objects: failingAutomation('SourceManagerFailed', message) });
    assert.deepEqual(said, [
      'automation-source',
      'Create Secret production/key, or mend the name that refers to it: it does not exist.',
      'kubectl -n production get secrets',
    ]);
  });

  it('blames the source alone where neither the automation nor the Kustomization can read it', () => {
    const broken = objectsWith('GitRepository flux-system/flux-system', failing('AuthenticationFailed', 'denied'));
    const message = `failed configuring source manager: failed to get auth secret 'flux-system/git': secrets "git" not found`;
    const codes = first({ objects: failingAutomation('SourceManagerFailed', message, broken) }).map(([code]) => code);
    assert.deepEqual(codes, ['source-unauthorized']);
  });

  it('tells a policy that is mended in Git and not yet in the cluster, and offers no way back to the broken one', () => {
    const pattern = '^prod-v(?P<ts>[0-9]+)$';
    const failing = (files: Shop['files'], changed: string, all = shopObjects()) => {
      const objects = editObject(all, 'ImagePolicy production/backend', (object) =>
        withStatus(withSpec(object, { filterTags: { pattern: changed, extract: '$ts' } }), {
          conditions: [
            { type: 'Ready', status: 'False', reason: 'Failure', message: 'version list argument cannot be empty' },
          ],
        }),
      );
      return explained(shopFacts({ objects, ...optional('files', files) })).faults;
    };
    const [mended, ...others] = failing(undefined, pattern);
    assert.deepEqual([mended?.code, others], ['policy-outdated', []]);
    assert.match(mended?.text ?? '', /is not what Git declares, and fails: Git's would select production-v0\.0\.1/);
    assert.equal(mended?.steps[0].command, 'flux reconcile kustomization apps-production -n flux-system');
    assert.deepEqual(
      failing(shopFiles(pattern), pattern).map(({ code }) => code),
      ['policy-no-match'],
      'the same in both',
    );
    assert.deepEqual(
      failing(shopFiles(pattern), '^nothing$').map(({ code }) => code),
      ['policy-no-match'],
      'broken in both',
    );
    const artifact = { revision: `main@sha1:${'f'.repeat(40)}` };
    const ahead = editObject(shopObjects(), 'GitRepository flux-system/flux-system', (object) =>
      withStatus(object, { artifact }),
    );
    assert.deepEqual(
      failing(undefined, pattern, ahead).map(({ code }) => code),
      ['policy-no-match'],
      'broken by a commit that this clone has not fetched',
    );
  });

  it('tells a suspension in the cluster by its manager, and one in Git by its file', () => {
    const objects = editObject(shopObjects(), 'ImagePolicy production/backend', (object) => ({
      ...withSpec(object, { suspend: true }),
      metadata: {
        ...(object['metadata'] as Json),
        managedFields: [{ manager: 'kubectl-edit', operation: 'Update', fieldsV1: { 'f:spec': { 'f:suspend': {} } } }],
      },
    }));
    const { faults } = explained(shopFacts({ objects }));
    assert.match(faults[0]?.remedy.text ?? '', /^Git does not declare it: somebody did it in the cluster/);
    assert.deepEqual(faults[0]?.evidence[0], { of: 'Field manager of spec.suspend', text: 'kubectl-edit' });
  });

  it('leaves out automations of other repositories, whose paths are alike', () => {
    const extra = (kind: string, name: string, apiVersion: string, spec: Json): Json => ({
      apiVersion: `${apiVersion}.toolkit.fluxcd.io/v1`,
      kind,
      metadata: { name, namespace: 'production', generation: 1 },
      spec,
    });
    const source = extra('GitRepository', 'other', 'source', { url: 'https://example.com/acme/other.git' });
    const writer = (name: string, sourceRef: Json): Json =>
      extra('ImageUpdateAutomation', name, 'image', { interval: '5s', sourceRef, update: { path: './' } });
    const codes = (...more: readonly Json[]) =>
      explained(shopFacts({ objects: [...shopObjects(), source, ...more] })).faults.map(({ code }) => code);
    const here = { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' };
    assert.deepEqual(codes(writer('second', { kind: 'GitRepository', name: 'other' })), []);
    assert.deepEqual(codes(writer('second', here)), ['automation-conflict']);
  });
});
