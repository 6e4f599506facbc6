// Several clones in one workspace.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { rowsByEnvironment } from '../../../src/fleet/rows';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import type { Facts } from '../../../src/model/facts';
import { mapReading } from '../../../src/model/reading';
import { image, now, shopFacts, shopFiles, tags } from './shop';

/** The shop, and a second clone of it whose files are changed. */
function twoClones(folder: string, edit: (text: string) => string): Facts {
  const facts = shopFacts();
  const files = Object.fromEntries(Object.entries(shopFiles()).map(([file, text]) => [file, edit(text)]));
  const others = facts.repositories.map((one) => ({
    ...one,
    folder,
    content: mapReading(one.content, (content) => ({ ...content, manifests: readManifests(treeOf(files)) })),
  }));
  return { ...facts, repositories: [...facts.repositories, ...others] };
}

function outline(facts: Facts): readonly string[] {
  return deriveFleet(facts).environments.flatMap(({ name, placements }) =>
    placements.map(({ service, writtenAt }) => `${name} ${service} ${writtenAt?.folder}`),
  );
}

describe('several clones', () => {
  it('count once when they are the same folder', () => {
    assert.deepEqual(outline(twoClones('/work/shop', (text) => text)), [
      'staging backend /work/shop',
      'production backend /work/shop',
    ]);
  });

  it('name services apart across them', () => {
    const facts = twoClones('/work/other', (text) => text.replaceAll(image, 'ghcr.io/other/backend'));
    assert.deepEqual(outline(facts), [
      'staging acme/backend /work/shop',
      'staging other/backend /work/other',
      'production acme/backend /work/shop',
      'production other/backend /work/other',
    ]);
  });

  it('that write one place differently are said to', () => {
    const facts = twoClones('/work/other', (text) => text.replace(tags.production1, tags.production0));
    const placement = deriveFleet(facts).environments.at(-1)?.placements;
    assert.equal(placement?.length, 1);
    assert.match(placement?.[0]?.problems[0]?.message ?? '', /^\/work\/other writes production-v0\.0\.0/);
    const row = rowsByEnvironment(deriveFleet(facts), now).at(-1)?.children[0];
    assert.match(row?.description ?? '', / · several tags$/);
  });
});
