import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { CommitPlan, WayName } from '../../../src/changes/plan';
import { isSuspendedInCluster, planClusterResume } from '../../../src/changes/planClusterResume';
import { planMarkersBack, planResume } from '../../../src/changes/planResume';
import { planRollback } from '../../../src/changes/planRollback';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { deriveHeldLines } from '../../../src/fleet/heldLines';
import { trailersOf } from '../../../src/fleet/trailers';
import { type Commit, type Facts, lineKey } from '../../../src/model/facts';
import type { Hold } from '../../../src/model/fleet';
import { known, unknown, valueOf } from '../../../src/model/reading';
import { commit, editObject, now, shopFacts, shopFiles, shopObjects, tags } from '../fleet/shop';

const production = { service: 'backend', environment: 'production' };
const policyFile = 'apps/production/image.yaml';
const tagFile = 'apps/production/kustomization.yaml';
const reason = 'It is mended.';

/** The shop after a rollback to the older tag by one of its ways, as Git says it; the cluster is not looked at. */
function rolledBack(way: WayName, files = shopFiles()): { readonly facts: Facts; readonly plan: CommitPlan } {
  const facts = { ...shopFacts({ files }), clusters: new Map() };
  const intent = { ...production, tag: tags.production0, reason: 'It returns 500.' };
  const ways = planRollback(deriveFleet(facts), facts, intent);
  assert.ok(ways.kind === 'ways');
  const plan = [ways.recommended, ...ways.others].find((one) => one?.name === way)?.plan;
  assert.ok(plan?.kind === 'commit', JSON.stringify(plan));
  const after = { ...files, ...Object.fromEntries(plan.changes.map((one) => [one.file, one.after])) };
  const made = { ...commit('d'.repeat(40), 5, 'ada'), message: plan.message };
  return { facts: withOrigins({ ...shopFacts({ files: after }), clusters: new Map() }, made, files), plan };
}

function withOrigins(facts: Facts, made: Commit, filesBefore: Readonly<Record<string, string>>): Facts {
  const repositories = facts.repositories.map((repository) => {
    const content = valueOf(repository.content);
    const lines = content === undefined ? [] : deriveHeldLines(content);
    const originOf = (file: string) => known({ commit: made, fileBefore: filesBefore[file] ?? '' }, now);
    return {
      ...repository,
      lineOrigins: new Map(lines.map(({ file, line }) => [lineKey(file, line), originOf(file)])),
    };
  });
  return { ...facts, repositories };
}

function holdOf(facts: Facts, kind: Hold['kind']): Hold {
  const placement = deriveFleet(facts).environments.find(({ name }) => name === 'production')?.placements[0];
  const hold = placement?.holds.find((one) => one.kind === kind);
  assert.ok(hold !== undefined, JSON.stringify(placement?.holds));
  return hold;
}

function resume(facts: Facts, kind: Hold['kind']) {
  return planResume(deriveFleet(facts), facts, { ...production, hold: holdOf(facts, kind), reason });
}

function changed(plan: ReturnType<typeof resume>): Record<string, string> {
  assert.ok(plan.kind === 'commit', JSON.stringify(plan));
  return Object.fromEntries(plan.changes.map(({ file, after }) => [file, after]));
}

describe('planResume', () => {
  it('lifts a pin of ours and says first what is then selected, and by what', () => {
    const { facts } = rolledBack('pin');
    const plan = resume(facts, 'pinned');
    assert.deepEqual(changed(plan), { [policyFile]: shopFiles()[policyFile] });
    assert.ok(plan.kind === 'commit');
    assert.match(plan.summary.join(' '), /then selects production-v0\.0\.1-\S+, which is written already\./);
    assert.deepEqual(trailersOf(plan).get('Flux-Promote-Lifts'), ['pinned production/backend']);
  });

  it('says who writes the newer tag at once', () => {
    const { facts } = rolledBack('pin');
    const files = Object.fromEntries(valueOf(facts.repositories[0]?.content)?.files ?? []);
    files[tagFile] = (files[tagFile] ?? '').replace(tags.production1, tags.production0);
    const written = { ...shopFacts({ files }), clusters: new Map() };
    const plan = resume(withOrigins(written, commit('d'.repeat(40), 5), shopFiles()), 'pinned');
    assert.ok(plan.kind === 'commit');
    assert.match(plan.summary.join(' '), /and ImageUpdateAutomation production\/backend writes it at once/);
    const silent = {
      ...written,
      registry: new Map(
        [...written.registry].map(([name]) => [
          name,
          unknown<never>({ code: 'registry-unreachable', message: 'Silent.' }),
        ]),
      ),
    };
    const blind = planResume(deriveFleet(silent), silent, { ...production, hold: holdOf(written, 'pinned'), reason });
    assert.ok(blind.kind === 'commit');
    assert.match(blind.summary.join(' '), /What is selected then is not known: Silent\./);
  });

  it("lifts somebody else's pin by what stood there before their commit", () => {
    const files = shopFiles();
    files[policyFile] = (files[policyFile] ?? '').replace(
      /'\^production.*'/,
      () => "'^production-v0\\.0\\.0-aaaaaa0-(?P<ts>1700000000)$'",
    );
    const facts = { ...shopFacts({ files }), clusters: new Map() };
    const plan = resume(withOrigins(facts, commit('e'.repeat(40), 90, 'bob'), shopFiles()), 'pinned');
    assert.deepEqual(changed(plan), { [policyFile]: shopFiles()[policyFile] });
    const unknownBefore = resume(facts, 'pinned');
    assert.ok(unknownBefore.kind === 'refusal');
    assert.match(unknownBefore.reason, /is not known: the pin is not one of ours/);
  });

  it('takes exclusions out, and the list with the last of them', () => {
    const { facts } = rolledBack('exclude');
    assert.deepEqual(changed(resume(facts, 'excluded')), {
      'clusters/lab/images.yaml': shopFiles()['clusters/lab/images.yaml'],
    });
    const files = shopFiles();
    files['clusters/lab/images.yaml'] += "  exclusionList:\n    - '^.*\\.sig$'\n    - '^other$' # kept\n";
    const among = rolledBack('exclude', files);
    assert.deepEqual(changed(resume(among.facts, 'excluded')), {
      'clusters/lab/images.yaml': files['clusters/lab/images.yaml'],
    });
  });

  it('resumes a suspension, and puts the marker back', () => {
    const { facts } = rolledBack('suspend');
    assert.equal(changed(resume(facts, 'suspended'))[policyFile], shopFiles()[policyFile]);
    const back = changed(resume(facts, 'unmarked'))[tagFile];
    assert.equal(back, (shopFiles()[tagFile] ?? '').replace(tags.production1, tags.production0));
  });

  it('has nothing to write in Git for what only the cluster has', () => {
    const plan = resume(suspendedInCluster, 'suspended');
    assert.ok(plan.kind === 'refusal');
    assert.match(plan.reason, /^ImageUpdateAutomation production\/backend is held in the cluster only/);
  });
});

const suspend = (name: string): Facts =>
  shopFacts({
    objects: editObject(shopObjects(), name, (object) => ({
      ...object,
      spec: { ...(object['spec'] as object), suspend: true },
    })),
  });
const suspendedInCluster = suspend('ImageUpdateAutomation production/backend');

describe('planClusterResume', () => {
  const object = { kind: 'ImageUpdateAutomation', namespace: 'production', name: 'backend' };

  it('resumes in the cluster what only the cluster has, and says first what is then selected, and by what', () => {
    const hold = holdOf(suspendedInCluster, 'suspended');
    assert.equal(isSuspendedInCluster(hold), true);
    const plan = planClusterResume(deriveFleet(suspendedInCluster), suspendedInCluster, { ...production, object });
    assert.ok(plan.kind === 'resume', JSON.stringify(plan));
    assert.deepEqual(plan.object, hold.object);
    assert.deepEqual(plan.summary, [
      'ImageUpdateAutomation production/backend in lab is resumed in the cluster alone: Git says nothing of its suspension.',
      `production/backend then selects ${tags.production1}, which is written already.`,
    ]);
  });

  it('names whom else it holds', () => {
    const facts = suspend('ImageRepository flux-system/backend');
    const list = { kind: 'ImageRepository', namespace: 'flux-system', name: 'backend' };
    const plan = planClusterResume(deriveFleet(facts), facts, { ...production, object: list });
    assert.ok(plan.kind === 'resume', JSON.stringify(plan));
    assert.equal(plan.summary.at(-1), 'It holds these too, and they move with it: backend in staging.');
  });

  it('refuses what is not suspended any more, and what Git suspends', () => {
    const free = shopFacts();
    const resumed = planClusterResume(deriveFleet(free), free, { ...production, object });
    assert.ok(resumed.kind === 'refusal');
    assert.equal(resumed.reason, 'ImageUpdateAutomation production/backend is not suspended in a cluster any more.');
    assert.equal(isSuspendedInCluster(holdOf(rolledBack('suspend').facts, 'suspended')), false);
  });
});

describe('planMarkersBack', () => {
  const selects = (facts: Facts, tag: string): Facts => {
    const objects = editObject(shopObjects(), 'ImagePolicy production/backend', (object) => ({
      ...object,
      status: { ...(object['status'] as object), latestRef: { name: 'ghcr.io/acme/backend', tag } },
    }));
    return { ...facts, clusters: shopFacts({ objects }).clusters };
  };

  it('completes a pair once the policy selects what is written', () => {
    const { facts } = rolledBack('drill');
    const ready = selects(facts, tags.production0);
    const plan = planMarkersBack(deriveFleet(ready), ready, production);
    assert.equal(changed(plan)[tagFile], (shopFiles()[tagFile] ?? '').replace(tags.production1, tags.production0));
    assert.ok(plan.kind === 'commit');
    assert.deepEqual(trailersOf(plan).get('Flux-Promote-Completes'), ['d'.repeat(40)]);
  });

  it('puts back every marker that the first commit took off', () => {
    const files = shopFiles();
    files['apps/production/worker.yaml'] = (files['apps/base/deployment.yaml'] ?? '')
      .replace('name: backend', 'name: worker')
      .replace(':latest', `:${tags.production1} # {"$imagepolicy": "production:backend"}`);
    files[tagFile] = (files[tagFile] ?? '')
      .replace('  - image.yaml', '  - image.yaml\n  - worker.yaml')
      .replace(/images:[^]*/, '');
    files['apps/production/first.yaml'] = (files['apps/production/worker.yaml'] ?? '').replace(
      'name: worker',
      'name: first',
    );
    files[tagFile] = (files[tagFile] ?? '')
      .replace('  - worker.yaml', '  - worker.yaml\n  - first.yaml')
      .replace('  - ../base\n', '');
    const { facts } = rolledBack('drill', files);
    const ready = selects(facts, tags.production0);
    const after = changed(planMarkersBack(deriveFleet(ready), ready, production));
    for (const name of ['first', 'worker']) {
      const file = `apps/production/${name}.yaml`;
      assert.equal(after[file], (files[file] ?? '').replace(tags.production1, tags.production0), file);
    }
  });

  it('waits as long as Flux would write another tag', () => {
    const { facts } = rolledBack('drill');
    const early = selects(facts, tags.production1);
    const plan = planMarkersBack(deriveFleet(early), early, production);
    assert.ok(plan.kind === 'refusal');
    assert.match(plan.reason, /Flux would write production-v0\.0\.1-\S+ over production-v0\.0\.0/);
  });

  it('has nothing to do where the markers are', () => {
    const facts = shopFacts();
    const plan = planMarkersBack(deriveFleet(facts), facts, production);
    assert.ok(plan.kind === 'refusal');
    assert.match(plan.reason, /are in their places/);
  });
});
