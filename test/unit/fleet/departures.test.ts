import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { activityRows, countWaiting } from '../../../src/fleet/activity';
import { toldDepartures } from '../../../src/fleet/departures';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { explain } from '../../../src/fleet/explain/explanation';
import { formatExplanation } from '../../../src/fleet/explain/explanationText';
import type { Facts, RegistryImage } from '../../../src/model/facts';
import type { Placement } from '../../../src/model/fleet';
import type { ResolvedImage } from '../../../src/model/lineage';
import { known } from '../../../src/model/reading';
import { editObject, image, minute, now, shopFacts, shopFiles, shopObjects, tags } from './shop';

type Json = Record<string, unknown>;

const day = 1440 * minute;
const [pinned, moved, platform] = ['1', '2', '3'].map((digit) => `sha256:${digit.repeat(64)}`) as [
  string,
  string,
  string,
];

function productionOf(facts: Facts): Placement {
  const found = deriveFleet(facts).environments.at(-1)?.placements[0];
  assert.ok(found !== undefined);
  return found;
}

const told = (facts: Facts) => toldDepartures(productionOf(facts), now).map(({ kind, text }) => `${kind}: ${text}`);

const rows = (facts: Facts) =>
  activityRows(deriveFleet(facts), now).flatMap(({ label, children }) =>
    children.map((row) => `${label}: ${row.description}`),
  );

/** The running tag is `now` in the registry, whose contents may be known. */
function registryOf(digest: string, contents: readonly ResolvedImage[] = []): RegistryImage {
  return {
    tags: Object.values(tags),
    digests: new Map([[tags.production1, known(digest, now)]]),
    contents: new Map(contents.map((one) => [one.digest, known(one, now)])),
  };
}

const indexOf = (digest: string, ...manifests: readonly string[]): ResolvedImage => ({
  digest,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: manifests.map((one) => ({ digest: one })),
  labels: {},
});

/** Production's pods say the digest that they run. */
function withPods(digest: string): readonly Json[] {
  const owned = (kind: string, name: string, uid: string) => [{ kind, name, uid }];
  const container = { name: 'app', image: `${image}:${tags.production1}` };
  return [
    ...shopObjects(),
    {
      kind: 'ReplicaSet',
      metadata: {
        name: 'backend-1',
        namespace: 'production',
        uid: 'set',
        ownerReferences: owned('Deployment', 'backend', 'Deployment-production-backend'),
      },
      spec: { template: { spec: { containers: [container] } } },
    },
    {
      kind: 'Pod',
      metadata: {
        name: 'backend-1-a',
        namespace: 'production',
        ownerReferences: owned('ReplicaSet', 'backend-1', 'set'),
      },
      spec: { containers: [container] },
      status: {
        phase: 'Running',
        containerStatuses: [
          { name: 'app', image: container.image, imageID: `${image}@${digest}`, ready: true, restartCount: 0 },
        ],
      },
    },
  ];
}

function suspended(which: string, ageMs: number): Facts {
  const objects = editObject(shopObjects(), which, (object) => ({
    ...object,
    metadata: {
      ...(object['metadata'] as Json),
      managedFields: [
        {
          manager: 'flux',
          operation: 'Update',
          time: new Date(now - ageMs).toISOString(),
          fieldsV1: { 'f:spec': { 'f:suspend': {} } },
        },
      ],
    },
    spec: { ...(object['spec'] as Json), suspend: true },
  }));
  return shopFacts({ objects });
}

describe('departures', () => {
  it('are none in a healthy shop', () => {
    assert.deepEqual(told(shopFacts()), []);
  });

  it('tell a tag that was pushed again under the digest that Git holds', () => {
    const files = shopFiles();
    const file = 'apps/production/kustomization.yaml';
    const written = (files[file] ?? '').replace(/newTag: (\S+).*/, `newTag: $1\n    digest: ${pinned}`);
    const facts = shopFacts({ files: { ...files, [file]: written }, registry: known(registryOf(moved), now) });
    assert.deepEqual(told(facts), [`tag-moved: ${tags.production1} is another image in the registry than Git says`]);
    assert.match(rows(facts).join('\n'), /^Drifted from Git: production-v0\.0\.1\S+ is another image/m);
  });

  it('tell a tag that was pushed again under what runs, once it is known what the new one holds', () => {
    const objects = withPods(pinned);
    const facts = (registry: RegistryImage) => shopFacts({ objects, registry: known(registry, now) });
    const text = `tag-moved: ${tags.production1} is another image in the registry than the one that runs`;
    assert.deepEqual(told(facts(registryOf(moved))), []);
    assert.deepEqual(told(facts(registryOf(moved, [indexOf(moved, platform)]))), [text]);
    assert.deepEqual(told(facts(registryOf(moved, [indexOf(moved, platform, pinned)]))), []);
    assert.deepEqual(told(facts(registryOf(pinned))), []);
  });

  it('tell an image that runs and has left the registry', () => {
    const objects = editObject(shopObjects(), 'Deployment production/backend', (object) => ({
      ...object,
      spec: { replicas: 2, template: { spec: { containers: [{ name: 'app', image: `${image}:gone` }] } } },
    }));
    const facts = shopFacts({ objects });
    assert.deepEqual(told(facts), ['image-gone: gone runs, and is not in the registry any more']);
    assert.match(rows(facts).join('\n'), /^Drifted from Git: gone runs, and is not in the registry any more/m);
  });

  it('tell environments that follow different sources', () => {
    const release = shopObjects().find(({ kind }) => kind === 'GitRepository');
    assert.ok(release !== undefined);
    const objects = [
      ...editObject(shopObjects(), 'Kustomization flux-system/apps-production', (object) => ({
        ...object,
        spec: { ...(object['spec'] as Json), sourceRef: { kind: 'GitRepository', name: 'release' } },
      })),
      {
        ...release,
        metadata: { name: 'release', namespace: 'flux-system', generation: 1 },
        spec: { ...(release['spec'] as Json), url: 'https://git.example/acme/release.git' },
      },
    ];
    const facts = shopFacts({ objects });
    assert.deepEqual(told(facts), [
      'source-apart: production follows main of git.example/acme/release, staging follows main of 127.0.0.1/flux',
    ]);
    assert.deepEqual(rows(facts), [], 'a layout may mean it so');
  });

  it('tell a suspension after a day, whose it is, and once', () => {
    const automation = 'ImageUpdateAutomation production/backend';
    assert.deepEqual(told(suspended(automation, day / 2)), []);
    assert.match(rows(suspended(automation, day / 2)).join('\n'), /^Held: ImageUpdateAutomation production\/backend/m);
    const forgotten = suspended(automation, 3 * day);
    assert.deepEqual(rows(forgotten), [
      'Waiting for a person: ImageUpdateAutomation production/backend is suspended · 3 d',
    ]);
    assert.equal(countWaiting(deriveFleet(forgotten), now), 1);
    const text = formatExplanation(explain(forgotten, deriveFleet(forgotten), productionOf(forgotten), now));
    assert.match(
      text,
      /Also noticed:\n {2}ImageUpdateAutomation production\/backend is suspended, for 3 d\n {3}- Field manager of spec\.suspend: flux \(3 d ago\)\n {3}What to do: Resume it/,
    );
  });

  it('leave a suspension to the link that it has stopped', () => {
    const stopped = suspended('Kustomization flux-system/apps-production', 3 * day);
    assert.deepEqual(rows(stopped), ['Waiting for a person: applied failed: the Kustomization is suspended · 3 d']);
    const { faults, noticed } = explain(stopped, deriveFleet(stopped), productionOf(stopped), now);
    assert.deepEqual([faults.map(({ code }) => code), noticed], [['kustomization-suspended'], []]);
  });
});
