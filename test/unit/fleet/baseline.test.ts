import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deriveBaseline, type Namespaces } from '../../../src/fleet/baseline';
import { formatBaseline } from '../../../src/fleet/baselineFormat';
import type { BaselineLine } from '../../../src/fleet/baselineLine';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import type { ClusterFacts, Facts } from '../../../src/model/facts';
import { known, unknown } from '../../../src/model/reading';
import { edited, type Json, withSpec } from './edits';
import { image, now, shopFacts, shopFiles, shopForge, shopObjects, tags } from './shop';

const listed: Namespaces = new Map([['lab', known(['flux-system', 'staging', 'production'], now)]]);

function linesOf(facts: Facts, namespaces = listed): readonly BaselineLine[] {
  return deriveBaseline(facts, deriveFleet(facts), namespaces, now).sections.flatMap(({ lines }) => lines);
}

/** What is not ok: `verdict what: evidence`. */
function troubles(facts: Facts, namespaces = listed): readonly string[] {
  return linesOf(facts, namespaces)
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ verdict, what, evidence }) => `${verdict} ${what}: ${evidence}`);
}

function withCluster(change: Partial<ClusterFacts>): Facts {
  const facts = shopFacts();
  const cluster = facts.clusters.get('lab');
  assert.ok(cluster !== undefined);
  return { ...facts, clusters: new Map([['lab', { ...cluster, ...change }]]) };
}

const withImage = (name: string) => (object: Json) => ({
  ...object,
  spec: { replicas: 2, template: { spec: { containers: [{ name: 'app', image: name }] } } },
});

function controllerDeployment(availableReplicas: number, name = 'source-controller', replicas = 1): Json {
  const labels = { 'app.kubernetes.io/part-of': 'flux' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'flux-system', generation: 1, labels },
    spec: { replicas, template: { spec: { containers: [{ name: 'manager', image: `${name}:v1` }] } } },
    status: {
      observedGeneration: 1,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: availableReplicas,
      availableReplicas,
      conditions: [
        { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: '' },
        { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: '' },
      ],
    },
  };
}

describe('deriveBaseline', () => {
  it('is all ok for a healthy shop, each line with its evidence', () => {
    const lines = linesOf(shopFacts());
    assert.deepEqual(troubles(shopFacts()), []);
    assert.deepEqual(
      lines.map(({ what }) => what),
      [
        'Flux is installed in lab',
        'Flux in lab reconciles this repository',
        'The namespace staging exists',
        'The namespace production exists',
        'The workflow that promotes backend to production can be started',
        'Kustomization flux-system/apps-staging is ready',
        'Kustomization flux-system/apps-production is ready',
        'backend: ImagePolicy staging/backend selects a tag',
        'backend: Deployment staging/backend runs what Git says',
        'backend: the tag in staging is one of staging',
        'backend: ImagePolicy production/backend selects a tag',
        'backend: Deployment production/backend runs what Git says',
        'backend: the tag in production is one of production',
        'ImagePolicy production/backend takes only tags of production',
        'production is built from fixed tags',
      ],
    );
    assert.match(
      lines[1]?.evidence ?? '',
      /^GitRepository flux-system\/flux-system has fetched main at c{7}, its tip\.$/,
    );
    assert.match(
      lines[4]?.evidence ?? '',
      /^acme\/backend has .*promote-production\.yml \(staging_tag\), and you may start it\.$/,
    );
  });

  const cases: readonly (readonly [what: string, facts: () => Facts, found: RegExp])[] = [
    [
      'a kind that is not served',
      () => withCluster({ imagePolicies: unknown({ code: 'kind-not-served', message: 'No.' }) }),
      /^failed Flux is installed in lab: The cluster does not serve ImagePolicy\.$/,
    ],
    [
      'a kind that may not be read, which is no verdict',
      () => withCluster({ imagePolicies: unknown({ code: 'cluster-forbidden', message: 'You may not.' }) }),
      /^unknown Flux is installed in lab: You may not\.$/,
    ],
    [
      'a controller that does not run',
      () => shopFacts({ objects: [...shopObjects(), controllerDeployment(0)] }),
      /^failed Flux is installed in lab: Not available: flux-system\/source-controller\.$/,
    ],
    [
      'a controller that somebody has scaled to zero',
      () => shopFacts({ objects: [...shopObjects(), controllerDeployment(0, 'kustomize-controller', 0)] }),
      /^failed Flux is installed in lab: Not available: flux-system\/kustomize-controller \(0 replicas\)\.$/,
    ],
    [
      'kinds of image automation without their controllers',
      () =>
        shopFacts({
          objects: [
            ...shopObjects(),
            controllerDeployment(1),
            controllerDeployment(1, 'kustomize-controller'),
            controllerDeployment(1, 'image-reflector-controller'),
          ],
        }),
      /nothing runs that looks at them: no image-automation-controller\.$/,
    ],
    [
      'a cluster that follows another repository',
      () =>
        edited('GitRepository flux-system/flux-system', (one) => ({
          ...one,
          spec: { url: 'https://bot:secret@example.com/other.git' },
        })),
      /^failed Flux in lab reconciles this repository: No GitRepository has the address .*flux-system\/flux-system fetches https:\/\/example\.com\/other\.git\.$/,
    ],
    [
      'a source on another branch',
      () => edited('GitRepository flux-system/flux-system', (one) => withSpec(one, { ref: { branch: 'trunk' } })),
      /^failed Flux in lab reconciles this repository: GitRepository flux-system\/flux-system follows trunk, this clone main\.$/,
    ],
    [
      'a Kustomization that fails',
      () =>
        edited('Kustomization flux-system/apps-production', (one) => ({
          ...one,
          status: {
            observedGeneration: 1,
            conditions: [{ type: 'Ready', status: 'False', reason: 'BuildFailed', message: 'no such file' }],
          },
        })),
      /^failed Kustomization flux-system\/apps-production is ready: It is not ready: BuildFailed: no such file\.$/,
    ],
    [
      'a suspended policy',
      () => edited('ImagePolicy production/backend', (one) => withSpec(one, { suspend: true })),
      /^failed backend: ImagePolicy production\/backend selects a tag: It is suspended\.$/,
    ],
    [
      'a workload that left Git',
      () => edited('Deployment production/backend', withImage(`${image}:${tags.production0}`)),
      new RegExp(
        `^failed backend: Deployment production/backend runs what Git says: It runs ${tags.production0}, Git says`,
      ),
    ],
    [
      'a tag of another environment',
      () => {
        const files = shopFiles();
        const file = 'apps/production/kustomization.yaml';
        return shopFacts({ files: { ...files, [file]: (files[file] ?? '').replace(tags.production1, tags.staging2) } });
      },
      new RegExp(
        `^failed backend: the tag in production is one of production: ${tags.staging2} is written into production`,
      ),
    ],
    [
      'a tag that its policy would not take',
      () => edited('Deployment production/backend', withImage(`${image}:production-hotfix`)),
      /^failed backend: the tag in production is one of production: production-hotfix does not fit the pattern \^production-v/,
    ],
    [
      'a policy that takes other tags',
      () => shopFacts({ files: shopFiles('v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$') }),
      /^failed ImagePolicy production\/backend takes only tags of production: Hard stop: the production policy production\/backend accepts/,
    ],
    [
      'a mutable tag',
      () => {
        const files = shopFiles();
        const file = 'apps/production/kustomization.yaml';
        return shopFacts({ files: { ...files, [file]: (files[file] ?? '').replace(tags.production1, 'latest') } });
      },
      /^failed production is built from fixed tags: Hard stop: backend would run the tag latest/,
    ],
    [
      'a forge without the workflow',
      () => shopFacts({ forge: known({ ...shopForge, workflows: [] }, now) }),
      /^failed The workflow that promotes backend .*: acme\/backend has no workflow that can be dispatched\.$/,
    ],
    [
      'a login that may only read',
      () => shopFacts({ forge: known({ ...shopForge, mayWrite: false }, now) }),
      /^failed The workflow that promotes backend .*: Your login may read acme\/backend, and may not start/,
    ],
    [
      'a forge that does not tell what the login may',
      () => {
        const { mayWrite: _, ...silent } = shopForge;
        return shopFacts({ forge: known(silent, now) });
      },
      /^unknown The workflow that promotes backend .*; whether you may start it is not told\.$/,
    ],
    [
      'a forge that does not answer',
      () => shopFacts({ forge: unknown({ code: 'forge-unreachable', message: 'No answer.' }) }),
      /^unknown The workflow that promotes backend .*: No answer\.$/,
    ],
  ];
  for (const [what, facts, found] of cases) {
    it(`tells ${what}`, () =>
      assert.ok(
        troubles(facts()).some((line) => found.test(line)),
        troubles(facts()).join('\n'),
      ));
  }

  it('resumes what is suspended: a reconcile of it is refused by Flux', () => {
    const suspended = (object: string) => linesOf(edited(object, (one) => withSpec(one, { suspend: true })));
    const remedies = (object: string) => suspended(object).flatMap(({ remedy }) => remedy ?? []);
    assert.deepEqual(remedies('GitRepository flux-system/flux-system'), [
      'flux resume source git flux-system -n flux-system',
    ]);
    assert.deepEqual(remedies('Kustomization flux-system/apps-production'), [
      'flux resume kustomization apps-production -n flux-system',
    ]);
  });

  it('takes what lives in a namespace for its proof where namespaces may not be listed', () => {
    const hidden: Namespaces = new Map([['lab', unknown({ code: 'cluster-forbidden', message: 'You may not.' })]]);
    assert.deepEqual(troubles(shopFacts(), hidden), []);
    const empty = shopFacts({ objects: [] });
    assert.ok(troubles(empty, hidden).includes('unknown The namespace production exists: You may not.'));
    const without: Namespaces = new Map([['lab', known(['staging'], now)]]);
    assert.deepEqual(troubles(shopFacts(), without), [
      'failed The namespace production exists: The cluster does not list it.',
    ]);
  });

  it('names the controllers where they run as Deployments', () => {
    const [flux] = linesOf(shopFacts({ objects: [...shopObjects(), controllerDeployment(1)] }));
    assert.deepEqual(
      [flux?.verdict, flux?.evidence],
      ['ok', 'All five kinds are served; available: source-controller.'],
    );
  });

  it('calls nothing failed that no cluster was chosen for', () => {
    const { defaultContext: _, ...facts } = shopFacts();
    const lines = troubles(facts);
    assert.ok(lines.length > 0);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('failed')),
      [],
    );
    assert.match(lines[0] ?? '', /^unknown The cluster of staging: No kubeconfig context/);
  });
});

describe('formatBaseline', () => {
  const page = (facts: Facts): string => formatBaseline(deriveBaseline(facts, deriveFleet(facts), listed, now));

  it('begins with the verdict, the time and the commit', () => {
    const [title, , verdict, , commit] = page(shopFacts()).split('\n');
    assert.equal(title, '# Baseline of the delivery');
    assert.equal(verdict, '**Ready.** 15 ok, 0 failed, 0 unknown. Taken 2026-11-23 12:00:00 UTC.');
    assert.match(commit ?? '', /^- main of http:.* at c{40}$/);
  });

  it('tells failed from unknown, and escapes what others wrote', () => {
    const failing = edited('Kustomization flux-system/apps-production', (one) => ({
      ...one,
      status: {
        observedGeneration: 1,
        conditions: [{ type: 'Ready', status: 'False', reason: 'No', message: 'a|b\n<c>' }],
      },
    }));
    assert.match(page(failing), /\n\*\*Not ready to change anything\.\*\* 1[0-9] ok, 1 failed/);
    assert.match(page(failing), /\| ✗ failed \| .* \| It is not ready: No: a\\\|b \\<c\\>\. \|/);
    const silent = shopFacts({ forge: unknown({ code: 'forge-unreachable', message: 'No answer.' }) });
    assert.match(page(silent), /\n\*\*As far as could be seen, ready\.\*\* 14 ok, 0 failed, 1 unknown/);
  });
});
