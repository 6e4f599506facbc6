// What a promotion becomes where there is no workflow to ask, where its build was excluded, and what each build is told first.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { CommitPlan, DispatchPlan, Refusal } from '../../../src/changes/plan';
import { planPromotion, promotionInputs } from '../../../src/changes/planPromotion';
import { derivePreflight, recheck } from '../../../src/changes/preflight';
import type { OwnChanges } from '../../../src/changes/promotion/cloneLine';
import { refuseInput } from '../../../src/changes/promotion/inputs';
import { promotionCandidates } from '../../../src/changes/promotionCandidates';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import type { Facts, WorkflowInput } from '../../../src/model/facts';
import { optional } from '../../../src/model/optional';
import { known } from '../../../src/model/reading';
import { editObject, now, shopFacts, shopFiles, shopForge, shopObjects, tags } from '../fleet/shop';

const production = { service: 'backend', environment: 'production' };
const file = 'apps/production/kustomization.yaml';
const target = tags.staging2.replace('staging', 'production');

function promotion(facts: Facts, inputs = {}, tag?: string): CommitPlan | DispatchPlan | Refusal {
  const fleet = deriveFleet(facts);
  const preflight = derivePreflight(fleet, facts, production, now, optional('tag', tag));
  assert.ok(preflight !== undefined);
  return planPromotion(preflight, fleet, { reason: 'The sale begins', inputs });
}

/** Production without marker and policy: somebody writes the tag there. */
function byHand(change: (files: Record<string, string>) => void = () => undefined): Facts {
  const files = shopFiles();
  files['apps/production/image.yaml'] = '';
  files[file] = (files[file] ?? '').replace(/ # \{.*/, '').replace('  - image.yaml\n', '');
  change(files);
  const objects = shopObjects().filter(({ kind, metadata }) => {
    const { namespace } = metadata as { readonly namespace?: string };
    return !(namespace === 'production' && String(kind).startsWith('Image'));
  });
  return shopFacts({ files, objects });
}

describe('a promotion by a commit', () => {
  it('writes the tag where nobody automates it, and carries its record', () => {
    const plan = promotion(byHand());
    assert.ok(plan.kind === 'commit', JSON.stringify(plan));
    const [change] = plan.changes;
    assert.equal(plan.changes.length, 1);
    assert.match(change?.after ?? '', new RegExp(`newTag: ${tags.staging2}`));
    assert.match(plan.message, /\n\nThe sale begins\n\n/);
    for (const line of [
      'Flux-Promote: promotion',
      'Flux-Promote-Environment: production',
      `Flux-Promote-From: ${tags.production1}`,
      `Flux-Promote-To: ${tags.staging2}`,
      'Flux-Promote-Commits: aaaaaa1..aaaaaa2',
    ]) {
      assert.ok(plan.message.split('\n').includes(line), `${line}\n${plan.message}`);
    }
    assert.match(plan.message, new RegExp(`^Flux-Promote-Source: staging ${tags.staging2} sha256:`, 'm'));
    assert.match(plan.message, /^Flux-Promote-Verification: \d+ of \d+ checks passed$/m);
  });

  it('lifts the exclusion of a build that a rollback has excluded, and starts no run', () => {
    const files = shopFiles();
    const list = files['clusters/lab/images.yaml'] ?? '';
    const exclusions = `  exclusionList:\n    - '^.*\\.sig$'\n    - '^${target.replaceAll('.', '\\.')}$'\n`;
    files['clusters/lab/images.yaml'] = list + exclusions;
    const objects = editObject(shopObjects(), 'ImageRepository flux-system/backend', (object) => ({
      ...object,
      spec: { ...(object['spec'] as object), exclusionList: ['^.*\\.sig$', `^${target.replaceAll('.', '\\.')}$`] },
    }));
    const registry = known({ tags: [...Object.values(tags), target], digests: new Map() }, now);
    const plan = promotion(shopFacts({ files, objects, registry }));
    assert.ok(plan.kind === 'commit', JSON.stringify(plan));
    assert.deepEqual(
      plan.changes.map(({ after }) => after.includes(target.replaceAll('.', '\\.'))),
      [false],
    );
    assert.match(plan.summary[0] ?? '', new RegExp(`^${target} is no longer excluded`));
  });
});

describe('the inputs of a promotion workflow', () => {
  const input = (name: string, change: Partial<WorkflowInput> = {}): WorkflowInput => ({
    name,
    description: '',
    isRequired: false,
    type: 'string',
    options: [],
    ...change,
  });
  const factsWith = (...inputs: readonly WorkflowInput[]): Facts => {
    const [workflow] = shopForge.workflows;
    assert.ok(workflow !== undefined);
    return shopFacts({ forge: known({ ...shopForge, workflows: [{ ...workflow, inputs }] }, now) });
  };

  it('fills what it knows, and leaves the rest to a person', () => {
    const facts = factsWith(
      input('staging_tag', { isRequired: true }),
      input('digest'),
      input('reason'),
      input('correlation_id'),
      input('environment', { type: 'choice', options: ['staging', 'prod'] }),
      input('dry_run', { type: 'boolean', default: 'false' }),
      input('replicas', { type: 'number', isRequired: true }),
    );
    const preflight = derivePreflight(deriveFleet(facts), facts, production, now);
    const known_ = preflight && promotionInputs(preflight, 'The sale begins');
    assert.deepEqual(
      known_?.open.map(({ name }) => name),
      ['dry_run', 'replicas'],
    );
    const plan = promotion(facts, { replicas: '3', staging_tag: 'something else' });
    assert.ok(plan.kind === 'dispatch', JSON.stringify(plan));
    assert.deepEqual(
      { ...plan.inputs, digest: '…' },
      {
        staging_tag: tags.staging2,
        digest: '…',
        reason: 'The sale begins',
        correlation_id: `flux-promote/backend/${target}`,
        environment: 'prod',
        replicas: '3',
      },
    );
    assert.equal(plan.correlation, `flux-promote/backend/${target}`);
    const refused = promotion(facts, { replicas: 'three' });
    assert.match(refused.kind === 'refusal' ? refused.reason : '', /"replicas" .* is wrong\. A number is asked for/);
  });

  const trouble: readonly (readonly [Partial<WorkflowInput>, string, string | undefined])[] = [
    [{}, '', undefined],
    [{ isRequired: true }, '', 'A value is required.'],
    [{ type: 'number' }, '1.5', undefined],
    [{ type: 'boolean' }, 'yes', 'true or false is asked for.'],
    [{ type: 'choice', options: ['a', 'b'] }, 'c', 'One of a, b is asked for.'],
    [{ type: 'choice', options: ['a', 'b'] }, 'b', undefined],
  ];
  for (const [change, value, wanted] of trouble) {
    it(`${JSON.stringify(change)} and "${value}"`, () => assert.equal(refuseInput(input('x', change), value), wanted));
  }

  it('refuses a workflow that would choose the build itself', () => {
    const plan = promotion(factsWith(input('force', { type: 'boolean' })));
    assert.match(plan.kind === 'refusal' ? `${plan.reason} ${plan.wayOut ?? ''}` : '', /never left to the workflow/);
  });
});

describe('candidates', () => {
  it('tells of every build whether it can be promoted, before it is chosen', () => {
    const facts = shopFacts();
    const candidates = promotionCandidates(deriveFleet(facts), facts, production, now);
    assert.equal(candidates[0]?.preflight.candidate.tag, tags.staging2);
    assert.equal(candidates[0]?.isRunning, true);
    assert.equal(candidates[0]?.obstacle, undefined);
    assert.equal(candidates[0]?.parts.version, 'v0.0.2');
    for (const { preflight, obstacle } of candidates.slice(1)) {
      assert.match(obstacle?.text ?? '', /exists already|would not select/, preflight.candidate.tag);
      assert.ok(obstacle?.remedy !== undefined);
    }
  });

  it('refuses who may not write, and says what a forge cannot do before it is tried', () => {
    const forge = { title: 'Forgejo', isExperimental: true, lacks: ['Forgejo does not tell the steps of a run.'] };
    const facts = shopFacts({ forge: known({ ...shopForge, forge, mayWrite: false }, now) });
    const lines = derivePreflight(deriveFleet(facts), facts, production, now)?.lines ?? [];
    const texts = lines.map(({ verdict, text }) => `${verdict}: ${text}`).join('\n');
    assert.match(texts, /failed: You may not start workflows of acme\/backend/);
    assert.match(texts, /unknown: Forgejo is experimental/);
    assert.match(texts, /unknown: Forgejo does not tell the steps/);
  });

  it('says when the registry was scanned last, and when that is overdue', () => {
    const scanned = (age: number) => {
      const objects = editObject(shopObjects(), 'ImageRepository flux-system/backend', (object) => ({
        ...object,
        status: {
          ...(object['status'] as object),
          lastScanResult: { scanTime: new Date(now - age).toISOString(), tagCount: 4 },
        },
      }));
      const facts = shopFacts({ objects });
      const lines = derivePreflight(deriveFleet(facts), facts, production, now)?.lines ?? [];
      return lines.find(({ text }) => /scanned/.test(text))?.verdict;
    };
    assert.equal(scanned(1000), 'passed');
    assert.equal(scanned(24 * 3_600_000), 'unknown');
    // The cluster's clock is an hour ahead.
    assert.equal(scanned(-3_600_000), 'passed');
  });

  it('refuses while the scans fail: production would not see the new tag', () => {
    const objects = editObject(shopObjects(), 'ImageRepository flux-system/backend', (object) => ({
      ...object,
      status: {
        observedGeneration: 1,
        conditions: [{ type: 'Ready', status: 'False', reason: 'ReadOperationFailed', message: 'UNAUTHORIZED' }],
      },
    }));
    const plan = promotion(shopFacts({ objects }));
    assert.ok(plan.kind === 'refusal');
    assert.equal(plan.reason, 'The ImageRepository flux-system/backend fails: ReadOperationFailed: UNAUTHORIZED');
    assert.equal(plan.wayOut, 'Mend it first: production would not see the new tag.');
  });
});

describe("the user's own clone in the pre-flight", () => {
  const none = { uncommitted: [], unpushed: [], behind: 0 };
  const lineOf = (facts: Facts, own: Partial<OwnChanges>) => {
    const preflight = derivePreflight(deriveFleet(facts), facts, production, now, { own: { ...none, ...own } });
    const found = preflight?.lines.find(({ text }) => text.startsWith('Your clone'));
    return `${found?.verdict}: ${found?.text}`;
  };

  it('is fine where it has nothing of its own, or only in files that decide nothing', () => {
    assert.match(lineOf(shopFacts(), {}), /^passed: Your clone has no changes of its own/);
    assert.match(
      lineOf(shopFacts(), { uncommitted: ['README.md'], behind: 2 }),
      /^passed: .* lacks 2 commits of origin\/main/,
    );
  });

  it('is named where it has another policy or tag than the branch that Flux follows', () => {
    const policy = 'apps/production/image.yaml';
    assert.equal(
      lineOf(shopFacts(), { uncommitted: [policy] }),
      `unknown: Your clone has changes of its own to ${policy}, not committed. Flux does not see them: what is judged here is origin/main.`,
    );
    assert.match(lineOf(shopFacts(), { unpushed: [file] }), /^unknown: .*, not pushed\./);
  });

  it('refuses a commit to a file that the user has edited, and tells the way out', () => {
    const facts = byHand();
    assert.equal(
      lineOf(facts, { uncommitted: [file] }),
      `failed: Your clone has changes of its own to ${file}, not committed: this promotion writes that file.`,
    );
    assert.match(lineOf(facts, { uncommitted: ['apps/staging/kustomization.yaml'] }), /^passed/);
  });
});

describe('what comes up between the question and the start', () => {
  const agreed = (facts: Facts) => {
    const preflight = derivePreflight(deriveFleet(facts), facts, production, now);
    assert.ok(preflight !== undefined);
    return preflight;
  };
  const run = {
    id: 9,
    url: 'https://forge/9',
    workflow: '.github/workflows/promote-production.yml',
    state: 'running' as const,
    createdAt: now,
    updatedAt: now,
    steps: [],
  };
  const cases: readonly (readonly [string, Facts, RegExp])[] = [
    ['a policy that was edited', shopFacts({ files: shopFiles('^prod-v') }), /would not select prod-v0\.0\.2/],
    ["somebody else's run", shopFacts({ forge: known({ ...shopForge, runs: [run] }, now) }), /^Run 9 is promoting/],
    [
      'its tag',
      shopFacts({ registry: known({ tags: [...Object.values(tags), target], digests: new Map() }, now) }),
      /exists already/,
    ],
  ];
  for (const [name, facts, reason] of cases) {
    it(`${name} keeps it from being started`, () => {
      const preflight = agreed(shopFacts());
      assert.equal(recheck(preflight, deriveFleet(shopFacts()), shopFacts(), now), undefined);
      const refusal = recheck(preflight, deriveFleet(facts), facts, now);
      assert.match(refusal?.reason ?? '', reason);
      assert.match(refusal?.reason ?? '', /nothing was started\.$/);
    });
  }
});
