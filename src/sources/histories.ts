// Who wrote which tag when, for all placements of a repository: read once in slices, in the background, and carried on
// from commit to commit afterwards. A timeline that is not whole yet is stale, never known.
import type { Clock } from '../base/clock';
import type { GitReader, HistorySelection } from '../base/git/reader';
import type { Logger } from '../base/logger';
import type { Commit, RepositoryContent, RepositoryFacts, TagChange } from '../model/facts';
import { type Problem, type ProblemCode, ProblemError } from '../model/problem';
import { known, type Reading, unknown } from '../model/reading';
import { type Timelines, timelinesOf, timelineTargets } from './timelines';

type Histories = RepositoryFacts['histories'];

export interface HistorySource {
  readonly reader: (folder: string) => GitReader;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * How far back histories are read, and in how many commits at a time: the newest soon, the rest in large parts, for Git
 * walks all that it skips again.
 */
const slices = [1_000, 4_000, 15_000];
/** More new commits than these are read in the background, as if for the first time. */
const longestExtension = 500;

const files: HistorySelection['files'] = { patterns: ['*.yaml', '*.yml', '*Kustomization'] };

/**
 * Newest first, in slices; `onSlice` gets all timelines so far after each of them. Ends when every timeline is whole, with
 * the history, or after 20,000 commits. Trouble becomes a reading; only cancellation rejects.
 */
export async function readHistories(
  { reader: readerOf, clock, logger }: HistorySource,
  { folder, content, isShallow }: RepositoryFacts,
  onSlice: (histories: Histories) => void,
  signal: AbortSignal,
): Promise<void> {
  if (content.state === 'unknown') return;
  const reader = readerOf(folder);
  const { commit, manifests } = content.value;
  const timelines = timelinesOf(timelineTargets(manifests));
  const publish = (problem: Problem | undefined): void => {
    onSlice(readingsOf(timelines.changes(), clock.now(), problem));
  };
  try {
    let skip = 0;
    for (const maxCount of slices) {
      const { entries, isCut } = await reader.history(commit.hash, { files, maxCount, skip }, signal);
      for (const entry of entries) {
        if (!isEdge(entry.commit, isShallow)) timelines.add(entry);
      }
      if (isCut) {
        publish(partial(folder));
        return;
      }
      skip += maxCount;
      if (entries.length < maxCount || timelines.isComplete() || maxCount === slices.at(-1)) break;
      publish(stillReading);
    }
    publish(isShallow ? shallow(folder) : undefined);
  } catch (error) {
    if (signal.aborted || !(error instanceof ProblemError)) throw error;
    logger.warn(`${folder}: ${error.problem.message} ${error.problem.cause ?? ''}`);
    publish(error.problem);
  }
}

/** More commits of one file than anybody has. */
const longestTimeline = 100_000;

/**
 * The one timeline with this `historyKey`, as fast as Git tells the history of its file: renames are looked for only at the
 * commit that adds it, and other files of the same commits are not looked at (`otherFiles` is empty). Trouble becomes a reading; only cancellation rejects.
 */
export async function readTimeline(
  { reader, clock, logger }: HistorySource,
  { folder, content, isShallow }: RepositoryFacts,
  key: string,
  signal: AbortSignal,
): Promise<Reading<readonly TagChange[]>> {
  if (content.state === 'unknown') return content;
  const target = timelineTargets(content.value.manifests).find((one) => one.key === key);
  if (target === undefined) return known([], clock.now());
  const timeline = timelinesOf([target]);
  const value = () => timeline.changes().get(key) ?? [];
  try {
    const { isCut } = await followFile(
      reader(folder),
      timeline,
      content.value.commit.hash,
      target.file,
      isShallow,
      signal,
    );
    const problem = isCut ? partial(folder) : isShallow ? shallow(folder) : undefined;
    if (problem === undefined) return known(value(), clock.now());
    return { state: 'stale', value: value(), at: clock.now(), problem };
  } catch (error) {
    if (signal.aborted || !(error instanceof ProblemError)) throw error;
    logger.warn(`${folder}: ${error.problem.message} ${error.problem.cause ?? ''}`);
    return unknown(error.problem);
  }
}

/** How many commits of its file are looked at for the one that brought a tag: mostly it is the last one. */
const introductionSlices = [1, 16, 256];

/**
 * The change that brought the tag that is written now, without the rest of its timeline: Git stops at the first commit of
 * the file that will do. Undefined where the last few hundred commits of the file did not bring it. Rejects with a problem.
 */
export async function readIntroduction(
  { reader }: HistorySource,
  { folder, content }: RepositoryFacts,
  key: string,
  signal: AbortSignal,
): Promise<TagChange | undefined> {
  if (content.state === 'unknown') return undefined;
  const target = timelineTargets(content.value.manifests).find((one) => one.key === key);
  if (target === undefined) return undefined;
  for (const maxCount of introductionSlices) {
    const selection = { files: { path: target.file }, maxCount };
    const { entries } = await reader(folder).history(content.value.commit.hash, selection, signal);
    const timeline = timelinesOf([target]);
    for (const entry of entries) timeline.add(entry);
    const [newest] = timeline.changes().get(key) ?? [];
    if (newest !== undefined || entries.length < maxCount) return newest;
  }
  return undefined;
}

/** Where the file came with a commit that renamed it, under its older name on from there. */
async function followFile(
  reader: GitReader,
  timeline: Timelines,
  tip: string,
  file: string,
  isShallow: boolean,
  signal: AbortSignal,
): Promise<{ readonly isCut: boolean }> {
  let path = file;
  for (let start = tip; ; ) {
    const { entries, isCut } = await reader.history(start, { files: { path }, maxCount: longestTimeline }, signal);
    let renamed: { readonly from: string; readonly at: string } | undefined;
    for (const entry of entries) {
      if (isEdge(entry.commit, isShallow) || timeline.isComplete()) break;
      const born = entry.files.find((one) => one.path === path)?.isNew === true && entry.commit.parents.length > 0;
      const whole = born ? await reader.change(entry.commit.hash, signal) : undefined;
      const from = whole?.files.find((one) => one.path === path)?.from;
      timeline.add(from === undefined || whole === undefined ? entry : whole);
      if (from !== undefined) {
        renamed = { from, at: entry.commit.hash };
        break;
      }
    }
    if (renamed === undefined) return { isCut };
    path = renamed.from;
    start = `${renamed.at}^`;
  }
}

/** The oldest commit of a shallow clone seems to have brought everything; it did not. */
function isEdge({ parents }: Commit, isShallow: boolean): boolean {
  return isShallow && parents.length === 0;
}

/** Whether `readHistories` has to run for these facts. */
export function lacksHistories({ content, histories }: RepositoryFacts): boolean {
  if (content.state === 'unknown') return false;
  const targets = timelineTargets(content.value.manifests);
  return targets.some(({ key }) => !isWhole(histories.get(key)));
}

/**
 * The histories at `content`, from those at `earlier` and the few commits since; none where that cannot be done, because
 * history was rewritten, much has happened, or a scalar is new.
 */
export async function extendHistories(
  reader: GitReader,
  previous: RepositoryFacts,
  earlier: RepositoryContent,
  content: RepositoryContent,
  at: number,
  signal: AbortSignal,
): Promise<Histories> {
  if (earlier.commit.hash === content.commit.hash) return previous.histories;
  const targets = timelineTargets(content.manifests);
  if (!targets.every(({ key }) => isWhole(previous.histories.get(key)))) return new Map();
  if (!(await reader.isAncestor(earlier.commit.hash, content.commit.hash, signal))) return new Map();
  const range = `${earlier.commit.hash}..${content.commit.hash}`;
  const { entries, isCut } = await reader.history(range, { files, maxCount: longestExtension, skip: 0 }, signal);
  if (isCut || entries.length === longestExtension) return new Map();
  const timelines = timelinesOf(targets);
  for (const entry of entries) timelines.add(entry);
  const extended = [...timelines.changes()].map(([key, changes]): [string, Reading<readonly TagChange[]>] => {
    const before = previous.histories.get(key);
    if (before === undefined || before.state === 'unknown') return [key, known(changes, at)];
    return [key, { ...before, value: [...changes, ...before.value], at }];
  });
  return new Map(extended);
}

const isCutShort: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['git-shallow', 'git-partial']);

function isWhole(reading: Reading<unknown> | undefined): boolean {
  return reading?.state === 'known' || (reading?.state === 'stale' && isCutShort.has(reading.problem.code));
}

function readingsOf(
  changes: ReadonlyMap<string, readonly TagChange[]>,
  at: number,
  problem: Problem | undefined,
): Histories {
  return new Map(
    [...changes].map(([key, value]): [string, Reading<readonly TagChange[]>] => [
      key,
      problem === undefined ? known(value, at) : { state: 'stale', value, at, problem },
    ]),
  );
}

const stillReading: Problem = { code: 'not-read-yet', message: 'Older changes are still being read.' };

function partial(folder: string): Problem {
  return {
    code: 'git-partial',
    message: `${folder} is a partial clone (--filter), so what older commits hold is not here. Clone it without a filter to see older changes.`,
  };
}

function shallow(folder: string): Problem {
  return {
    code: 'git-shallow',
    message: `${folder} is a shallow clone, so older changes are missing. Run git fetch --unshallow to see them.`,
  };
}
