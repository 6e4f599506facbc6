// Expected trouble: a closed list of codes, one sentence for a person with the next step, a cause for the log.
// Nothing decides by the text of a message.

export type ProblemCode =
  | 'git-missing' // no git program
  | 'git-not-a-repository'
  | 'git-no-remote'
  | 'git-detached'
  | 'git-unborn'
  | 'git-shallow'
  | 'git-partial' // a clone without the contents of older commits
  | 'git-ref-missing'
  | 'base-moved' // the branch is not where the plan was made
  | 'git-push-rejected' // moved tip
  | 'git-push-protected' // refused by a rule of the server
  | 'git-push-hook' // refused by a local or remote hook
  | 'git-signing-failed' // commit.gpgsign is on, and no signature came
  | 'git-identity-missing' // no user.name or user.email
  | 'git-auth'
  | 'git-failed'
  | 'not-flux' // no Flux objects and no workloads
  | 'yaml-broken'
  | 'file-too-large'
  | 'file-vanished'
  | 'placement-unknown' // no such service in that environment
  | 'overlay-unsupported'
  | 'overlay-broken'
  | 'several-tags' // one service, one environment, different tags
  | 'kubeconfig-missing'
  | 'kubeconfig-malformed'
  | 'context-unknown'
  | 'context-not-chosen'
  | 'cluster-unreachable'
  | 'cluster-tls'
  | 'cluster-unauthorized' // 401
  | 'cluster-forbidden' // 403
  | 'cluster-garbage' // an answer that is not Kubernetes
  | 'cluster-failed' // 4xx and 5xx otherwise
  | 'kind-not-served'
  | 'kind-not-read' // a kind of workload or source that is not read from the cluster
  | 'controller-unseen' // no pod of one of Flux's controllers
  | 'registry-unreachable'
  | 'registry-unauthorized'
  | 'registry-not-found'
  | 'registry-rate-limited'
  | 'registry-garbage'
  | 'registry-failed'
  | 'forge-unreachable'
  | 'forge-unauthorized'
  | 'forge-not-found'
  | 'forge-refused' // 422
  | 'forge-rate-limited'
  | 'forge-failed'
  | 'run-failed' // a workflow run ended without success
  | 'run-missing' // a dispatch was accepted and no run began
  | 'forge-unknown' // no forge is known for this service
  | 'lineage-different' // production does not have the image that was tested
  | 'lineage-unclear' // two images with nothing to compare
  | 'program-failed'
  | 'lab-missing' // no practice lab in that folder
  | 'lab-broken' // its state cannot be read
  | 'lab-port-taken'
  | 'restricted' // Restricted Mode
  | 'read-only' // fluxPromote.readOnly
  | 'too-large' // an answer above the size limit
  | 'timed-out'
  | 'not-read-yet';

export interface Problem {
  readonly code: ProblemCode;
  /** One sentence for a person: what, why, next step. Never a token. */
  readonly message: string;
  /** For the log: the program's own words, redacted. */
  readonly cause?: string;
  /** The name of a command that helps, without the `fluxPromote.` prefix. */
  readonly remedy?: string;
}

const mark = Symbol.for('flux-promote.ProblemError');

export const notReadYet: Problem = { code: 'not-read-yet', message: 'Not read yet.' };

/** Carries an expected `Problem` through code that throws. Anything else that is thrown is a bug. */
export class ProblemError extends Error {
  readonly problem: Problem;
  readonly [mark] = true;

  /** Every bundle carries its own copy of this class: what one throws, the others recognise. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== ProblemError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && mark in value;
  }

  constructor(problem: Problem) {
    super(problem.message);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}
