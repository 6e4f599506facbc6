// One commit of a clone, for whoever asks once: the named one, else the branch that Flux follows, else HEAD.
import type { GitReader } from '../base/git/reader';
import type { RepositoryContent, RepositoryFacts } from '../model/facts';
import { optional } from '../model/optional';
import { type Problem, type ProblemCode, ProblemError } from '../model/problem';
import { known } from '../model/reading';
import { type GitSource, readReference, readRepository } from './git';

export interface RepositoryAt extends RepositoryContent {
  readonly facts: RepositoryFacts;
  /** Why it is HEAD and not the branch that Flux follows; absent where there is no remote, so that nothing is missing. */
  readonly problem?: Problem;
}

/** Without a followed branch that can be read there may still be HEAD. */
const mayUseHead: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'git-no-remote',
  'git-detached',
  'git-unborn',
  'git-ref-missing',
]);

/** Rejects with a `git-…` problem when nothing can be read. */
export async function readRepositoryAt(
  source: GitSource,
  ref: string | undefined,
  signal: AbortSignal,
): Promise<RepositoryAt> {
  if (ref !== undefined) return await readNamed(source, ref, signal);
  const facts = await readRepository(source, [], undefined, signal);
  const { content } = facts;
  if (content.state !== 'unknown') return { ...content.value, facts };
  const { problem } = content;
  if (!mayUseHead.has(problem.code)) throw new ProblemError(problem);
  const at = await readNamed(source, 'HEAD', signal);
  return { ...at, ...optional('problem', problem.code === 'git-no-remote' ? undefined : problem) };
}

async function readNamed(source: GitSource, ref: string, signal: AbortSignal): Promise<RepositoryAt> {
  const reader = source.reader(source.folder);
  await refuseUnborn(reader, ref, signal);
  const { folder, ...content } = await readReference(source, ref, signal);
  const facts: RepositoryFacts = {
    folder,
    remote: { name: '', url: '' },
    branch: '',
    content: known(content, source.clock.now()),
    histories: new Map(),
    isShallow: await reader.isShallow(signal),
  };
  return { ...content, facts };
}

async function refuseUnborn(reader: GitReader, ref: string, signal: AbortSignal): Promise<void> {
  if (ref !== 'HEAD' || (await reader.head(signal)).state !== 'unborn') return;
  const message = `${reader.folder} has no commit yet, so there is nothing to read. Make a first commit, or fetch the GitOps repository.`;
  throw new ProblemError({ code: 'git-unborn', message });
}

/** The top of the work tree that holds the folder; undefined where there is none, or no Git. */
export async function findTopLevel(source: GitSource, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await source.reader(source.folder).topLevel(signal);
  } catch (error) {
    if (!(error instanceof ProblemError) || !isWithoutGit.has(error.problem.code)) throw error;
    return undefined;
  }
}

const isWithoutGit: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['git-not-a-repository', 'git-missing']);
