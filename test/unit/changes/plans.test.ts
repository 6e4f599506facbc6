import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { CommitPlan, DispatchPlan, Refusal } from '../../../src/changes/plan';
import { planPromotion } from '../../../src/changes/planPromotion';
import { planRollback } from '../../../src/changes/planRollback';
import { derivePreflight } from '../../../src/changes/preflight';
import { rollbackTargets } from '../../../src/changes/rollbackTargets';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { parseDocuments } from '../../../src/manifests/documents';
import { decodeFluxObject } from '../../../src/manifests/fluxObjects';
import type { Facts } from '../../../src/model/facts';
import { failed, known, type Reading, unknown } from '../../../src/model/reading';
import { select } from '../../../src/policy/select';
import { editObject, image, now, shopFacts, shopFiles, shopForge, shopObjects, tags, tip } from '../fleet/shop';

const production = { service: 'backend', environment: 'production' };
const silent = { code: 'registry-unreachable', message: 'The registry does not answer.' } as const;
const productionFile = 'apps/production/kustomization.yaml';

function promotion(facts: Facts, tag?: string): DispatchPlan | Refusal {
  const preflight = derivePreflight(deriveFleet(facts), facts, production, tag);
  assert.ok(preflight !== undefined);
  return planPromotion(preflight, facts);
}

function refusalOf(plan: CommitPlan | DispatchPlan | Refusal): string {
  assert.equal(plan.kind, 'refusal');
  return plan.kind === 'refusal' ? `${plan.reason} ${plan.wayOut ?? ''}`.trim() : '';
}

function filesWith(file: string, from: string | RegExp, to: string): Record<string, string> {
  const files = shopFiles();
  files[file] = (files[file] ?? '').replace(from, () => to);
  return files;
}

function suspended(which: string): Facts {
  const objects = editObject(shopObjects(), which, (object) => ({
    ...object,
    spec: { ...(object['spec'] as object), suspend: true },
  }));
  return shopFacts({ objects });
}

function registryOf(...names: readonly string[]): Facts {
  return shopFacts({ registry: known({ tags: names, digests: new Map() }, now) });
}

interface RefusedCase<T> {
  readonly name: string;
  readonly facts: () => Facts;
  readonly change?: T;
  readonly says: RegExp;
}

describe('planPromotion', () => {
  it('asks the workflow for what staging runs, by its explicit tag', () => {
    const plan = promotion(shopFacts());
    assert.ok(plan.kind === 'dispatch');
    assert.deepEqual(
      [plan.owner, plan.repository, plan.workflow, plan.ref, plan.inputs],
      ['acme', 'backend', 'promote-production.yml', 'main', { staging_tag: tags.staging2 }],
    );
    assert.equal(plan.target.tag, 'production-v0.0.2-aaaaaa2-1700000200');
    assert.match(plan.source.digest ?? '', /^sha256:/);
  });

  it('passes every line of a healthy shop', () => {
    const facts = shopFacts();
    const preflight = derivePreflight(deriveFleet(facts), facts, production);
    assert.deepEqual([...new Set(preflight?.lines.map((line) => line.verdict))], ['passed']);
  });

  const running = {
    id: 7,
    url: 'http://forge/7',
    workflow: '.github/workflows/promote-production.yml',
    state: 'running',
    createdAt: now,
    updatedAt: now,
    steps: [],
  } as const;
  const refusals: readonly RefusedCase<string>[] = [
    {
      name: 'a production policy that takes staging tags',
      facts: () => shopFacts({ files: shopFiles('.*-(?P<ts>[0-9]+)$') }),
      says: /Hard stop: the production policy production\/backend accepts tags outside production-\*: the shortest is "\w-\d", and tags of staging such as "staging-v/,
    },
    {
      name: 'a mutable tag in production',
      facts: () => shopFacts({ files: filesWith(productionFile, /newTag: \S+/, 'newTag: latest') }),
      says: /Hard stop: production would run backend with the tag latest/,
    },
    {
      name: 'a build that cannot win',
      facts: () => registryOf(...Object.values(tags), 'production-v9.9.9-abc-1900000000'),
      says: /would not select production-v0\.0\.2.*selects production-v9\.9\.9.*fresh stamp/,
    },
    {
      name: 'a build that was promoted before',
      facts: () => shopFacts(),
      change: tags.staging1,
      says: /exists already: this build was promoted before/,
    },
    {
      name: 'a build that is not in the registry',
      facts: () => registryOf(tags.production1),
      says: /is not in the registry/,
    },
    {
      name: 'a suspended automation',
      facts: () => suspended('ImageUpdateAutomation production/backend'),
      says: /is suspended\. Resume it first/,
    },
    {
      name: 'a promotion that is running already',
      facts: () => shopFacts({ forge: known({ ...shopForge, runs: [running] }, now) }),
      says: /Run 7 is promoting already/,
    },
    {
      name: 'a forge that does not answer',
      facts: () => shopFacts({ forge: unknown({ code: 'forge-unauthorized', message: 'Sign in.' }) }),
      says: /cannot be asked\. Sign in\./,
    },
    {
      name: 'a repository without a promotion workflow',
      facts: () => shopFacts({ forge: known({ ...shopForge, workflows: [] }, now) }),
      says: /no workflow that promotes into production/,
    },
  ];
  for (const { name, facts, change, says } of refusals) {
    it(`refuses ${name}`, () => assert.match(refusalOf(promotion(facts(), change)), says));
  }

  const textsOf = (facts: Facts, verdict: string): string => {
    const lines = derivePreflight(deriveFleet(facts), facts, production)?.lines ?? [];
    return lines
      .filter((line) => line.verdict === verdict)
      .map((line) => line.text)
      .join('\n');
  };

  it('passes nothing on the word of a source that fell silent', () => {
    const facts = shopFacts();
    const stale = (from: ReadonlyMap<string, Reading<never>>) =>
      new Map([...from].map(([name, reading]) => [name, failed(reading, silent)] as const));
    const registry = stale(facts.registry as ReadonlyMap<string, Reading<never>>);
    const forges = stale(facts.forges as ReadonlyMap<string, Reading<never>>);
    const { clusters } = facts;
    const cluster = clusters.get('lab');
    assert.ok(cluster !== undefined);
    const lab = { ...cluster, deployments: failed(cluster.deployments, silent), imagePolicies: unknown<never>(silent) };
    const texts = textsOf({ ...facts, registry, forges, clusters: new Map([['lab', lab]]) }, 'unknown');
    for (const part of ['in the registry now', 'selected', 'staging runs now', 'suspended', 'already running']) {
      assert.ok(texts.includes(part), `${part}\n${texts}`);
    }
  });

  it('does not pass a policy that nobody has seen', () => {
    const files = filesWith(productionFile, 'production:backend:tag', 'production:other:tag');
    assert.match(textsOf(shopFacts({ files }), 'unknown'), /other environments' tags is unknown/);
  });

  it('judges the policy of the cluster where no clone declares it', () => {
    const files = shopFiles();
    files['apps/production/image.yaml'] = '';
    const objects = editObject(shopObjects(), 'ImagePolicy production/backend', (object) => ({
      ...object,
      spec: { ...(object['spec'] as object), filterTags: { pattern: '.*-(?P<ts>[0-9]+)$', extract: '$ts' } },
    }));
    assert.match(textsOf(shopFacts({ files, objects }), 'failed'), /Hard stop: the production policy/);
  });

  it('takes a digest without a tag for what it is, and sees every workload', () => {
    const pinned = filesWith('apps/base/deployment.yaml', ':latest', '@sha256:abc');
    pinned[productionFile] = (pinned[productionFile] ?? '').replace(/images:[^]*/, '');
    assert.doesNotMatch(textsOf(shopFacts({ files: pinned }), 'failed'), /no tag/);
    const second = shopFiles();
    second['apps/production/worker.yaml'] = (second['apps/base/deployment.yaml'] ?? '')
      .replace('name: backend', 'name: worker')
      .replace(`image: ${image}:latest`, 'image: ghcr.io/acme/worker:latest');
    second[productionFile] = (second[productionFile] ?? '').replace(
      '  - image.yaml',
      '  - image.yaml\n  - worker.yaml',
    );
    assert.match(textsOf(shopFacts({ files: second }), 'failed'), /Hard stop: production would run worker/);
  });

  it('sees a run of the workflow that the settings name', () => {
    const workflow = { ...shopForge.workflows[0], name: 'Ship', path: '.github/workflows/ship.yml', inputs: [] };
    const forge = known({ ...shopForge, workflows: [workflow], runs: [{ ...running, workflow: workflow.path }] }, now);
    const facts = shopFacts({ forge });
    const services = [{ image: 'backend', workflow: 'ship.yml', inputs: {} }];
    assert.match(textsOf({ ...facts, settings: { ...facts.settings, services } }, 'failed'), /Run 7 is promoting/);
  });

  it('puts the tag into the input that asks for a tag', () => {
    const ask = (name: string) => ({ name, description: '', isRequired: false, type: 'string', options: [] }) as const;
    const [workflow] = shopForge.workflows;
    assert.ok(workflow !== undefined);
    const forge = known({ ...shopForge, workflows: [{ ...workflow, inputs: [ask('image'), ask('source_tag')] }] }, now);
    const plan = promotion(shopFacts({ forge }));
    assert.deepEqual(plan.kind === 'dispatch' && plan.inputs, { source_tag: tags.staging2 });
  });

  it('says what is not known instead of refusing', () => {
    const facts = shopFacts({ registry: unknown(silent) });
    const preflight = derivePreflight(deriveFleet(facts), facts, production);
    assert.deepEqual(
      preflight?.lines.filter((line) => line.verdict === 'unknown').map((line) => line.text),
      [
        `Whether ${image}:${tags.staging2} is in the registry is unknown. The registry does not answer.`,
        'Whether production-v0.0.2-aaaaaa2-1700000200 will be selected is unknown: the registry is silent.',
      ],
    );
  });
});

describe('planRollback', () => {
  const intent = { ...production, tag: tags.production0 as string, reason: 'It returns 500.' };
  const plan = (facts: Facts, change: Partial<typeof intent> = {}) =>
    planRollback(deriveFleet(facts), facts, { ...intent, ...change });

  it('excludes the tag in one commit that names what it undoes', () => {
    const made = plan(shopFacts());
    assert.ok(made.kind === 'commit');
    assert.deepEqual([made.base, made.branch, made.undoes?.hash], [tip, 'main', 'b'.repeat(40)]);
    assert.match(made.message, /^Roll back backend in production to production-v0\.0\.0/);
    assert.match(made.message, /\nFlux-Promote-Undoes: b{40}\n$/);
    assert.deepEqual(
      made.changes.map(({ file }) => file),
      ['clusters/lab/images.yaml'],
    );
    const edited = decodeFluxObject(parseDocuments('x.yaml', made.changes[0]?.after ?? '').documents[0]?.value);
    assert.ok(edited?.kind === 'ImageRepository');
    const policy = {
      filterTags: { pattern: '^production-v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$', extract: '$ts' },
      policy: { numerical: { order: 'asc' } },
    };
    const selection = select(policy, Object.values(tags), { exclude: edited.exclusionList });
    assert.equal(selection.kind === 'tag' ? selection.tag : selection.kind, tags.production0);
    assert.ok(edited.exclusionList.includes('^.*\\.sig$'));
  });

  const refusals: readonly RefusedCase<Partial<typeof intent>>[] = [
    {
      name: 'the tag that is written',
      facts: () => shopFacts(),
      change: { tag: tags.production1 },
      says: /is on production-v0\.0\.1/,
    },
    {
      name: 'an environment into which builds flow',
      facts: () => shopFacts(),
      change: { environment: 'staging', tag: tags.staging1 },
      says: /Builds flow into staging/,
    },
    {
      name: 'a tag that has left the registry',
      facts: () => registryOf(tags.production1),
      says: /not in the registry any more/,
    },
    {
      name: 'a registry that does not answer',
      facts: () => shopFacts({ registry: unknown(silent) }),
      says: /tags are not known/,
    },
    {
      name: 'a registry that fell silent',
      facts: () =>
        shopFacts({ registry: failed(known({ tags: Object.values(tags), digests: new Map() }, now), silent) }),
      says: /not known now, .*Try again/,
    },
    {
      name: 'a tag that an earlier rollback excludes',
      facts: () => {
        const files = shopFiles();
        files['clusters/lab/images.yaml'] += `  exclusionList: ['^.*\\.sig$', '^${tags.production0}$']\n`;
        return shopFacts({ files });
      },
      says: /is excluded from selection .* Take it out of the exclusionList/,
    },
    {
      name: 'a tag that the policy does not take',
      facts: () => registryOf(...Object.values(tags), 'v1'),
      change: { tag: 'v1' },
      says: /The policy production\/backend does not take v1/,
    },
    {
      name: 'a list that a patch sets',
      facts: () => {
        const files = shopFiles();
        files['clusters/lab/kustomization.yaml'] =
          'resources: [images.yaml, sync.yaml, staging.yaml, production.yaml]\npatches:\n  - target: { kind: ImageRepository }\n    patch: |\n      - op: add\n        path: /spec/exclusionList\n        value: ["^.*\\\\.sig$"]\n';
        return shopFacts({ files });
      },
      says: /does not reach the ImageRepository flux-system\/backend: a kustomize patch sets it/,
    },
    {
      name: 'a Kustomization that fails to apply the list',
      facts: () => {
        const files = shopFiles();
        files['apps/production/images.yaml'] = files['clusters/lab/images.yaml'] ?? '';
        files['clusters/lab/images.yaml'] = '';
        files[productionFile] = (files[productionFile] ?? '')
          .replace('namespace: production\n', '')
          .replace('  - image.yaml', '  - image.yaml\n  - images.yaml');
        const inNamespace = (text: string) =>
          text.replaceAll('name: backend\nspec', 'name: backend\n  namespace: production\nspec');
        files['apps/production/image.yaml'] = inNamespace(files['apps/production/image.yaml'] ?? '');
        const objects = editObject(shopObjects(), 'Kustomization flux-system/apps-production', (object) => ({
          ...object,
          status: {
            observedGeneration: 1,
            conditions: [{ type: 'Ready', status: 'False', reason: 'HealthCheckFailed', message: 'timeout' }],
          },
        }));
        return shopFacts({ files, objects });
      },
      says: /Kustomization flux-system\/apps-production, .* fails now: HealthCheckFailed: timeout/,
    },
    {
      name: 'an ImageRepository that is declared elsewhere',
      facts: () => shopFacts({ files: filesWith('clusters/lab/images.yaml', 'name: backend', 'name: other') }),
      says: /is not declared in this repository/,
    },
    {
      name: 'suspended scans',
      facts: () => suspended('ImageRepository flux-system/backend'),
      says: /is suspended: an exclusion takes effect only with the next scan/,
    },
    {
      name: 'an exclusion that would move another environment',
      facts: () => {
        const wide = "pattern: '^[a-z]+-v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$'";
        const files = filesWith('apps/staging/image.yaml', /pattern: .*/, wide);
        const registry = known({ tags: [tags.production0, tags.production1], digests: new Map() }, now);
        return shopFacts({ files, registry });
      },
      says: /would also move backend in staging/,
    },
    {
      name: 'a tag that nobody automates',
      facts: () => shopFacts({ files: filesWith(productionFile, / # .*/, '') }),
      says: /not written by an image automation/,
    },
  ];
  for (const { name, facts, change, says } of refusals) {
    it(`refuses ${name}`, () => assert.match(refusalOf(plan(facts(), change)), says));
  }

  it('lists earlier tags and why one cannot be chosen', () => {
    const facts = registryOf(tags.production1);
    const placement = deriveFleet(facts).environments[1]?.placements[0];
    assert.ok(placement !== undefined);
    assert.deepEqual(
      rollbackTargets(placement, facts).map(({ tag, obstacle }) => [tag, obstacle]),
      [[tags.production0, 'it is not in the registry']],
    );
  });
});
