// What the sources have seen, all of it, each part with its age and its trouble. The fleet is a pure function of this.
import type {
  Deployment,
  GitRepository,
  ImagePolicy,
  ImageRepository,
  ImageUpdateAutomation,
  Kustomization,
  Pod,
  ReplicaSet,
} from './flux';
import type { ResolvedImage } from './lineage';
import type { RepositoryManifests } from './manifest';
import type { Problem } from './problem';
import type { Reading } from './reading';
import type { Settings } from './settings';

/** A commit, as history tells it. `at` is the committer's time in milliseconds since the epoch. */
export interface Commit {
  readonly hash: string;
  readonly author: { readonly name: string; readonly email: string };
  readonly at: number;
  readonly subject: string;
  /** Subject and body. */
  readonly message: string;
  readonly parents: readonly string[];
}

/** One change of a placement's written tag, newest first in a timeline. */
export interface TagChange {
  readonly commit: Commit;
  readonly file: string;
  /** The tag before; undefined when the line came with this commit. */
  readonly from?: string;
  readonly to: string;
  /** Where the line holds a whole reference by digest. */
  readonly fromDigest?: string;
  readonly toDigest?: string;
  /** Other files that the same commit changed. */
  readonly otherFiles: readonly string[];
}

export interface RepositoryContent {
  readonly commit: Commit;
  /** Hashes of the branch's last commits, `commit` first: what a revision that the cluster names contains. */
  readonly recent: readonly string[];
  readonly manifests: RepositoryManifests;
  /** The texts of the files that were read, at `commit`. */
  readonly files: ReadonlyMap<string, string>;
}

/** The branch that Flux follows, read from its remote-tracking ref by plumbing; never the work tree. */
export interface RepositoryFacts {
  /** The absolute folder of the clone. */
  readonly folder: string;
  readonly remote: { readonly name: string; readonly url: string };
  /** Without `refs/heads/`. */
  readonly branch: string;
  readonly content: Reading<RepositoryContent>;
  /** Newest first; by `file` and then by the tag's line content. Filled in after the tags. Keyed by `historyKey`. */
  readonly histories: ReadonlyMap<string, Reading<readonly TagChange[]>>;
  /** Whether the history is cut short: a shallow clone. */
  readonly isShallow: boolean;
  /** Where the lines come from that hold something, by `lineKey`; filled in after the content. */
  readonly lineOrigins?: ReadonlyMap<string, Reading<LineOrigin>>;
}

/** The commit that last wrote a line. */
export interface LineOrigin {
  readonly commit: Commit;
  /** The text of its file before that commit; absent where the file came with it. */
  readonly fileBefore?: string;
}

export function lineKey(file: string, line: number): string {
  return `${file}\n${line}`;
}

/** One timeline per written scalar: the file, and the marker or image name that identifies the line in it. */
export function historyKey(file: string, identity: string): string {
  return `${file}\n${identity}`;
}

/** One context of the kubeconfig. A kind that is not served or not allowed is an unknown reading of its own. */
export interface ClusterFacts {
  readonly context: string;
  readonly gitRepositories: Reading<readonly GitRepository[]>;
  readonly kustomizations: Reading<readonly Kustomization[]>;
  readonly imageRepositories: Reading<readonly ImageRepository[]>;
  readonly imagePolicies: Reading<readonly ImagePolicy[]>;
  readonly imageUpdateAutomations: Reading<readonly ImageUpdateAutomation[]>;
  readonly deployments: Reading<readonly Deployment[]>;
  readonly replicaSets: Reading<readonly ReplicaSet[]>;
  /** Of the Deployments that the files speak of; of others nothing is read. */
  readonly pods: Reading<readonly Pod[]>;
  /** Namespaces of which a kind is not known, where the user may not look everywhere. */
  readonly gaps?: readonly Gap[];
}

export interface Gap {
  readonly kind: string;
  readonly namespace: string;
  readonly problem: Problem;
}

/** A tag list as the registry gave it, and what single tags resolve to. */
export interface RegistryImage {
  readonly tags: readonly string[];
  readonly digests: ReadonlyMap<string, Reading<string>>;
  /** By digest: what was looked into because two tags differ. */
  readonly contents?: ReadonlyMap<string, Reading<ResolvedImage>>;
}

export interface WorkflowInput {
  readonly name: string;
  readonly description: string;
  readonly isRequired: boolean;
  readonly type: 'string' | 'boolean' | 'choice' | 'number' | 'environment';
  readonly options: readonly string[];
  readonly default?: string;
}

export interface Workflow {
  readonly name: string;
  /** `.github/workflows/promote-production.yml`. */
  readonly path: string;
  readonly inputs: readonly WorkflowInput[];
}

export type RunState = 'queued' | 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface RunStep {
  readonly name: string;
  readonly state: RunState;
}

export interface WorkflowRun {
  readonly id: number;
  readonly url: string;
  readonly workflow: string;
  /** What the workflow calls this run. */
  readonly title?: string;
  readonly state: RunState;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly actor?: string;
  readonly steps: readonly RunStep[];
}

/** A person's word that a run waits for: a protected deployment environment, a manual job. */
export interface Approval {
  readonly id: number;
  readonly name: string;
  readonly mayApprove: boolean;
}

export interface ComparedCommit {
  readonly hash: string;
  readonly subject: string;
  readonly author: string;
  readonly at: number;
  readonly url: string;
}

/** A commit of a service's own repository, with its whole message. */
export interface RepositoryCommit {
  readonly hash: string;
  readonly message: string;
  readonly author: string;
  readonly at: number;
  readonly url: string;
}

/** What is in `head` and not in `base`. */
export interface Comparison {
  readonly aheadBy: number;
  /** What `head` lacks of `base`; undefined where the forge does not say. */
  readonly behindBy?: number;
  /** A page for people. */
  readonly url: string;
  /** Oldest first, at most 250. */
  readonly commits: readonly ComparedCommit[];
}

/** The service's own repository on its forge. */
export interface ForgeFacts {
  /** `GitHub`, and what it cannot do, in sentences. */
  readonly forge: { readonly title: string; readonly isExperimental: boolean; readonly lacks: readonly string[] };
  readonly owner: string;
  readonly repository: string;
  readonly defaultBranch: string;
  /** Whether this login may start workflows; undefined where the forge does not say. */
  readonly mayWrite?: boolean;
  /** Workflows that a person can dispatch. */
  readonly workflows: readonly Workflow[];
  /** Newest first. */
  readonly runs: readonly WorkflowRun[];
  /** Of the default branch, newest first: what the workflows record. */
  readonly commits: readonly RepositoryCommit[];
}

/** A request to take something into the followed branch that nobody has decided on. */
export interface OpenPull {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  /** The branch that it takes in. */
  readonly head: string;
  readonly at: number;
}

/** What one of a controller's pods has said, oldest first. */
export interface PodLog {
  readonly pod: string;
  readonly lines: readonly string[];
}

export interface Facts {
  readonly settings: Settings;
  /** Which context an environment lives in, by the user's choice. */
  readonly contexts: ReadonlyMap<string, string>;
  /** For environments without a choice: the only context there is. */
  readonly defaultContext?: string;
  /** Contexts whose server's certificate is not checked. */
  readonly uncheckedContexts?: readonly string[];
  /** Why there is no context to choose from: the kubeconfig is missing or cannot be used. */
  readonly kubeconfigProblem?: Problem;
  readonly repositories: readonly RepositoryFacts[];
  /** By context name. */
  readonly clusters: ReadonlyMap<string, ClusterFacts>;
  /** By canonical image name (`canonicalImage`). */
  readonly registry: ReadonlyMap<string, Reading<RegistryImage>>;
  /** By canonical image name. */
  readonly forges: ReadonlyMap<string, Reading<ForgeFacts>>;
  /** Into the followed branch, by the clone's folder; absent where no forge was asked. */
  readonly pulls?: ReadonlyMap<string, Reading<readonly OpenPull[]>>;
}
