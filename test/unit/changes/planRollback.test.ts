import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { CommitPlan, Way, WayName } from '../../../src/changes/plan';
import { planRollback } from '../../../src/changes/planRollback';
import { rollbackTargets } from '../../../src/changes/rollbackTargets';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { trailersOf } from '../../../src/fleet/trailers';
import { pinAnnotation } from '../../../src/manifests/pin';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import type { Facts } from '../../../src/model/facts';
import { failed, known, unknown, valueOf } from '../../../src/model/reading';
import { select } from '../../../src/policy/select';
import { editObject, image, now, shopFacts, shopFiles, shopObjects, tags, tip } from '../fleet/shop';

const production = { service: 'backend', environment: 'production' };
const silent = { code: 'registry-unreachable', message: 'The registry does not answer.' } as const;
const productionFile = 'apps/production/kustomization.yaml';
const policyFile = 'apps/production/image.yaml';
const listFile = 'clusters/lab/images.yaml';
const intent = { ...production, tag: tags.production0 as string, reason: 'It returns 500.' };

function filesWith(file: string, from: string | RegExp, to: string): Record<string, string> {
  const files = shopFiles();
  files[file] = (files[file] ?? '').replace(from, () => to);
  return files;
}

function withStatus(which: string, change: object): readonly Record<string, unknown>[] {
  return editObject(shopObjects(), which, (object) => ({ ...object, ...change }));
}

function withSpec(which: string, change: object): readonly Record<string, unknown>[] {
  return editObject(shopObjects(), which, (object) => ({
    ...object,
    spec: { ...(object['spec'] as object), ...change },
  }));
}

function registryOf(...names: readonly string[]): Facts {
  return shopFacts({ registry: known({ tags: names, digests: new Map() }, now) });
}

function plan(facts: Facts, change: Partial<typeof intent> = {}) {
  return planRollback(deriveFleet(facts), facts, { ...intent, ...change });
}

function wayOf(facts: Facts, name: WayName, change: Partial<typeof intent> = {}): Way {
  const ways = plan(facts, change);
  assert.ok(ways.kind === 'ways', JSON.stringify(ways));
  const found = [ways.recommended, ...ways.others].find((one) => one?.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

function commitOf(facts: Facts, name: WayName, change: Partial<typeof intent> = {}): CommitPlan {
  const { plan: made } = wayOf(facts, name, change);
  assert.ok(made.kind === 'commit', JSON.stringify(made));
  return made;
}

function refusalOf(facts: Facts, name: WayName, change: Partial<typeof intent> = {}): string {
  const { plan: made } = wayOf(facts, name, change);
  assert.ok(made.kind === 'refusal', name);
  return `${made.reason} ${made.wayOut ?? ''}`.trim();
}

/** The files as the plan leaves them. */
function after(facts: Facts, { changes }: CommitPlan): Record<string, string> {
  const files = valueOf(facts.repositories[0]?.content)?.files ?? new Map<string, string>();
  return { ...Object.fromEntries(files), ...Object.fromEntries(changes.map((one) => [one.file, one.after])) };
}

/** What production's policy selects once the plan is applied. */
function selectedAfter(facts: Facts, made: CommitPlan): string {
  const { objects } = readManifests(treeOf(after(facts, made)));
  const policy = objects
    .map(({ object }) => object)
    .find((one) => one.kind === 'ImagePolicy' && one.meta.namespace === 'production');
  const list = objects.map(({ object }) => object).find((one) => one.kind === 'ImageRepository');
  assert.ok(policy?.kind === 'ImagePolicy' && list?.kind === 'ImageRepository');
  const registry = valueOf(facts.registry.get(image));
  const answer = select(policy.spec, registry?.tags ?? [], { exclude: list.exclusionList });
  return answer.kind === 'tag' ? answer.tag : answer.kind;
}

function namesOf(facts: Facts, change: Partial<typeof intent> = {}): readonly (string | undefined)[] {
  const ways = plan(facts, change);
  assert.ok(ways.kind === 'ways', JSON.stringify(ways));
  return [ways.recommended?.name, ...ways.others.map(({ name }) => name)];
}

const failing = (namespace: string, reason: string) =>
  withStatus(`Kustomization flux-system/apps-${namespace}`, {
    status: {
      observedGeneration: 1,
      conditions: [{ type: 'Ready', status: 'False', reason, message: 'timeout' }],
    },
  });

const waiting = withStatus('Kustomization flux-system/apps-production', {
  status: {
    observedGeneration: 1,
    lastAttemptedRevision: `main@sha1:${tip}`,
    conditions: [
      { type: 'Reconciling', status: 'True', reason: 'Progressing', message: 'Running health checks' },
      {
        type: 'Healthy',
        status: 'Unknown',
        reason: 'Progressing',
        message: 'Running health checks',
        lastTransitionTime: new Date(now).toISOString(),
      },
    ],
  },
});

describe('planRollback recommends', () => {
  it('to exclude where tags arrive by promotion, and offers the others in their order', () => {
    assert.deepEqual(namesOf(shopFacts()), ['exclude', 'pin', 'drill', 'suspend', 'write']);
  });

  it('a pin where builds flow by themselves, for an exclusion is no hold there', () => {
    const change = { environment: 'staging', tag: tags.staging1 };
    assert.deepEqual(namesOf(shopFacts(), change), ['pin', 'exclude', 'drill', 'suspend', 'write']);
    assert.match(wayOf(shopFacts(), 'exclude', change).reason, /No hold: builds flow into staging/);
  });

  it('the exclusion behind a failing health check, as long as the list lies elsewhere', () => {
    const facts = shopFacts({ objects: waiting });
    assert.deepEqual(namesOf(facts).slice(0, 2), ['exclude', 'drill']);
    const { summary } = commitOf(facts, 'exclude');
    assert.match(summary.join('\n'), /apps-production waits for the health of what it has applied until 12:00 UTC/);
  });

  it('the drill behind a failing health check where the list lies in it too', () => {
    const facts = shopFacts({ objects: waiting, files: listInProduction() });
    assert.deepEqual(namesOf(facts).slice(0, 2), ['drill', 'exclude']);
  });

  it('to write where nobody automates, where the automation rests, and where the marker is gone', () => {
    const bare = filesWith(productionFile, / # .*/, '');
    bare[policyFile] = '';
    assert.deepEqual(namesOf(shopFacts({ files: bare })), ['write']);
    const resting = withSpec('ImageUpdateAutomation production/backend', { suspend: true });
    assert.deepEqual(namesOf(shopFacts({ objects: resting })), ['write', 'pin', 'exclude']);
    assert.deepEqual(namesOf(shopFacts({ files: filesWith(productionFile, / # .*/, '') })), [
      'write',
      'pin',
      'exclude',
    ]);
  });

  it('nothing where only what does not hold is left', () => {
    const undeclared = shopFiles();
    undeclared[policyFile] = '';
    const facts = shopFacts({ files: undeclared });
    assert.deepEqual(namesOf(facts), [undefined, 'exclude', 'pin', 'drill', 'suspend', 'write']);
    assert.match(wayOf(facts, 'write').reason, /Does not hold\. Flux writes production-v0\.0\.1.* again/);
  });
});

describe('planRollback', () => {
  it('excludes the tag in one commit that names what it undoes', () => {
    const facts = shopFacts();
    const made = commitOf(facts, 'exclude');
    assert.deepEqual([made.base, made.branch, made.undoes?.hash], [tip, 'main', 'b'.repeat(40)]);
    assert.match(made.message, /^Roll back backend in production to production-v0\.0\.0.*\n\nIt returns 500\.\n\n/);
    assert.deepEqual(trailersOf(made).get('Flux-Promote-Undoes'), ['b'.repeat(40)]);
    assert.deepEqual(
      made.changes.map(({ file }) => file),
      [listFile],
    );
    assert.match(made.changes[0]?.after ?? '', /- '\^\.\*\\\.sig\$'/);
    assert.equal(selectedAfter(facts, made), tags.production0);
  });

  it('pins in one commit that keeps the pattern beside it', () => {
    const facts = shopFacts();
    const made = commitOf(facts, 'pin');
    assert.deepEqual(
      made.changes.map(({ file }) => file),
      [policyFile],
    );
    const text = made.changes[0]?.after ?? '';
    assert.match(text, /pattern: '\^production-v0\\\.0\\\.0-aaaaaa0-\(\?P<ts>1700000000\)\$'\n {4}extract: \$ts/);
    assert.match(text, new RegExp(`${pinAnnotation}: '\\^production-v\\[0-9\\.\\]\\+`));
    assert.equal(selectedAfter(facts, made), tags.production0);
  });

  it('takes the markers off in the drill, says so to machines, and waits with the second commit', () => {
    const facts = shopFacts();
    const made = commitOf(facts, 'drill');
    assert.equal(made.second, 'selected');
    const text = after(facts, made)[productionFile] ?? '';
    assert.match(text, new RegExp(`newTag: ${tags.production0}\\n`));
    assert.deepEqual(trailersOf(made).get('Flux-Promote-Marker'), [`${productionFile} production:backend:tag`]);
    assert.equal(selectedAfter(facts, made), tags.production0);
  });

  it('suspends in Git, names what freezes, and writes the tag meanwhile without its marker', () => {
    const files = shopFiles();
    const text = files[policyFile] ?? '';
    const [, automation = ''] = text.split('---\n');
    files[policyFile] = text.replace(`---\n${automation}`, '');
    for (const environment of ['staging', 'production'])
      files[`apps/${environment}/image.yaml`] = (files[`apps/${environment}/image.yaml`] ?? '').split('---\n')[0] ?? '';
    files['apps/all.yaml'] = automation
      .replace('name: backend', 'name: all\n  namespace: production')
      .replace('./apps/production', './apps');
    const facts = shopFacts({ files });
    const made = commitOf(facts, 'suspend');
    assert.equal(made.second, 'suspended');
    assert.match(after(facts, made)['apps/all.yaml'] ?? '', /\n {2}suspend: true\n/);
    assert.match(after(facts, made)[productionFile] ?? '', new RegExp(`newTag: ${tags.production0}\\n`));
    assert.match(made.summary.join('\n'), /Nothing else freezes/);
  });

  it('reverts only, and says when that is undone', () => {
    const objects = withStatus('ImageUpdateAutomation production/backend', {
      status: { observedGeneration: 1, lastAutomationRunTime: new Date(now).toISOString(), conditions: [] },
    });
    const facts = shopFacts({ objects });
    const made = commitOf(facts, 'write');
    assert.deepEqual(
      after(facts, made)[productionFile],
      (shopFiles()[productionFile] ?? '').replace(tags.production1, tags.production0),
    );
    assert.match(
      made.summary.join('\n'),
      /again at its automation's next run \(every 5 s\), at 12:00 UTC at the latest/,
    );
  });

  it('pins a policy without a pattern, and one that takes versions', () => {
    const versions = ['1.2.0', '1.10.0', '1.9.0'];
    const semver = shopFiles();
    semver[productionFile] = (semver[productionFile] ?? '').replace(tags.production1, '1.10.0');
    semver[policyFile] = (semver[policyFile] ?? '').replace(
      / {2}filterTags:[^]*?order: asc/,
      "  policy:\n    semver:\n      range: '>=1.0.0'",
    );
    const facts = shopFacts({ files: semver, registry: known({ tags: versions, digests: new Map() }, now) });
    const made = commitOf(facts, 'pin', { tag: '1.9.0' });
    assert.equal(selectedAfter(facts, made), '1.9.0');
    assert.match(made.changes[0]?.after ?? '', new RegExp(`${pinAnnotation}: ''`));
  });

  it('holds a moving tag by its digest', () => {
    const digest = `sha256:${'d'.repeat(64)}`;
    const files = shopFiles();
    const plain = files['apps/base/deployment.yaml'] ?? '';
    const now0 = `:stable@sha256:${'e'.repeat(64)} # {"$imagepolicy": "production:backend"}`;
    files['apps/production/deployment.yaml'] = plain.replace(':latest', now0);
    files[productionFile] = 'namespace: production\nresources:\n  - deployment.yaml\n  - image.yaml\n';
    const facts = shopFacts({ files, registry: known({ tags: ['stable'], digests: new Map() }, now) });
    const ways = planRollback(deriveFleet(facts), facts, { ...intent, tag: 'stable', digest });
    assert.ok(ways.kind === 'ways' && ways.recommended?.name === 'digest', JSON.stringify(ways));
    const text = after(facts, ways.recommended.plan)['apps/production/deployment.yaml'] ?? '';
    assert.match(text, new RegExp(`image: ${image}:stable@${digest}\\n`));
  });

  it('names who moves along to the same tag', () => {
    const files = shopFiles();
    for (const part of ['kustomization', 'image'] as const)
      files[`apps/prod-us/${part}.yaml`] = files[`apps/production/${part}.yaml`] ?? '';
    files['apps/prod-us/kustomization.yaml'] = (files['apps/prod-us/kustomization.yaml'] ?? '')
      .replaceAll('production:', 'prod-us:')
      .replace('namespace: production', 'namespace: prod-us');
    const made = commitOf(shopFacts({ files }), 'exclude');
    assert.match(made.summary.join('\n'), /It moves along: backend in prod-us\./);
  });

  const refused: readonly (readonly [string, WayName, () => Facts, RegExp, Partial<typeof intent>?])[] = [
    [
      'a registry that does not answer',
      'exclude',
      () => shopFacts({ registry: unknown(silent) }),
      /tags are not known/,
    ],
    [
      'a registry that fell silent',
      'pin',
      () => shopFacts({ registry: failed(known({ tags: Object.values(tags), digests: new Map() }, now), silent) }),
      /not known now, .*Try again/,
    ],
    [
      'a tag that an earlier rollback excludes',
      'exclude',
      () =>
        shopFacts({
          files: {
            ...shopFiles(),
            [listFile]: `${shopFiles()[listFile]}  exclusionList: ['^.*\\.sig$', '^${tags.production0}$']\n`,
          },
        }),
      /is excluded from selection .* Take it out of the exclusionList/,
    ],
    [
      'a tag that the policy does not take',
      'pin',
      () => registryOf(...Object.values(tags), 'v1'),
      /The policy production\/backend does not take v1/,
      { tag: 'v1' },
    ],
    [
      'a list that a patch sets',
      'exclude',
      () => patched('ImageRepository', '/spec/exclusionList', '["^.*\\\\.sig$"]'),
      /An edit of clusters\/lab\/images\.yaml does not reach the ImageRepository .*: a kustomize patch sets/,
    ],
    [
      'a Kustomization that fails to apply the list',
      'exclude',
      () => shopFacts({ files: listInProduction(), objects: failing('production', 'HealthCheckFailed') }),
      /Kustomization flux-system\/apps-production, .* fails now: HealthCheckFailed: timeout/,
    ],
    [
      'a Kustomization that cannot be built',
      'pin',
      () => shopFacts({ objects: failing('production', 'BuildFailed') }),
      /apps-production, which applies the ImagePolicy production\/backend, fails now: BuildFailed/,
    ],
    [
      'an ImageRepository that is declared elsewhere',
      'exclude',
      () => shopFacts({ files: filesWith(listFile, 'name: backend', 'name: other') }),
      /is not declared in this repository/,
    ],
    [
      'suspended scans',
      'exclude',
      () => shopFacts({ objects: withSpec('ImageRepository flux-system/backend', { suspend: true }) }),
      /is suspended: an exclusion takes effect only with the next scan/,
    ],
    [
      'a policy that is suspended',
      'pin',
      () => shopFacts({ objects: withSpec('ImagePolicy production/backend', { suspend: true }) }),
      /is suspended: it selects nothing new/,
    ],
    [
      'an exclusion that would move another environment',
      'exclude',
      () => {
        const wide = "pattern: '^[a-z]+-v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$'";
        const files = filesWith('apps/staging/image.yaml', /pattern: .*/, wide);
        const later = 'production-v0.0.1-aaaaaa1-1700000300';
        const registry = known({ tags: [tags.production0, later, tags.staging2], digests: new Map() }, now);
        return shopFacts({
          files: { ...files, [productionFile]: (files[productionFile] ?? '').replace(tags.production1, later) },
          registry,
        });
      },
      /would also move backend in staging \(to staging-v0\.0\.2/,
    ],
    [
      'an exclusion that would move a policy that only another cluster knows',
      'exclude',
      () => {
        const facts = shopFacts();
        const lab = facts.clusters.get('lab');
        const policies = valueOf(lab?.imagePolicies) ?? [];
        const [policy] = policies.filter(({ meta }) => meta.namespace === 'production');
        assert.ok(lab !== undefined && policy !== undefined);
        const wide = {
          filterTags: { pattern: '^production-.*-(?P<ts>170000010[0-9])$', extract: '$ts' },
          policy: { numerical: {} },
        };
        const other = { ...policy, spec: wide, meta: { ...policy.meta, namespace: 'elsewhere' } };
        const west = { ...lab, context: 'west', imagePolicies: known([other], now) };
        return { ...facts, clusters: new Map([...facts.clusters, ['west', west]]) };
      },
      /would also move ImagePolicy elsewhere\/backend in west \(to nothing/,
    ],
  ];
  for (const [name, way, facts, says, change] of refused) {
    it(`refuses ${name}`, () => assert.match(refusalOf(facts(), way, change), says));
  }

  const impossible: readonly (readonly [string, () => Facts, RegExp, Partial<typeof intent>?])[] = [
    ['the tag that is written', () => shopFacts(), /is on production-v0\.0\.1/, { tag: tags.production1 }],
    ['a tag that has left the registry', () => registryOf(tags.production1), /not in the registry any more/],
    ['a service that is not there', () => shopFacts(), /other is not in production/, { service: 'other' }],
  ];
  for (const [name, facts, says, change] of impossible) {
    it(`has no way for ${name}`, () => {
      const made = plan(facts(), change);
      assert.ok(made.kind === 'refusal');
      assert.match(made.reason, says);
    });
  }

  it('lists earlier tags and why one cannot be chosen', () => {
    const facts = registryOf(tags.production1);
    const fleet = deriveFleet(facts);
    const placement = fleet.environments[1]?.placements[0];
    assert.ok(placement !== undefined);
    assert.deepEqual(
      rollbackTargets(fleet, facts, placement).map(({ tag, obstacle }) => [tag, obstacle]),
      [[tags.production0, 'it is not in the registry']],
    );
  });
});

/** The shop with its ImageRepository applied by production's own Kustomization. */
function listInProduction(): Record<string, string> {
  const files = shopFiles();
  files['apps/production/images.yaml'] = files[listFile] ?? '';
  files[listFile] = '';
  files[productionFile] = (files[productionFile] ?? '')
    .replace('namespace: production\n', '')
    .replace('  - image.yaml', '  - image.yaml\n  - images.yaml');
  files[policyFile] = (files[policyFile] ?? '').replaceAll(
    'name: backend\nspec',
    'name: backend\n  namespace: production\nspec',
  );
  return files;
}

function patched(kind: string, path: string, value: string): Facts {
  const files = shopFiles();
  files['clusters/lab/kustomization.yaml'] =
    `resources: [images.yaml, sync.yaml, staging.yaml, production.yaml]\npatches:\n  - target: { kind: ${kind} }\n    patch: |\n      - op: add\n        path: ${path}\n        value: ${value}\n`;
  return shopFacts({ files });
}
