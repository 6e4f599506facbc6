// Git's failures in words. Decided from exit codes, from the machine-readable lines of push, and by asking Git again;
// from its prose (English by LC_ALL=C) only where Git has no other way to say it: authentication and server rules.
import { type ProblemCode, ProblemError } from '../../model/problem';
import { causeOf } from '../redact';
import type { GitResult } from './run';

function problem(code: ProblemCode, message: string, output: string): ProblemError {
  return new ProblemError({ code, message, cause: causeOf(output) });
}

const refusedCredentials =
  /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|Permission denied \((?:publickey|password)|Host key verification failed|The requested URL returned error: 40[13]/;

/** A failed fetch or push that reached no reference: the remote's side or the way to it. */
export function transportProblem(remote: string, output: string): ProblemError {
  return refusedCredentials.test(output)
    ? problem(
        'git-auth',
        `The remote ${remote} refused the Git credentials. Refresh to sign in, or run git fetch once in a terminal.`,
        output,
      )
    : problem(
        'git-failed',
        `The remote ${remote} could not be reached. Check the network and the remote's address.`,
        output,
      );
}

/** Anything that Git refused although nothing was wrong with the repository that we know of. */
export function gitFailed(what: string, result: GitResult): ProblemError {
  return problem(
    'git-failed',
    `Git could not ${what} (exit code ${result.exitCode}). The log has its words.`,
    result.stderr,
  );
}

export function signingFailed(output: string): ProblemError {
  return problem(
    'git-signing-failed',
    'The commit could not be signed (commit.gpgsign), and nothing was written. Unlock the signing key, for example by git commit -S in a terminal, and try again.',
    output,
  );
}

export function identityMissing(output: string): ProblemError {
  return problem(
    'git-identity-missing',
    'Git does not know who commits, and nothing was written. Set user.name and user.email (git config --global) and try again.',
    output,
  );
}

export function notARepository(folder: string, output: string): ProblemError {
  if (/detected dubious ownership/.test(output)) {
    return problem(
      'git-not-a-repository',
      `${folder} belongs to another user, so Git refuses to read it. If you trust it: git config --global --add safe.directory ${folder}`,
      output,
    );
  }
  return problem(
    'git-not-a-repository',
    `${folder} is not a Git repository that can be read. Open the clone of your GitOps repository.`,
    output,
  );
}

export function refMissing(ref: string): ProblemError {
  return new ProblemError({
    code: 'git-ref-missing',
    message: `${ref} does not exist in this clone. Fetch it (git fetch), then refresh.`,
  });
}

export interface PushFailure {
  readonly exitCode: number;
  /** Standard output and standard error: `git push --porcelain`, or what the editor's push gives. */
  readonly output: string;
  readonly branch: string;
  readonly remote: string;
}

/** The line that Git prints for a refused reference, with or without `--porcelain`: `!` flag, state, reason in brackets. */
const refusal = /^\s?!\s.*\[(rejected|remote rejected|remote failure)\].*?(?:\(([^()]*)\))?\s*$/m;

/** Why a push did not go through. */
export function pushProblem({ exitCode, output, branch, remote }: PushFailure): ProblemError {
  const [, state, reason = ''] = refusal.exec(output) ?? [];
  if (state === undefined) {
    // Exit code 1 without a word about any reference: refused before anything was sent, by the local pre-push hook.
    return exitCode === 1
      ? problem(
          'git-push-hook',
          'The pre-push hook of this clone refused the push. Read its words in the log, correct what it names, and try again.',
          output,
        )
      : transportProblem(remote, output);
  }
  if (state === 'remote rejected') {
    if (/protected|rule violation/i.test(reason) || /\bGH0(?:06|13)\b|protected branch/i.test(output)) {
      return problem(
        'git-push-protected',
        `The branch ${branch} is protected on the server: it takes no direct push. Make the change by a pull request.`,
        output,
      );
    }
    if (/hook declined/.test(reason)) {
      return problem(
        'git-push-hook',
        `A hook of the server refused the push to ${branch}. Read its words in the log, correct what it names, and try again.`,
        output,
      );
    }
    if (!/incorrect old value|cannot lock ref|failed to update ref|fetch first|non-fast-forward/.test(reason)) {
      return problem('git-failed', `The server refused the push to ${branch}: ${reason || 'no reason given'}.`, output);
    }
  }
  return problem(
    'git-push-rejected',
    `The branch ${branch} moved on the server since the change was planned; nothing was written. Refresh and try again.`,
    output,
  );
}
