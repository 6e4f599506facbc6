// The lines that hold the placement's tag, with what they say after the rollback: the chosen service's alone, whatever else
// the bot's commit touched. A line keeps its marker, or loses it.
import { writesMarker } from '../../fleet/placements';
import { editLines, type LineEdit } from '../../manifests/markerEdits';
import { canonicalImage, formatImage, parseImage } from '../../model/image';
import type { ImageOrigin, Marker } from '../../model/manifest';
import { valueOf } from '../../model/reading';
import { type Refusal, refuse } from '../plan';
import type { Situation } from './situation';

export interface EditedLines {
  readonly kind: 'lines';
  readonly files: ReadonlyMap<string, string>;
  /** `file setter`, of the markers that were dropped. */
  readonly dropped: readonly string[];
}

interface Line extends LineEdit {
  readonly file: string;
  readonly setter?: string;
}

/** `markers`: whether they stay. Nobody writes a line without one. */
export function draftLines(situation: Situation, markers: 'keep' | 'drop'): EditedLines | Refusal {
  const lines = linesOf(situation);
  if (!Array.isArray(lines)) return lines;
  const files = new Map<string, string>();
  for (const file of new Set(lines.map((line) => line.file))) {
    const before = situation.content.files.get(file);
    const own = lines
      .filter((line) => line.file === file)
      .map(({ dropped, ...line }) => ({ ...line, ...(markers === 'drop' && dropped ? { dropped } : {}) }));
    const after = before === undefined ? undefined : editLines(before, own);
    if (after === undefined) return refuse(`The tag in ${file} cannot be edited safely.`, 'Write it by hand.');
    files.set(file, after);
  }
  const dropped = lines.flatMap(({ file, setter }) => (setter === undefined ? [] : [`${file} ${setter}`]));
  return { kind: 'lines', files, dropped: markers === 'drop' ? dropped : [] };
}

function linesOf(situation: Situation): Line[] | Refusal {
  const { here, content, intent } = situation;
  const { marker, policy } = here;
  if (marker === undefined) return plainLines(situation);
  const markers = content.manifests.markers.filter(
    (one) =>
      one.namespace === marker.namespace &&
      one.policy === marker.policy &&
      (here.automation === undefined || writesMarker(here.automation.object, one, policy?.object)),
  );
  const lines: Line[] = [];
  for (const one of markers) {
    if (one.part === 'name') continue;
    const value = valueFor(situation, one);
    if (value === undefined) return refuseDigest(intent.tag, one.file);
    lines.push({ file: one.file, range: one.range, value, dropped: one.comment, setter: one.setter });
  }
  return lines;
}

function valueFor(situation: Situation, { part, value }: Marker): string | undefined {
  const { tag } = situation.intent;
  if (part === 'tag') return tag;
  if (part === 'digest') return targetDigest(situation);
  const { name, digest } = parseImage(value);
  if (digest === undefined && situation.intent.digest === undefined) return formatImage({ name, tag });
  const wanted = targetDigest(situation);
  return wanted === undefined ? undefined : formatImage({ name, tag, digest: wanted });
}

/** The scalars of the image in this environment's workloads, where nobody automates them. */
function plainLines(situation: Situation): Line[] | Refusal {
  const { here, intent, written } = situation;
  const origins = [here.origin, ...here.builtImages.map(({ origin }) => origin)].filter((one) => one !== undefined);
  const unique = new Map(origins.map((origin) => [`${origin.file}:${origin.range.start}`, origin]));
  const lines: Line[] = [];
  for (const { file, range, field } of unique.values()) {
    const old = scalarOf(situation, { file, range });
    const image = parseImage(old);
    const isImage = field === 'image' && canonicalImage(image.name) === canonicalImage(here.image);
    const isTag = (field === 'newTag' || field === 'tag') && old === written.tag;
    if (isTag && written.digest === undefined) lines.push({ file, range, value: intent.tag });
    else if (isImage && image.digest === undefined) {
      lines.push({ file, range, value: formatImage({ name: image.name, tag: intent.tag }) });
    } else if (isImage) {
      const digest = targetDigest(situation);
      if (digest === undefined) return refuseDigest(intent.tag, file);
      lines.push({ file, range, value: formatImage({ name: image.name, tag: intent.tag, digest }) });
    } else return refuse(`${file} does not hold the tag in a form that can be edited safely.`, 'Write it by hand.');
  }
  return lines.length > 0 ? lines : refuse(`Where ${intent.service} gets its tag from is not known.`);
}

function scalarOf({ content }: Situation, { file, range }: Pick<ImageOrigin, 'file' | 'range'>): string {
  const text = content.files.get(file)?.slice(range.start, range.end) ?? '';
  return text.replace(/^(["'])(.*)\1$/, '$2');
}

function targetDigest({ intent, facts, placement }: Situation): string | undefined {
  const registry = valueOf(facts.registry.get(canonicalImage(placement.image)));
  return intent.digest ?? valueOf(registry?.digests.get(intent.tag));
}

function refuseDigest(tag: string, file: string): Refusal {
  return refuse(
    `${file} holds the image by its digest, and the digest of ${tag} is not known now.`,
    'Try again when the registry answers.',
  );
}
