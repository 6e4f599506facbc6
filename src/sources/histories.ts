// Who wrote which tag when, for all placements of a repository: read once in slices, in the background, and carried on
// from commit to commit afterwards. A timeline that is not whole yet is stale, never known.
import type { Clock } from '../base/clock';
import type { GitReader, HistorySelection } from '../base/git/reader';
import type { Logger } from '../base/logger';
import type { Commit, RepositoryContent, RepositoryFacts, TagChange } from '../model/facts';
import { type Problem, type ProblemCode, ProblemError } from '../model/problem';
import { known, type Reading, unknown } from '../model/reading';
import { type Target, type Timelines, timelinesOf, timelineTargets } from './timelines';

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
  source: HistorySource,
  facts: RepositoryFacts,
  key: string,
  signal: AbortSignal,
): Promise<Reading<readonly TagChange[]>> {
  return await readOne(source, facts, key, signal, async (target, tip) => {
    const timeline = timelinesOf([target]);
    const selection = { file: target.file, maxCount: longestTimeline };
    const { isCut } = await followFile(source.reader(facts.folder), timeline, tip, selection, facts.isShallow, signal);
    const value = timeline.changes().get(key) ?? [];
    const problem = isCut ? partial(facts.folder) : facts.isShallow ? shallow(facts.folder) : undefined;
    return reading(value, source.clock.now(), problem);
  });
}

/** How many commits of its file are looked at for the one that brought a tag: mostly it is the last one. */
const introductionSlices = [1, 16, 256];

/**
 * The change that brought the tag that is written now, without the rest of its timeline: Git stops at the first commit of the
 * file that will do. A stale reading, empty where the last few hundred commits of the file did not bring the tag.
 */
export async function readIntroduction(
  source: HistorySource,
  facts: RepositoryFacts,
  key: string,
  signal: AbortSignal,
): Promise<Reading<readonly TagChange[]>> {
  return await readOne(source, facts, key, signal, async (target, tip) => {
    const reader = source.reader(facts.folder);
    let newest: readonly TagChange[] = [];
    for (const maxCount of introductionSlices) {
      const timeline = timelinesOf([target]);
      const selection = { file: target.file, maxCount };
      await followFile(reader, timeline, tip, selection, facts.isShallow, signal);
      newest = timeline.changes().get(key)?.slice(0, 1) ?? [];
      if (newest.length > 0) break;
    }
    return reading(newest, source.clock.now(), stillReading);
  });
}

async function readOne(
  { clock, logger }: HistorySource,
  { folder, content }: RepositoryFacts,
  key: string,
  signal: AbortSignal,
  read: (target: Target, tip: string) => Promise<Reading<readonly TagChange[]>>,
): Promise<Reading<readonly TagChange[]>> {
  if (content.state === 'unknown') return content;
  const target = timelineTargets(content.value.manifests).find((one) => one.key === key);
  if (target === undefined) return known([], clock.now());
  try {
    return await read(target, content.value.commit.hash);
  } catch (error) {
    if (signal.aborted || !(error instanceof ProblemError)) throw error;
    logger.warn(`${folder}: ${error.problem.message} ${error.problem.cause ?? ''}`);
    return unknown(error.problem);
  }
}

/** Where the file came with a commit that renamed it, under its older name on from there. */
async function followFile(
  reader: GitReader,
  timeline: Timelines,
  tip: string,
  { file, maxCount }: { readonly file: string; readonly maxCount: number },
  isShallow: boolean,
  signal: AbortSignal,
): Promise<{ readonly isCut: boolean }> {
  let path = file;
  for (let start = tip; ; ) {
    const { entries, isCut } = await reader.history(start, { files: { path }, maxCount }, signal);
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
 * The whole histories at `content`, from those at `earlier` and the few commits since; none where that cannot be done,
 * because history was rewritten, or much has happened.
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
  const targets = timelineTargets(content.manifests).filter(({ key }) => isWhole(previous.histories.get(key)));
  if (targets.length === 0) return new Map();
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

export function isWhole(reading: Reading<unknown> | undefined): boolean {
  return reading?.state === 'known' || (reading?.state === 'stale' && isCutShort.has(reading.problem.code));
}

function readingsOf(
  changes: ReadonlyMap<string, readonly TagChange[]>,
  at: number,
  problem: Problem | undefined,
): Histories {
  return new Map(
    [...changes].map(([key, value]): [string, Reading<readonly TagChange[]>] => [key, reading(value, at, problem)]),
  );
}

function reading<T>(value: T, at: number, problem: Problem | undefined): Reading<T> {
  return problem === undefined ? known(value, at) : { state: 'stale', value, at, problem };
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
