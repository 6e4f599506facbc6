// What a hover says, as Markdown. Names, tags and patterns come from files and registries: all of them stand as code.
import { covers, selects } from '../../checks/automations';
import type { CheckedRepository } from '../../checks/rule';
import { knownTagsOf } from '../../checks/selectionEvidence';
import { previewPattern } from '../../fleet/patternPreview';
import { keyOf } from '../../fleet/placements';
import { listSelection } from '../../fleet/selectionPreview';
import { parseTag } from '../../fleet/tagParts';
import { valueOfPart } from '../../manifests/setters';
import { formatAge } from '../../model/duration';
import type { Placement } from '../../model/fleet';
import type { LatestRef } from '../../model/flux';
import { canonicalImage } from '../../model/image';
import { type Reading, valueOf } from '../../model/reading';
import type { Live } from './languageTools';
import { imageRepositoryOf, latestRefs, previewPolicy } from './selection';
import type { Spot } from './spot';

export interface HoverQuestion {
  readonly repository: CheckedRepository;
  readonly live: Live | undefined;
  readonly now: number;
}

/** Paragraphs; none where there is nothing to say. */
export function describeSpot(spot: Spot, question: HoverQuestion): readonly string[] {
  switch (spot.kind) {
    case 'pattern':
      return describePattern(spot, question);
    case 'marker':
      return describeMarker(spot, question);
    case 'tag':
      return describeTag(spot, question);
    default:
      return [];
  }
}

type SpotOf<K extends Spot['kind']> = Extract<Spot, { readonly kind: K }>;

function describePattern({ text, policy }: SpotOf<'pattern'>, { repository, live }: HoverQuestion): readonly string[] {
  const known = knownTagsOf(repository, policy);
  const { selection } = previewPolicy(repository, policy, live?.facts);
  // The selected tag first, then those that come next.
  const tags = selection === undefined ? (known ?? []) : listSelection(selection).map(({ tag }) => tag);
  const { error, prefix, groups, rows, matchedCount } = previewPattern(text, tags, repository.compile);
  if (error !== undefined) return [`Go refuses this pattern: ${code(error)}`];
  const environment = repository.policies().named(policy.meta.namespace, policy.meta.name)[0]?.environment;
  return [
    [
      prefix === '' ? 'A matching tag may begin with anything.' : `Every matching tag begins with ${code(prefix)}.`,
      ...(environment === undefined ? [] : [`The policy serves ${code(environment)}.`]),
    ].join(' '),
    known === undefined || known.length === 0
      ? 'No tags are known: open the Environments view.'
      : `Matches ${matchedCount} of ${known.length} known tags.`,
    ...(rows.length === 0
      ? []
      : [
          table(
            ['Tag', ...groups.map(code)],
            rows.map(({ tag, caught }) => [tag, ...caught].map((one) => (one === undefined ? '' : code(one)))),
          ),
        ]),
  ];
}

function describeMarker({ marker }: SpotOf<'marker'>, { repository, live }: HoverQuestion): readonly string[] {
  const name = keyOf({ namespace: marker.namespace, name: marker.policy });
  const [declared] = repository.policies().named(marker.namespace, marker.policy);
  const policy = declared?.object;
  const preview = policy === undefined ? undefined : previewPolicy(repository, policy, live?.facts);
  const [latest] = latestRefs(live?.facts, { namespace: marker.namespace, name: marker.policy });
  const wouldBe = preview?.selection?.kind === 'tag' ? preview.selection.tag : undefined;
  const image = policy === undefined ? undefined : imageRepositoryOf(repository, policy)?.image;
  const reference =
    latest ?? (wouldBe === undefined || image === undefined ? undefined : { name: image, tag: wouldBe });
  const writers = repository
    .automationsIn(marker.namespace)
    .filter((one) => covers(one, marker.file))
    .filter((one) => policy === undefined || selects(one, policy));
  return [
    declared === undefined
      ? `ImagePolicy ${code(name)} is not declared in this repository.`
      : `ImagePolicy ${code(name)}, declared in ${code(declared.file)}: ${proseOf(preview?.text ?? '')}.`,
    writers.length === 0
      ? `No ImageUpdateAutomation in this repository writes here: none in the namespace ${code(marker.namespace)} covers this file and selects this policy.`
      : `Written by ${writers
          .map(
            ({ object }) =>
              `ImageUpdateAutomation ${code(keyOf(object.meta))}${object.isSuspended ? ', which is suspended' : ''}`,
          )
          .join(' and ')}.`,
    writtenWords(reference, marker.part, marker.value),
  ];
}

/** The lens's line within a sentence: what it quotes may hold Markdown. */
function proseOf(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>()#!|]/g, '\\$&');
}

function writtenWords(latest: LatestRef | undefined, part: Parameters<typeof valueOfPart>[1], value: string): string {
  const what = { image: 'image, tag and digest', tag: 'tag', name: 'name of the image', digest: 'digest' }[part];
  if (latest === undefined) return `Flux writes the ${what} here.`;
  const next = valueOfPart(latest, part);
  if (next === '') return `Flux writes the ${what} here, and none is known.`;
  return next === value
    ? `Flux writes the ${what} here: this very value.`
    : `Flux writes the ${what} here: ${code(next)}.`;
}

function describeTag(spot: SpotOf<'tag'>, { live, now }: HoverQuestion): readonly string[] {
  const { image, tag } = spot;
  const name = canonicalImage(image);
  const environments = live?.fleet.environments ?? [];
  const placements = environments
    .flatMap((environment) => environment.placements)
    .filter((placement) => canonicalImage(placement.image) === name);
  const where = (read: (placement: Placement) => Reading<{ readonly tag: string } | undefined>): readonly string[] =>
    placements.filter((one) => valueOf(read(one))?.tag === tag).map(({ environment }) => code(environment));
  const running = where((placement) => placement.running);
  const written = where((placement) => placement.written);
  const selected = where((placement) => placement.selected);
  const builtAt = (placements.find((one) => one.tagParts.has(tag))?.tagParts.get(tag) ?? parseTag(tag)).builtAt;
  const age = builtAt === undefined ? '' : `, built ${formatAge(now - builtAt)} ago by its own stamp`;
  return [
    `${code(tag)} of ${code(image)}${age}.`,
    environments.length === 0
      ? 'No environment has been read yet: open the Environments view.'
      : [
          running.length === 0 ? 'Runs in no environment that is known.' : `Runs in ${running.join(', ')}.`,
          ...(written.length === 0 ? [] : [`Written in ${written.join(', ')}.`]),
          ...(selected.length === 0 ? [] : [`Selected in ${selected.join(', ')}.`]),
        ].join(' '),
    ...digestWords(spot, placements, live),
    ...placements.flatMap((placement) => sinceWords(placement, tag, now)),
  ];
}

function digestWords(
  { image, tag, digest }: SpotOf<'tag'>,
  placements: readonly Placement[],
  live: Live | undefined,
): readonly string[] {
  const listed = valueOf(live?.facts.registry.get(canonicalImage(image)))?.digests.get(tag);
  const observed = placements
    .flatMap(({ running, selected }) => [valueOf(running), valueOf(selected)])
    .find((one) => one?.tag === tag && one.digest !== undefined)?.digest;
  const found = digest ?? valueOf(listed) ?? observed;
  return found === undefined ? [] : [`Digest ${code(found)}.`];
}

function sinceWords({ history, environment }: Placement, tag: string, now: number): readonly string[] {
  const change = valueOf(history)?.find(({ to }) => to === tag);
  if (change === undefined) return [];
  const { hash, at } = change.commit;
  return [`In ${code(environment)} since ${formatAge(now - at)}, by commit ${code(hash.slice(0, 7))}.`];
}

/** An inline code span, whatever the text holds. */
function code(text: string): string {
  const plain = text.replaceAll(/\s+/g, ' ');
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${plain}${fence}` : `${fence} ${plain} ${fence}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
