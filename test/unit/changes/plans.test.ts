import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { CommitPlan, DispatchPlan, Refusal } from '../../../src/changes/plan';
import { planPromotion } from '../../../src/changes/planPromotion';
import { derivePreflight } from '../../../src/changes/preflight';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import type { Facts } from '../../../src/model/facts';
import { optional } from '../../../src/model/optional';
import { failed, known, type Reading, unknown } from '../../../src/model/reading';
import { editObject, image, now, shopFacts, shopFiles, shopForge, shopObjects, tags } from '../fleet/shop';

const production = { service: 'backend', environment: 'production' };
const silent = { code: 'registry-unreachable', message: 'The registry does not answer.' } as const;
const productionFile = 'apps/production/kustomization.yaml';

function promotion(facts: Facts, tag?: string, inputs = {}): CommitPlan | DispatchPlan | Refusal {
  const fleet = deriveFleet(facts);
  const preflight = derivePreflight(fleet, facts, production, now, optional('tag', tag));
  assert.ok(preflight !== undefined);
  return planPromotion(preflight, fleet, { reason: 'A test', inputs });
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
    const preflight = derivePreflight(deriveFleet(facts), facts, production, now);
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
    const lines = derivePreflight(deriveFleet(facts), facts, production, now)?.lines ?? [];
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
    const preflight = derivePreflight(deriveFleet(facts), facts, production, now);
    assert.deepEqual(
      preflight?.lines.filter((line) => line.verdict === 'unknown').map((line) => line.text),
      [
        `Whether ${image}:${tags.staging2} is in the registry is unknown. The registry does not answer.`,
        'Whether production-v0.0.2-aaaaaa2-1700000200 will be selected is unknown: the registry is silent.',
      ],
    );
  });
});
