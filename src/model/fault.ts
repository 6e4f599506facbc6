// Why a link of the delivery chain is not done: one fault for every cause that Flux, Git, the registry or the forge can have.
// The chain's link is a fault's short form, the explanation its long one.
import type { ObjectReference } from './flux';
import type { Problem } from './problem';

/** In the order of the chain. */
export const faultCodes = [
  // requested, built
  'run-missing',
  'run-failed',
  'run-cancelled',
  'run-waiting', // for a person's approval
  'run-going',
  'run-fruitless', // it has succeeded
  // published
  'tag-missing',
  'tag-excluded',
  'tag-elsewhere',
  'registry-behind',
  // scanned
  'repository-missing',
  'repository-other-image',
  'scan-suspended',
  'scan-unauthorized',
  'scan-tls',
  'scan-url',
  'scan-rate-limited',
  'scan-pattern',
  'scan-failed',
  'scan-stale',
  'scan-pending',
  // selected
  'marker-orphaned',
  'policy-missing',
  'policy-invalid',
  'policy-no-match',
  'policy-out-of-range',
  'policy-unparsable',
  'policy-no-tags',
  'policy-no-repository',
  'policy-access-denied',
  'policy-no-digest',
  'policy-failed',
  'policy-outdated', // Git has another one, which would select
  'policy-suspended',
  'policy-ignores-tag',
  'policy-prefers-another',
  'policy-pending',
  // written
  'tag-not-written',
  'marker-lost',
  'marker-malformed',
  'marker-dead',
  'marker-wrong-part',
  'automation-missing',
  'automation-namespace',
  'automation-path',
  'automation-selector',
  'automation-elsewhere',
  'automation-conflict',
  'automation-suspended-in-git',
  'automation-suspended-in-cluster',
  'automation-template',
  'automation-source',
  'automation-invalid-selector',
  'automation-update',
  'automation-push-rejected',
  'automation-git',
  'automation-failed',
  'push-race',
  'push-branch-unmerged',
  'automation-pending',
  // the wrong environment
  'marker-crosses',
  'automation-crosses',
  'policy-crosses',
  'tag-crosses',
  // fetched
  'source-missing',
  'source-unauthorized',
  'source-failed',
  'source-suspended',
  'source-other-branch',
  'source-other-repository',
  'source-pinned',
  'source-behind',
  'source-pending',
  // applied
  'kustomization-missing',
  'kustomization-path',
  'kustomization-suspended',
  'build-failed',
  'apply-failed',
  'prune-failed',
  'health-failed',
  'health-waiting',
  'health-older-revision',
  'dependency-waiting',
  'artifact-failed',
  'kustomization-failed',
  'image-override-beats',
  'image-override-misses',
  'apply-pending',
  // rolled out
  'workload-missing',
  'image-pull',
  'crash-loop',
  'container-config',
  'quota',
  'unschedulable',
  'not-ready',
  'rollout-failed',
  'rollout-paused',
  'rollout-going',
  'workload-behind',
  'workload-drifted',
  'workload-left-alone', // Flux is told to pass it by
  'workload-overwritten', // by another of Flux's own objects
  // any object
  'object-deleting',
  'status-missing',
] as const;

export type FaultCode = (typeof faultCodes)[number];

/** Something that was seen, in its own words. */
export interface Evidence {
  /** Whose words: `ImagePolicy production/backend, condition Ready`. */
  readonly of: string;
  readonly text: string;
  readonly at?: number;
}

/** A place on the branch that Flux follows. `line` is one-based. */
export interface FaultPlace {
  readonly file: string;
  readonly line?: number;
}

/** Commands of the extension that do it for the placement, without the `fluxPromote.` prefix. */
export type RemedyCommand =
  | 'reconcileNow'
  | 'resume'
  | 'rollBack'
  | 'promote'
  | 'signIn'
  | 'chooseContext'
  | 'repair'
  | 'approveRun';

/** What a person can do about it. */
export interface Remedy {
  readonly text: string;
  readonly command?: RemedyCommand;
  /** Another way, where there is one. */
  readonly or?: { readonly text: string; readonly command: RemedyCommand };
}

/** One step as a `flux`, `kubectl` or `git` command for a POSIX shell, or `gh` and `curl` for a workflow run. */
export interface Step {
  readonly what: string;
  readonly command: string;
}

/** Nobody is left without a command to begin with. */
export type Steps = readonly [Step, ...Step[]];

/** A file of the followed branch as it is and as it ought to be. */
export interface Repair {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

export interface Fault {
  readonly code: FaultCode;
  /** `waiting` passes by itself, or when somebody decides; `failed` does not. */
  readonly verdict: 'failed' | 'waiting';
  /** In one line, without a full stop: what the tree shows. */
  readonly text: string;
  readonly since?: number;
  readonly object?: ObjectReference;
  /** Whose events tell more than the object's own: a pod of the workload. */
  readonly witness?: ObjectReference;
  readonly place?: FaultPlace;
  /** What its object cannot work without: where that is broken, this is no fault of its own. */
  readonly needs?: ObjectReference;
  readonly evidence: readonly Evidence[];
  readonly remedy: Remedy;
  readonly steps: Steps;
  /** For what passes by itself: how long that takes as a rule, in milliseconds. */
  readonly usualMs?: number;
  /** The edit in Git that mends it, where one is safe. */
  readonly repair?: readonly Repair[];
}

/** What a link is found to be. */
export type Diagnosis =
  | { readonly state: 'done'; readonly at?: number }
  | { readonly state: 'unknown'; readonly problem: Problem }
  | { readonly state: 'faulty'; readonly faults: readonly [Fault, ...Fault[]] };
