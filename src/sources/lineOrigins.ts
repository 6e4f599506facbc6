// Who put a line there that holds something, when and why: one look into the history for each such line, and there are few.
import type { GitReader } from '../base/git/reader';
import { maximumFileSize } from '../manifests/documents';
import { type LineOrigin, lineKey, type RepositoryFacts } from '../model/facts';
import { optional } from '../model/optional';
import { ProblemError } from '../model/problem';
import { known, type Reading, unknown } from '../model/reading';
import type { GitSource } from './git';

type LineOrigins = NonNullable<RepositoryFacts['lineOrigins']>;

/** More held lines than these are not looked up: nobody reads so many, and each walks through the history. */
const maximumLines = 50;

/** Trouble becomes a reading; only cancellation rejects. */
export async function readLineOrigins(
  { reader: readerOf, heldLines, clock, logger }: GitSource,
  { folder, content }: RepositoryFacts,
  signal: AbortSignal,
): Promise<LineOrigins> {
  if (content.state === 'unknown' || heldLines === undefined) return new Map();
  const reader = readerOf(folder);
  const origins = new Map<string, Reading<LineOrigin>>();
  for (const { file, line } of heldLines(content.value).slice(0, maximumLines)) {
    try {
      const origin = await readOrigin(reader, content.value.commit.hash, file, line, signal);
      if (origin !== undefined) origins.set(lineKey(file, line), known(origin, clock.now()));
    } catch (error) {
      if (signal.aborted || !(error instanceof ProblemError)) throw error;
      logger.debug(`${folder}: ${file}:${line}: ${error.problem.message}`);
      origins.set(lineKey(file, line), unknown(error.problem));
    }
  }
  return origins;
}

async function readOrigin(
  reader: GitReader,
  tip: string,
  file: string,
  line: number,
  signal: AbortSignal,
): Promise<LineOrigin | undefined> {
  const blamed = await reader.blameLine(tip, file, line, signal);
  if (blamed === undefined) return undefined;
  const commit = await reader.commit(blamed.hash, signal);
  const [parent] = commit.parents;
  if (parent === undefined) return { commit };
  const [before] = await reader.readFiles(parent, [blamed.file], maximumFileSize, signal);
  return { commit, ...optional('fileBefore', before?.text) };
}
