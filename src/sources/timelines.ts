// Who wrote which tag when: the patches of a history, newest first, sorted into one timeline per written scalar. Pure.
// Each line is followed back: by its marker, or by its number while it has none; through renames; and by its value, so that
// what happened on the other side of a merge and was lost there is left out.
import type { HistoryEntry } from '../base/git/reader';
import type { FilePatch } from '../base/git/records';
import { historyKey, type TagChange } from '../model/facts';
import { formatImage, parseImage } from '../model/image';
import type { RepositoryManifests } from '../model/manifest';
import { optional } from '../model/optional';
import { fieldOf, findLine, type ScalarForm, setterIn, valueOf } from './lineInPatch';

/** A scalar whose changes are wanted: found by its marker, else by its line. */
export interface Target {
  readonly key: string;
  readonly file: string;
  readonly setter?: string;
  readonly field?: string;
  readonly form: ScalarForm;
  readonly line: number;
  /** What stands there now; undefined where that is not known. */
  readonly value?: string;
}

export interface Timelines {
  add(entry: HistoryEntry): void;
  /** By `historyKey`; a timeline for every wanted scalar, empty where nothing was found yet. Newest first. */
  changes(): ReadonlyMap<string, readonly TagChange[]>;
  /** Whether every timeline has reached the commit that brought its line. */
  isComplete(): boolean;
}

/** Where a line stood at the commit that is looked at next. */
interface Follower {
  readonly key: string;
  readonly form: ScalarForm;
  file: string;
  field: string | undefined;
  setter: string | undefined;
  line: number;
  /** What the line must have been made by the next commit that is its own. */
  expected: string | undefined;
  isDone: boolean;
  readonly changes: TagChange[];
}

const tagFields: ReadonlySet<string> = new Set(['newTag', 'tag', 'image']);

const targetsOf = new WeakMap<RepositoryManifests, readonly Target[]>();

/**
 * Keys are the file with the marker's setter, and the file with the image's name for scalars without a marker. Worked out
 * once for each reading of the manifests.
 */
export function timelineTargets(manifests: RepositoryManifests): readonly Target[] {
  const found = targetsOf.get(manifests) ?? findTargets(manifests);
  targetsOf.set(manifests, found);
  return found;
}

function findTargets({ roots, markers }: RepositoryManifests): readonly Target[] {
  const targets = new Map<string, Target>();
  const marked = new Set<string>();
  for (const { file, line, setter, part, value } of markers) {
    marked.add(`${file}:${line}`);
    if (part === 'digest' || part === 'name') continue;
    const key = historyKey(file, setter);
    const form = part === 'image' ? 'image' : 'tag';
    targets.set(key, { key, file, setter, line, form, ...optional('value', valueOf(value, form)) });
  }
  for (const { image, origin } of roots.flatMap(({ images }) => images)) {
    if (origin === undefined || !tagFields.has(origin.field) || marked.has(`${origin.file}:${origin.line}`)) continue;
    const { name, tag, digest } = parseImage(image);
    const key = historyKey(origin.file, name);
    const { file, field, line } = origin;
    const form = field === 'image' ? 'image' : 'tag';
    const value = tag === undefined ? undefined : format({ tag, ...(form === 'image' ? { digest } : {}) });
    targets.set(key, { key, file, field, form, line, ...optional('value', value) });
  }
  return [...targets.values()];
}

export function timelinesOf(targets: readonly Target[]): Timelines {
  const all = targets.map(
    ({ key, field, form, file, setter, line, value }): Follower => ({
      key,
      field,
      form,
      file,
      setter,
      line,
      expected: value,
      isDone: false,
      changes: [],
    }),
  );
  const byFile = new Map<string, Follower[]>();
  const place = (follower: Follower): void => {
    byFile.set(follower.file, [...(byFile.get(follower.file) ?? []), follower]);
  };
  all.forEach(place);
  let open = all.length;

  return {
    add: ({ commit, files }) => {
      for (const file of files) {
        const here = byFile.get(file.path) ?? [];
        for (const follower of here) {
          if (follower.isDone) continue;
          const change = stepBack(follower, file);
          if (change !== undefined) {
            const otherFiles = files.map(({ path }) => path).filter((path) => path !== file.path);
            follower.changes.push({ commit, file: file.path, otherFiles, ...change });
          }
          if (follower.isDone) open -= 1;
        }
        if (file.from === undefined || here.length === 0) continue;
        byFile.delete(file.path);
        for (const follower of here) {
          follower.file = file.from;
          place(follower);
        }
      }
    },
    changes: () => new Map(all.map(({ key, changes }) => [key, [...changes]])),
    isComplete: () => open === 0,
  };
}

type Change = Pick<TagChange, 'from' | 'to' | 'fromDigest' | 'toDigest'>;

/** Moves the follower to before the commit; what the commit made of the line, where it changed its value. */
function stepBack(follower: Follower, file: FilePatch): Change | undefined {
  const found = findLine(follower, file);
  if (found.kind === 'elsewhere') {
    follower.line = found.line;
    return undefined;
  }
  if (found.kind === 'end') {
    follower.isDone = true;
    return undefined;
  }
  const { after, before } = found;
  const to = valueOf(after, follower.form);
  // Somebody else's: the merge that brought this commit here took the line from its other side.
  if (to === undefined || (follower.expected !== undefined && to !== follower.expected)) return undefined;
  const from = before === undefined ? undefined : valueOf(before.text, follower.form);
  const setter = before === undefined ? follower.setter : setterIn(before.text);
  // A marked line that comes back had an earlier life further down.
  follower.isDone = file.isNew === true || (before === undefined && follower.setter === undefined);
  follower.expected = from;
  follower.setter = setter;
  follower.field = before === undefined ? follower.field : fieldOf(before.text);
  follower.line = before?.line ?? follower.line;
  return from === to ? undefined : describe(to, from);
}

function describe(to: string, from: string | undefined): Change {
  const [now, then] = [parseImage(`x:${to}`), from === undefined ? undefined : parseImage(`x:${from}`)];
  return {
    to: now.tag ?? '',
    ...optional('toDigest', now.digest),
    ...optional('from', then?.tag),
    ...optional('fromDigest', then?.digest),
  };
}

function format({ tag, digest }: { readonly tag: string; readonly digest?: string | undefined }): string {
  return formatImage({ name: '', tag, ...optional('digest', digest) }).slice(1);
}
