import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { deriveLesson, type LessonRecord, lessonSteps, observeAgain } from '../../../src/fleet/lesson';
import { formatLessonReport } from '../../../src/fleet/lessonReport';
import type { Facts, WorkflowRun } from '../../../src/model/facts';
import { known } from '../../../src/model/reading';
import { edited, withSpec, withStatus } from './edits';
import {
  change,
  commit,
  editObject,
  image,
  minute,
  now,
  productionHistory,
  shopFacts,
  shopForge,
  shopObjects,
  tags,
} from './shop';

/** The lab was made two minutes ago; the shop's own history is older. */
const createdAt = now - 2 * minute;
const production2 = 'production-v0.0.2-aaaaaa2-1700000200';

function viewOf(facts: Facts, findings: readonly string[] = []) {
  return { facts, fleet: deriveFleet(facts), findings, createdAt };
}

function seenIn(facts: Facts, before: LessonRecord = {}, findings: readonly string[] = []): LessonRecord {
  return deriveLesson(before, viewOf(facts, findings), now);
}

const run = (workflow: string, state: WorkflowRun['state'] = 'succeeded', createdMinutesAgo = 1): WorkflowRun => ({
  id: 7,
  url: 'http://forge/runs/7',
  workflow: `.github/workflows/${workflow}.yml`,
  state,
  createdAt: now - createdMinutesAgo * minute,
  updatedAt: now - createdMinutesAgo * minute,
  actor: 'mira',
  steps: [],
});

/** Production with `tag` selected, written and running; its digest is that of `like`. */
function delivered(
  tag: string,
  options: { history?: ReturnType<typeof change>[]; runs?: WorkflowRun[]; digest?: string } = {},
): Facts {
  const { history = [], runs = [], digest = 'sha256:aa' } = options;
  const objects = editObject(
    editObject(shopObjects(), 'ImagePolicy production/backend', (object) =>
      withStatus(object, { latestRef: { name: image, tag } }),
    ),
    'Deployment production/backend',
    (object) => ({
      ...object,
      spec: { replicas: 2, template: { spec: { containers: [{ name: 'app', image: `${image}:${tag}` }] } } },
    }),
  );
  const files = shopFacts().repositories[0]?.content;
  assert.ok(files?.state === 'known');
  const file = 'apps/production/kustomization.yaml';
  const texts = Object.fromEntries(files.value.files);
  return shopFacts({
    files: { ...texts, [file]: (texts[file] ?? '').replace(tags.production1, tag) },
    objects,
    history: [...history, ...productionHistory],
    forge: known({ ...shopForge, runs }, now),
    registry: known(
      {
        tags: [...Object.values(tags), tag],
        digests: new Map([
          [tag, known(digest, now)],
          [tags.staging2, known('sha256:aa', now)],
        ]),
      },
      now,
    ),
  });
}

const promotion = change(production2, tags.production1, commit('d'.repeat(40), 0.5));
const rollback = change(tags.production1, production2, commit('e'.repeat(40), 0.2));

function withPattern(pattern: string): Facts {
  return edited('ImagePolicy production/backend', (object) =>
    withSpec(object, { filterTags: { pattern, extract: '$ts' } }),
  );
}

describe('deriveLesson', () => {
  it('sees the baseline of a sound lab and nothing else', () => {
    const record = seenIn(shopFacts());
    assert.deepEqual(Object.keys(record), ['baseline']);
    assert.equal(record.baseline?.at, now);
    assert.equal(seenIn(shopFacts(), record), record);
  });

  it('sees no baseline where a source is silent', () => {
    const { defaultContext: _context, ...facts } = shopFacts();
    assert.deepEqual(seenIn(facts), {});
    assert.deepEqual(seenIn(shopFacts({ files: {} })), {});
  });

  it('ticks the guardrails only after one was marked, and when none is left', () => {
    const marked = seenIn(shopFacts(), {}, ['pattern-crosses-environment in x.yaml']);
    assert.ok(marked['guardrails broken'] !== undefined);
    assert.equal(marked.guardrails, undefined);
    const mended = seenIn(shopFacts(), marked);
    assert.match(mended.guardrails?.evidence ?? '', /^Marked: pattern-crosses-environment in x\.yaml\. Mended/);
  });

  it('ticks the promotion by its run, the write-back by the bot’s commit, and the lineage by the digest', () => {
    const onlyRun = seenIn(shopFacts({ forge: known({ ...shopForge, runs: [run('promote-production')] }, now) }));
    assert.match(
      onlyRun.promotion?.evidence ?? '',
      /^backend: run 7 of .*promote-production\.yml by mira succeeded\.$/,
    );
    assert.equal(onlyRun['write-back'], undefined);
    const arrived = seenIn(delivered(production2, { history: [promotion], runs: [run('promote-production')] }));
    assert.match(
      arrived['write-back']?.evidence ?? '',
      /^bot wrote production-v0\.0\.2.* in ddddddd, and backend in production runs it\.$/,
    );
    assert.match(
      arrived.lineage?.evidence ?? '',
      /^production-v0\.0\.2.* was tested as staging-v0\.0\.2.*: sha256:aa\.$/,
    );
    assert.equal(arrived.delivery, undefined);
  });

  it('takes no tag of staging in production for a proof of lineage, though it is the very image', () => {
    const pulledIn = change(tags.staging2, tags.production1, commit('d'.repeat(40), 0.5));
    assert.equal(seenIn(delivered(tags.staging2, { history: [pulledIn] })).lineage, undefined);
  });

  it('takes neither a failed run nor one that is older than the lab', () => {
    for (const one of [run('promote-production', 'failed'), run('promote-production', 'succeeded', 3)]) {
      const record = seenIn(delivered(production2, { history: [promotion], runs: [one] }));
      assert.equal(record.promotion, undefined);
      assert.equal(record['write-back'], undefined);
    }
  });

  it('takes no commit of a person for the write-back', () => {
    const byHand = change(production2, tags.production1, commit('d'.repeat(40), 0.5, 'mira'));
    const record = seenIn(delivered(production2, { history: [byHand], runs: [run('promote-production')] }));
    assert.equal(record['write-back'], undefined);
  });

  it('ticks a rollback, and with it the proof of delivery', () => {
    const arrived = seenIn(delivered(production2, { history: [promotion], runs: [run('promote-production')] }));
    const back = delivered(tags.production1, { history: [rollback, promotion], runs: [run('promote-production')] });
    const record = seenIn(back, arrived);
    assert.match(
      record.rollback?.evidence ?? '',
      /^bot took production-v0\.0\.2.* back to production-v0\.0\.1.* in eeeeeee;/,
    );
    assert.match(record.delivery?.evidence ?? '', /wrote production-v0\.0\.2.* took production-v0\.0\.2/);
  });

  it('takes no revert that was undone for a rollback, and no end of a crossing', () => {
    const undone = [change(production2, tags.production1, commit('f'.repeat(40), 0.1)), rollback, promotion];
    assert.equal(seenIn(delivered(production2, { history: undone })).rollback, undefined);
    const crossed = [
      change(tags.production1, tags.staging2, commit('f'.repeat(40), 0.1)),
      change(tags.staging2, tags.production1, commit('e'.repeat(40), 0.2)),
    ];
    assert.equal(seenIn(delivered(tags.production1, { history: crossed })).rollback, undefined);
  });

  it('tells the three faults apart, and ticks each when it is mended', () => {
    const drifted = shopFacts({
      objects: editObject(shopObjects(), 'Deployment production/backend', (object) => ({
        ...object,
        spec: {
          replicas: 2,
          template: { spec: { containers: [{ name: 'app', image: `${image}:${tags.production0}` }] } },
        },
      })),
    });
    const cases = [
      [
        'production-does-not-update',
        withPattern('^prod-v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$'),
        /its pattern was \^prod-v/,
      ],
      [
        'wrong-environment',
        withPattern('^staging-v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$'),
        /was given to the policy production\/backend\./,
      ],
      ['wrong-environment', delivered(tags.staging2), /was given staging-v0\.0\.2/],
      ['rollout-undo', drifted, /^backend in production ran .*production-v0\.0\.0.*, Git said/],
    ] as const;
    for (const [fault, facts, evidence] of cases) {
      const broken = seenIn(facts);
      const faults = Object.keys(broken).filter((sign) => sign.endsWith(' broken'));
      assert.deepEqual(faults, [`${fault} broken`]);
      assert.match(broken[`${fault} broken`]?.evidence ?? '', evidence);
      assert.equal(broken[fault], undefined);
      assert.match(seenIn(shopFacts(), broken)[fault]?.evidence ?? '', /Mended: all links are done again\.$/);
    }
  });

  it('ticks the rebuild only when lineage answers different', () => {
    const runs = [run('rebuild-production')];
    const rebuilt = seenIn(delivered(production2, { history: [promotion], runs, digest: 'sha256:bb' }));
    assert.equal(rebuilt.rebuild, undefined, 'what the images hold is not read yet');
    const facts = delivered(production2, { history: [promotion], runs, digest: 'sha256:bb' });
    const resolved = (digest: string) => ({
      digest,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      manifests: [{ digest, platform: 'linux/amd64' }],
      labels: {},
    });
    const registry = facts.registry.get(image);
    assert.ok(registry?.state === 'known');
    const contents = new Map(['sha256:aa', 'sha256:bb'].map((digest) => [digest, known(resolved(digest), now)]));
    const looked = { ...facts, registry: new Map([[image, known({ ...registry.value, contents }, now)]]) };
    const record = seenIn(looked);
    assert.match(
      record.rebuild?.evidence ?? '',
      /^run 7 of .*rebuild-production\.yml by mira succeeded; lineage of production-v0\.0\.2.* answered “different”/,
    );
    assert.equal(record.lineage, undefined);
    assert.equal(seenIn({ ...looked, forges: new Map() }).rebuild, undefined);
  });
});

describe('formatLessonReport', () => {
  it('tells what is observed now from what has passed, and what is missing', () => {
    const record: LessonRecord = {
      baseline: { at: now, evidence: 'All 15 lines | ok.' },
      rebuild: { at: now, evidence: 'run 7.' },
    };
    const page = formatLessonReport(record, observeAgain(viewOf(shopFacts())), now);
    assert.match(page, /\n\*\*1 of 3 proofs, 2 of 11 steps\.\*\* Written 2026-11-23 12:00:00 UTC\.\n/);
    assert.match(page, /\n\| ✓ \| Step 1: .* \| 2026-11-23 12:00:00 UTC \| All 15 lines \\\| ok\. \|\n/);
    assert.match(page, /\n\| \(✓\) \| Why rebuilding .* \| run 7\. \|\n/);
    assert.match(page, /\n\| · \| Step 3: .* \| {2}\| not yet \|\n/);
    assert.match(page, /\n\nA rebuild is a new artefact, even from the same commit/);
  });
});

describe('the walkthrough of the manifest', () => {
  interface Step {
    readonly id: string;
    readonly completionEvents: readonly string[];
    readonly media: { readonly markdown: string };
  }
  const root = join(__dirname, '../../..');
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly contributes: { readonly walkthroughs: readonly { readonly steps: readonly Step[] }[] };
  };
  const steps = manifest.contributes.walkthroughs[0]?.steps ?? [];

  it('has the steps of the lesson in their order, each ticked by its own observation', () => {
    assert.deepEqual(
      steps.map(({ id, completionEvents }) => [id, completionEvents]),
      lessonSteps.map((step) => [step, [`onContext:fluxPromote.lesson.${step}`]]),
    );
  });

  it('ships a page for each', () => {
    for (const { media } of steps) assert.ok(existsSync(join(root, media.markdown)), media.markdown);
  });
});
