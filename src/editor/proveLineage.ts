// Prove Lineage: what production runs against the build that it came from, or any two tags of an image, as a page to read, keep
// and attach.
import * as vscode from 'vscode';
import { findLineageCandidates } from '../fleet/lineageCandidates';
import { formatLineage } from '../fleet/lineageFormats';
import { sourceOf } from '../fleet/promotionSource';
import type { Placement } from '../model/fleet';
import { canonicalImage } from '../model/image';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { askPick, askText } from './ask';
import { askPlacement } from './choose';
import type { Pages } from './pages';
import { type LineageEndpoint, readLineage } from './readLineage';
import type { Reporter } from './report';
import { signalOf } from './signals';
import type { World } from './world';

export interface LineageTools {
  readonly world: World;
  readonly reporter: Reporter;
  readonly pages: Pages;
}

interface Ends {
  readonly source: LineageEndpoint;
  readonly target: LineageEndpoint;
}

export async function proveLineage({ world, reporter, pages }: LineageTools, argument: unknown): Promise<void> {
  const target = await askPlacement(world.fleet, argument, 'Prove Lineage: of what runs', () => true);
  if (target === undefined) return;
  const ends = await askEnds(world, target);
  if (ends === undefined) return;
  const options = { location: vscode.ProgressLocation.Notification, title: 'Proving the lineage', cancellable: true };
  const lineage = await vscode.window.withProgress(options, (_, token) =>
    Promise.resolve(readLineage(world, target.image, ends, signalOf(token))),
  );
  const [page, json] = [formatLineage(lineage, 'markdown'), formatLineage(lineage, 'json')];
  await pages.show(`Lineage of ${ends.target.tag}`, `${page}\n## As JSON\n\n\`\`\`json\n${json}\`\`\`\n`);
  const copied = await reporter.choose('The lineage is compared.', ['Copy as Markdown', 'Copy as JSON']);
  if (copied !== undefined) await vscode.env.clipboard.writeText(copied === 'Copy as JSON' ? json : page);
}

const anyTwo = 'Any other two tags…';

/** The builds that it may have come from, best first; where no name fits, all that the environment before has had. */
async function askEnds(world: World, target: Placement): Promise<Ends | undefined> {
  const source = sourceOf(world.fleet, target);
  const delivered = valueOf(target.running)?.tag ?? valueOf(target.written)?.tag;
  if (source === undefined || delivered === undefined) return await askAnyTwo(world, target);
  const candidates = findLineageCandidates(delivered, source, tagsOf(world, target));
  const named = new Set(candidates.map(({ tag }) => tag));
  const running = valueOf(source.running)?.tag;
  const others = [running, ...(valueOf(source.history) ?? []).map(({ to }) => to)];
  const items = [
    ...candidates.map(({ tag, why }) => ({ label: tag, description: why })),
    ...[...new Set(others)].flatMap((tag) =>
      tag === undefined || named.has(tag)
        ? []
        : [{ label: tag, description: `${tag === running ? 'running' : 'was'} in ${source.environment}` }],
    ),
  ];
  const options = {
    title: `${delivered}: which build was tested`,
    placeHolder: `Builds of ${source.environment}, the likeliest first`,
    matchOnDescription: true,
  };
  const picked = await askPick([...items.slice(0, 30), { label: anyTwo, description: `of ${target.image}` }], options);
  if (picked === undefined) return undefined;
  if (picked.label === anyTwo) return await askAnyTwo(world, target);
  return {
    source: { placement: source, tag: picked.label, ...optional('digest', recordedDigest(target, picked.label)) },
    target: { placement: target, tag: delivered },
  };
}

/** What the tested tag named when it was promoted: it may have been moved since. */
function recordedDigest({ record }: Placement, tested: string): string | undefined {
  return record?.source?.split(' ')[1] === tested ? record.digest : undefined;
}

async function askAnyTwo(world: World, { image }: Placement): Promise<Ends | undefined> {
  const tested = await askTag(world, image, 'Prove Lineage: which tag was tested');
  const delivered = tested && (await askTag(world, image, `${tested}: which tag is it compared with`, tested));
  if (tested === undefined || delivered === undefined) return undefined;
  return { source: end(world, image, tested), target: end(world, image, delivered) };
}

/** The pods of whichever environment runs the tag are a witness. */
function end({ fleet }: World, image: string, tag: string): LineageEndpoint {
  const placement = fleet.environments
    .flatMap(({ placements }) => placements)
    .find((one) => canonicalImage(one.image) === canonicalImage(image) && valueOf(one.running)?.tag === tag);
  return { placement, tag };
}

async function askTag(world: World, image: string, title: string, but?: string): Promise<string | undefined> {
  const tags = tagsOf(world, { image }).filter((tag) => tag !== but);
  // The registry may be silent, or not have been read: a tag can be typed all the same.
  if (tags.length === 0) return await askText({ title, prompt: `A tag of ${image}` });
  const items = tags
    .toSorted()
    .toReversed()
    .map((label) => ({ label }));
  return (await askPick(items, { title, placeHolder: `Tags of ${image}` }))?.label;
}

function tagsOf({ facts }: World, { image }: Pick<Placement, 'image'>): readonly string[] {
  return valueOf(facts.registry.get(canonicalImage(image)))?.tags ?? [];
}
