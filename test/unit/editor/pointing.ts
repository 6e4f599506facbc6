// The shop's repository as the editor sees it, with a cursor: just behind a text's first character.
import assert from 'node:assert/strict';
import { createCheckedRepository } from '../../../src/checks/checkedRepository';
import type { CheckedRepository } from '../../../src/checks/rule';
import { describeSpot } from '../../../src/editor/language/hoverWords';
import type { Live } from '../../../src/editor/language/languageTools';
import { findSpot, type Spot } from '../../../src/editor/language/spot';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import type { Facts } from '../../../src/model/facts';
import { valueOf } from '../../../src/model/reading';
import { defaultSettings } from '../../../src/model/settings';
import { now, shopFacts, shopFiles } from '../fleet/shop';

export interface Desk {
  readonly files: Readonly<Record<string, string>>;
  readonly repository: CheckedRepository;
  readonly live: Live | undefined;
}

export function openDesk({
  files = shopFiles(),
  facts = shopFacts(),
}: {
  files?: Record<string, string>;
  facts?: Facts | null;
} = {}): Desk {
  const tree = treeOf(files);
  const known = (image: string) => (facts === null ? undefined : valueOf(facts.registry.get(image))?.tags);
  const repository = createCheckedRepository(tree, readManifests(tree), defaultSettings, { knownTags: known });
  return { files, repository, live: facts === null ? undefined : { facts, fleet: deriveFleet(facts) } };
}

/** `text` in place of the file's own, as it is while somebody types. */
export function pointAt(
  { files, repository }: Desk,
  file: string,
  target: string,
  text = files[file] ?? '',
): Spot | undefined {
  const at = text.indexOf(target);
  assert.ok(at >= 0, `${file} does not hold ${target}`);
  return findSpot(repository, { file, text, offset: at + 1 });
}

export function hoverOn(desk: Desk, file: string, target: string, text?: string): readonly string[] {
  const spot = pointAt(desk, file, target, text);
  return spot === undefined ? [] : describeSpot(spot, { repository: desk.repository, live: desk.live, now });
}
