// Who wrote which tag when: the patches of a history, newest first, sorted into one timeline per written scalar. Pure.
import type { HistoryEntry } from '../base/git/reader';
import type { FilePatch, Hunk } from '../base/git/records';
import { historyKey, type TagChange } from '../model/facts';
import { parseImage } from '../model/image';
import type { RepositoryManifests } from '../model/manifest';

/** A scalar whose changes are wanted: found by its marker, else by its line, which is followed back through the patches. */
interface Target {
  readonly key: string;
  readonly file: string;
  readonly setter?: string;
  /** The field's name: an image field holds the tag behind a colon. */
  readonly field: string;
  readonly line: number;
}

export interface Timelines {
  add(entry: HistoryEntry): void;
  /** By `historyKey`; a timeline for every wanted scalar, empty where nothing was found yet. Newest first. */
  changes(): ReadonlyMap<string, readonly TagChange[]>;
  /** Whether every timeline has reached the commit that brought its line. */
  isComplete(): boolean;
}

const tagFields: ReadonlySet<string> = new Set(['newTag', 'tag', 'image']);

/** Keys are the file with the marker's setter, and the file with the image's name for scalars without a marker. */
export function timelineTargets({ roots, markers }: RepositoryManifests): readonly Target[] {
  const targets = new Map<string, Target>();
  const marked = new Set<string>();
  for (const { file, line, setter, part } of markers) {
    marked.add(`${file}:${line}`);
    if (part === 'digest' || part === 'name') continue;
    const key = historyKey(file, setter);
    targets.set(key, { key, file, setter, line, field: part === 'image' ? 'image' : 'tag' });
  }
  for (const { image, origin } of roots.flatMap(({ images }) => images)) {
    if (origin === undefined || !tagFields.has(origin.field) || marked.has(`${origin.file}:${origin.line}`)) continue;
    const key = historyKey(origin.file, parseImage(image).name);
    targets.set(key, { key, file: origin.file, field: origin.field, line: origin.line });
  }
  return [...targets.values()];
}

export function timelinesOf(targets: readonly Target[]): Timelines {
  const byFile = new Map<
    string,
    { readonly target: Target; line: number; isDone: boolean; readonly changes: TagChange[] }[]
  >();
  const all = targets.map((target) => ({ target, line: target.line, isDone: false, changes: [] as TagChange[] }));
  for (const timeline of all) byFile.set(timeline.target.file, [...(byFile.get(timeline.target.file) ?? []), timeline]);
  let open = all.length;

  return {
    add: ({ commit, files }) => {
      for (const file of files) {
        for (const timeline of byFile.get(file.path) ?? []) {
          if (timeline.isDone) continue;
          const { target } = timeline;
          const found = target.setter === undefined ? byLine(file, target, timeline.line) : bySetter(file, target);
          if (found === undefined) continue;
          timeline.line = found.line ?? timeline.line;
          const { from, to } = found;
          if (to !== undefined && to !== from) {
            const otherFiles = files.map(({ path }) => path).filter((path) => path !== file.path);
            timeline.changes.push({ commit, file: file.path, to, otherFiles, ...(from === undefined ? {} : { from }) });
          }
          timeline.isDone = found.isFirst;
          if (found.isFirst) open -= 1;
        }
      }
    },
    changes: () => new Map(all.map(({ target, changes }) => [target.key, [...changes]])),
    isComplete: () => open === 0,
  };
}

interface Found {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Where the line stood before the commit. */
  readonly line?: number;
  /** The line came with this commit. */
  readonly isFirst: boolean;
}

/** The marked line among the added and the removed ones, wherever in the file it stands. */
function bySetter(file: FilePatch, { setter = '', field }: Target): Found | undefined {
  const find = (lines: (hunk: Hunk) => readonly string[]): string | undefined =>
    file.hunks.flatMap(lines).find((line) => hasSetter(line, setter));
  const added = find((hunk) => hunk.added);
  const removed = find((hunk) => hunk.removed);
  // A line that is only removed here was brought back by a later commit: the earlier life goes on below.
  if (added === undefined) return undefined;
  return {
    to: tagOf(added, field),
    from: removed === undefined ? undefined : tagOf(removed, field),
    isFirst: false,
  };
}

function hasSetter(line: string, setter: string): boolean {
  const comment = line.slice(line.indexOf('#'));
  return comment.includes('$imagepolicy') && comment.includes(`"${setter}"`);
}

/** The line at its number, and where it stood before; another field in its place ends the search. */
function byLine(file: FilePatch, { field }: Target, line: number): Found | undefined {
  let shift = 0;
  for (const { oldStart, newStart, removed, added } of file.hunks) {
    // With no added lines, `newStart` is the line before the gap.
    const begin = added.length === 0 ? newStart + 1 : newStart;
    if (begin > line) break;
    if (line < begin + added.length) {
      const now = added[line - begin] ?? '';
      if (fieldOf(now) !== field) return { isFirst: true };
      const index = removed.findIndex((text) => fieldOf(text) === field);
      const before = removed[index];
      if (before === undefined) return { to: tagOf(now, field), isFirst: true };
      return { to: tagOf(now, field), from: tagOf(before, field), line: oldStart + index, isFirst: false };
    }
    shift += removed.length - added.length;
  }
  return { line: line + shift, isFirst: false };
}

const scalarLine = /^[\s-]*(?:"?([\w$.-]+)"?\s*:\s+)?("[^"]*"|'[^']*'|[^\s#]+)/;

function fieldOf(line: string): string | undefined {
  return scalarLine.exec(line)?.[1];
}

/** The tag that the line's scalar holds: all of it, or what stands behind an image's name. */
function tagOf(line: string, field: string): string | undefined {
  const value = scalarLine.exec(line)?.[2]?.replace(/^(["'])(.*)\1$/, '$2');
  if (value === undefined || field !== 'image') return value;
  return parseImage(value).tag;
}
