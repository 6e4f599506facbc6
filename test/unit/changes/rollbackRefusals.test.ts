import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { WayName } from '../../../src/changes/plan';
import type { RollbackIntent } from '../../../src/changes/planRollback';
import type { Facts } from '../../../src/model/facts';
import { failed, known, unknown, valueOf } from '../../../src/model/reading';
import { now, shopFacts, shopFiles, tags } from '../fleet/shop';
import {
  failing,
  filesWith,
  listFile,
  listInProduction,
  patched,
  plan,
  productionFile,
  refusalOf,
  registryOf,
  silent,
  withSpec,
} from './rollbackShop';

describe('planRollback refuses', () => {
  const refused: readonly (readonly [string, WayName, () => Facts, RegExp, Partial<RollbackIntent>?])[] = [
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
    it(name, () => assert.match(refusalOf(facts(), way, change), says));
  }

  const impossible: readonly (readonly [string, () => Facts, RegExp, Partial<RollbackIntent>?])[] = [
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
});
