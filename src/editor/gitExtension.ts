// VS Code's own Git: which program it uses, and pushes with the credentials that it can ask for. The extension host's own
// environment holds no way to ask, so what needs a login goes through here. Absent in Restricted Mode.
import * as vscode from 'vscode';
import { pushProblem, transportProblem } from '../base/git/gitProblem';
import type { PushRefspec } from '../base/git/writer';
import { withinTime } from '../base/limits';
import { causeOf } from '../base/redact';
import { ProblemError } from '../model/problem';
import type { FetchBranch } from './branchFetch';
import { pathIn } from './workTree';

/** The part of `vscode.git`'s API, version 1, that is used (extensions/git/src/api/git.d.ts). */
interface GitApi {
  readonly git: { readonly path: string };
  getRepository(uri: vscode.Uri): GitApiRepository | null;
  openRepository(root: vscode.Uri): Promise<GitApiRepository | null>;
}

interface GitApiRepository {
  /** A branch name or a refspec, passed on as it is (measured on 1.100 and 1.139). */
  push(remote: string, refspec: string): Promise<void>;
  fetch(remote: string, branch: string): Promise<void>;
  /** The checked-out branch from its upstream. */
  pull(): Promise<void>;
  status(): Promise<void>;
  readonly state: {
    readonly indexChanges: readonly { readonly uri: vscode.Uri }[];
    readonly workingTreeChanges: readonly { readonly uri: vscode.Uri }[];
    readonly mergeChanges: readonly { readonly uri: vscode.Uri }[];
  };
}

interface GitExtension {
  /** False where no Git was found, and where `git.enabled` is off: then there is no API to get. */
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

const transferLimitMs = 120_000;

async function gitApi(): Promise<GitApi | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  if (extension === undefined) return undefined;
  const git = await extension.activate();
  return git.enabled ? git.getAPI(1) : undefined;
}

/** The program that VS Code uses; undefined for `git` on the PATH. */
export async function gitProgramPath(): Promise<string | undefined> {
  return (await gitApi())?.git.path;
}

/** Pushes in the clone at `folder`; undefined where VS Code does not know it. */
export async function editorPush(folder: string): Promise<PushRefspec | undefined> {
  const repository = await repositoryAt(folder);
  if (repository === undefined) return undefined;
  return (remote, refspec, signal) =>
    withinTime({ ms: transferLimitMs, who: `The remote ${remote}` }, signal, async () => {
      try {
        await repository.push(remote, refspec);
      } catch (error) {
        throw pushFailure(error, remote, refspec);
      }
    });
}

/** Fetches in the clone at `folder`, and may ask for a login; undefined where VS Code does not know it. */
export async function editorFetch(folder: string): Promise<FetchBranch | undefined> {
  const repository = await repositoryAt(folder);
  if (repository === undefined) return undefined;
  return (_folder, remote, branch, signal) =>
    withinTime({ ms: transferLimitMs, who: `The remote ${remote}` }, signal, async () => {
      try {
        await repository.fetch(remote, branch);
      } catch (error) {
        throw isGitError(error) ? transportProblem(remote, error.stderr ?? error.message) : error;
      }
    });
}

/** Pulls into the work tree of the clone at `folder`; undefined where VS Code does not know it. */
export async function editorPull(folder: string): Promise<(() => Promise<void>) | undefined> {
  const repository = await repositoryAt(folder);
  return (
    repository &&
    (async () => {
      try {
        await repository.pull();
      } catch (error) {
        throw isGitError(error) ? pullProblem(error.stderr ?? error.message) : error;
      }
    })
  );
}

/** Files that were edited and not committed, by their paths in the clone at `folder`; undefined where VS Code does not know it. */
export async function editorEdits(folder: string): Promise<readonly string[] | undefined> {
  const repository = await repositoryAt(folder);
  if (repository === undefined) return undefined;
  await repository.status();
  const { indexChanges, workingTreeChanges, mergeChanges } = repository.state;
  const root = vscode.Uri.file(folder);
  return [...indexChanges, ...workingTreeChanges, ...mergeChanges].flatMap(({ uri }) => pathIn(root, uri) ?? []);
}

function pullProblem(output: string): ProblemError {
  return new ProblemError({
    code: 'git-failed',
    message: 'The work tree could not be pulled. Commit or stash what you have there, then run Git: Pull.',
    cause: causeOf(output),
  });
}

async function repositoryAt(folder: string): Promise<GitApiRepository | undefined> {
  const uri = vscode.Uri.file(folder);
  const api = await gitApi();
  return (api?.getRepository(uri) ?? (await api?.openRepository(uri))) || undefined;
}

function pushFailure(error: unknown, remote: string, refspec: string): unknown {
  if (!isGitError(error)) return error;
  const branch = refspec.slice(refspec.indexOf(':') + 1).replace(/^refs\/heads\//, '');
  return pushProblem({ exitCode: error.exitCode ?? 1, output: error.stderr ?? error.message, branch, remote });
}

function isGitError(error: unknown): error is Error & { readonly exitCode?: number; readonly stderr?: string } {
  return error instanceof Error && ('stderr' in error || 'gitErrorCode' in error);
}
