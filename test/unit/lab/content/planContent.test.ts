import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { parseBuildTag } from '../../../../src/lab/content/buildTag';
import { environments, fluxBot, services } from '../../../../src/lab/content/names';
import { planContent } from '../../../../src/lab/content/planContent';
import { readImages } from '../../../../src/manifests/effectiveImages';
import { buildOverlay } from '../../../../src/manifests/overlay';
import { treeOf } from '../../../../src/manifests/tree';

const addresses = { registryHost: '127.0.0.1:5000', gitUrl: 'http://127.0.0.1:3000' };
const now = Date.UTC(2026, 10, 23, 12);

describe('plan of the lab content', () => {
  it('is the same for the same input, and another one for another seed', () => {
    const plan = planContent({ addresses, now, seed: 'a' });
    assert.deepEqual(planContent({ addresses, now, seed: 'a' }), plan);
    assert.notEqual(planContent({ addresses, now, seed: 'b' }).flux.head, plan.flux.head);
  });

  it('keeps its promises for any seed', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1.7e12, max: 2e12 }), (seed, when) => {
        const { flux, builds, services: histories } = planContent({ addresses, now: when, seed });
        for (const { commits } of [flux.repository, ...histories.map(({ repository }) => repository)]) {
          const times = commits.map(({ at }) => at);
          assert.deepEqual(
            times,
            [...times].sort((one, other) => one - other),
          );
          assert.ok((times.at(-1) ?? 0) < when);
          assert.ok((times[0] ?? 0) > when - 62 * 86_400_000);
        }
        assert.ok(flux.repository.commits.length >= 55 && flux.repository.commits.length <= 70);
        assert.equal(flux.writeBacks.filter(({ changes }) => changes.length === 2).length, 1);
        for (const service of services) {
          const tags = environments.map((environment) =>
            builds
              .filter((build) => build.service === service && build.environment === environment)
              .map(({ tag }) => tag),
          );
          const [develop = [], staging = [], production = []] = tags;
          assert.ok(develop.length > staging.length && staging.length > production.length && production.length > 2);
          for (const list of tags) {
            const seconds = list.map((tag) => parseBuildTag(tag)?.seconds ?? 0);
            assert.deepEqual(
              seconds,
              [...seconds].sort((one, other) => one - other),
            );
          }
          const stamp = (tag: string | undefined) => parseBuildTag(tag ?? '')?.seconds ?? 0;
          assert.ok(stamp(staging.at(-1)) > stamp(production.at(-1)));
          const versions = production.map((tag) => parseBuildTag(tag)?.version);
          assert.deepEqual(
            versions,
            versions.map((_, index) => `0.0.${index + 1}`),
          );
          assert.ok(production.every((tag) => staging.includes(tag.replace('production', 'staging'))));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('starts production with a placeholder that no build has', () => {
    const { flux, builds } = planContent({ addresses, now, seed: 'lab' });
    const first = flux.writeBacks.find(({ environment }) => environment === 'production');
    assert.equal(first?.changes[0]?.from, 'production-v0.0.0-0000000-0');
    assert.ok(!builds.some(({ tag }) => tag === 'production-v0.0.0-0000000-0'));
  });

  it('ends with the layout that the lab is known by', () => {
    const { flux, builds } = planContent({ addresses, now, seed: 'lab' });
    const files = flux.repository.commits.at(-1)?.files ?? new Map<string, string>();
    const overlays = environments.flatMap((environment) => [
      `flux/apps/backend/${environment}`,
      `flux/apps/frontend/overlays/${environment}`,
    ]);
    assert.deepEqual(
      [...files.keys()].sort(),
      [
        'README.md',
        ...services.flatMap((service) =>
          ['deployment', 'kustomization', 'service'].map((name) => `flux/apps/${service}/base/${name}.yaml`),
        ),
        ...overlays.flatMap((folder) =>
          ['image-policy', 'image-update-automation', 'kustomization'].map((name) => `${folder}/${name}.yaml`),
        ),
        'flux/clusters/lab/apps.yaml',
        'flux/clusters/lab/flux-system/gotk-sync.yaml',
        'flux/clusters/lab/image-repositories.yaml',
        'flux/clusters/lab/kustomization.yaml',
        'flux/clusters/lab/namespaces.yaml',
        ...environments.map((environment) => `flux/environments/${environment}/kustomization.yaml`),
      ].sort(),
    );
    const newest = builds.findLast(({ service, environment }) => service === 'backend' && environment === 'production');
    assert.equal(
      files.get('flux/apps/backend/production/kustomization.yaml'),
      `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: production
resources:
  - ../base
  - image-policy.yaml
  - image-update-automation.yaml
images:
  - name: 127.0.0.1:5000/acme/backend
    newTag: ${newest?.tag} # {"$imagepolicy": "production:backend:tag"}
`,
    );
  });

  it('builds after every change by a person, and ends with the newest build of every environment', () => {
    const { flux, builds } = planContent({ addresses, now, seed: 'lab' });
    const { commits } = flux.repository;
    for (const { files, message } of commits.filter(({ author }) => author !== fluxBot)) {
      const tree = treeOf(Object.fromEntries(files));
      for (const path of [...files.keys()].filter((each) =>
        /(environments\/\w+|lab)\/kustomization\.yaml$/.test(each),
      )) {
        const { error, unsupported } = buildOverlay(tree, path.replace('/kustomization.yaml', ''));
        assert.deepEqual([error, unsupported], [undefined, []], `${message} ${path}`);
      }
    }
    const tip = treeOf(Object.fromEntries(commits.at(-1)?.files ?? []));
    for (const environment of environments) {
      assert.deepEqual(
        readImages(buildOverlay(tip, `flux/environments/${environment}`)).map(({ namespace, image }) => [
          namespace,
          image,
        ]),
        services.map((service) => {
          const newest = builds.findLast((build) => build.service === service && build.environment === environment);
          return [environment, `127.0.0.1:5000/acme/${service}:${newest?.tag}`];
        }),
      );
    }
  });
});
