// Where an automation reads and writes: the GitRepository's remote, the branch that it checks out, the branch that it pushes.
// Source: image-automation-controller internal/source/{git,source}.go; the push failure's text is measured on Flux 2.9.4.
import { parseDuration } from '../../model/duration';
import { objectAt, textAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';
import { GitFailure } from '../git/labGit';
import { type Checkout, checkoutOf, resolveCheckout } from './gitCheckout';
import type { GitMirror } from './gitMirror';
import type { ReadRefs } from './gitRemote';
import type { Workplace } from './workplace';

export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly reason: 'SourceManagerFailed' | 'GitOperationFailed';

  constructor(reason: SourceError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export interface Source {
  readonly url: string;
  readonly timeoutMs: number;
  readonly checkout: Checkout;
  readonly pushBranch: string;
  readonly refspec?: string;
}

/** Throws SourceError. */
export function resolveSource(place: Workplace, automation: KubeObject): Source {
  const name = textAt(automation, 'spec', 'sourceRef', 'name') ?? '';
  const namespace = textAt(automation, 'spec', 'sourceRef', 'namespace') ?? automation.metadata.namespace ?? '';
  const repository = place.store.get({ kind: 'GitRepository', name, namespace });
  if (repository === undefined) {
    const missing = `gitrepositories.source.toolkit.fluxcd.io "${name}" not found`;
    const message = `failed configuring source manager: failed to get git repository '${namespace}/${name}': ${missing}`;
    throw new SourceError('SourceManagerFailed', message);
  }
  const own = objectAt(automation, 'spec', 'git', 'checkout', 'ref');
  const checkout = checkoutOf(Object.keys(own).length > 0 ? own : objectAt(repository, 'spec', 'ref'));
  const refspec = textAt(automation, 'spec', 'git', 'push', 'refspec');
  const pushBranch = textAt(automation, 'spec', 'git', 'push', 'branch') ?? checkout.branch;
  if (pushBranch === undefined) {
    const why = 'push spec not provided, and cannot be inferred from .spec.git.checkout.ref or GitRepository .spec.ref';
    throw new SourceError('SourceManagerFailed', `failed configuring source manager: ${why}`);
  }
  return {
    url: textAt(repository, 'spec', 'url') ?? '',
    timeoutMs: parseDuration(textAt(repository, 'spec', 'timeout') ?? '') ?? place.constants.requestTimeoutMs,
    checkout,
    pushBranch,
    ...(refspec === undefined ? {} : { refspec }),
  };
}

/** How the controller reaches remotes. */
export interface Remote {
  readonly mirror: GitMirror;
  readonly readRefs: ReadRefs;
}

export interface CheckedOut {
  /** What the checkout reference names now. */
  readonly revision: string;
  /** The commit to build on: an existing push branch goes on where it is, it is not reset to the checkout branch. */
  readonly base: string;
}

/** Throws GitRemoteError. */
export async function checkOut({ mirror, readRefs }: Remote, source: Source, signal: AbortSignal): Promise<CheckedOut> {
  const { url, checkout, pushBranch } = source;
  const refs = await readRefs(url, signal);
  // A push branch of its own makes it fetch all branches and look for its own among them.
  const missing = pushBranch === checkout.branch ? undefined : () => 'reference not found';
  const { ref, commit, revision } = resolveCheckout(checkout, refs, url, missing);
  await mirror.fetch(url, ref, commit, signal);
  const pushRef = `refs/heads/${pushBranch}`;
  const existing = pushBranch === checkout.branch ? undefined : refs.get(pushRef);
  if (existing === undefined) return { revision, base: commit };
  await mirror.fetch(url, pushRef, existing, signal);
  return { revision, base: existing };
}

/** Throws SourceError when the remote refuses, because its tip has moved or a rule of its own says no. */
export async function push(mirror: GitMirror, source: Source, commit: string, signal: AbortSignal): Promise<void> {
  const ref = `refs/heads/${source.pushBranch}`;
  try {
    await mirror.push(source.url, `${commit}:${ref}`, signal);
    if (source.refspec !== undefined) await mirror.push(source.url, source.refspec.replace(/^[^:]*/, commit), signal);
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    const told = /\[remote rejected\][^\n]*\(([^)\n]*)\)/.exec(error.message)?.[1];
    const why = `failed to push to remote: command error on ${ref}: ${told ?? 'failed to update ref'}`;
    throw new SourceError('GitOperationFailed', `failed to update source: ${why}`, { cause: error });
  }
}
