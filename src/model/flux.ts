// The Kubernetes and Flux objects that we read, with only the fields that we read. All of them may be absent in the wild:
// what stands here is what a decoder has checked.

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since the epoch; undefined when missing or unreadable. */
  readonly since?: number;
  readonly observedGeneration?: number;
}

/** Who wrote which fields; of them only `spec.suspend` and images: `spec.template.spec.containers[name=app].image`. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly at?: number;
  readonly paths: readonly string[];
}

export interface Meta {
  readonly name: string;
  readonly namespace: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly uid?: string;
  readonly createdAt?: number;
  /** Asked for and not done: `finalizers` are those who have still to clean up. */
  readonly deletion?: { readonly since?: number; readonly finalizers: readonly string[] };
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owners: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
  readonly managedFields: readonly ManagedFields[];
}

/** The parts that every Flux object has. */
export interface FluxObject {
  readonly meta: Meta;
  readonly isSuspended: boolean;
  /** -1 when never seen by its controller (Flux's CRD default). */
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  readonly lastHandledReconcileAt?: string;
}

export interface ObjectReference {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

export interface GitRepository extends FluxObject {
  readonly kind: 'GitRepository';
  readonly url: string;
  readonly ref: {
    readonly branch?: string;
    readonly tag?: string;
    readonly semver?: string;
    readonly name?: string;
    readonly commit?: string;
  };
  readonly intervalMs: number;
  readonly artifact?: { readonly revision: string; readonly updatedAt?: number };
}

export interface KustomizationImage {
  readonly name: string;
  readonly newName?: string;
  readonly newTag?: string;
  readonly digest?: string;
}

export interface Kustomization extends FluxObject {
  readonly kind: 'Kustomization';
  /** Relative to the repository's root, without a leading `./`; empty for the root. */
  readonly path: string;
  readonly sourceRef: ObjectReference;
  readonly targetNamespace?: string;
  /** By `spec.kubeConfig`: what it applies is in another cluster. */
  readonly isRemote?: true;
  readonly images: readonly KustomizationImage[];
  readonly dependsOn: readonly ObjectReference[];
  readonly waits: boolean;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly lastAppliedRevision?: string;
  readonly lastAttemptedRevision?: string;
  /** The end of its last run that came as far as applying, and what came of it, from `status.history`. */
  readonly lastReconciledAt?: number;
  readonly lastReconciledStatus?: string;
  /** `namespace_name_group_kind`. */
  readonly inventory: readonly string[];
}

export interface ImageRepository extends FluxObject {
  readonly kind: 'ImageRepository';
  readonly image: string;
  readonly intervalMs: number;
  readonly isInsecure: boolean;
  readonly exclusionList: readonly string[];
  readonly lastScan?: { readonly at?: number; readonly tagCount: number; readonly revision?: string };
}

export interface PolicyChoice {
  readonly semver?: { readonly range: string };
  readonly alphabetical?: { readonly order?: string };
  readonly numerical?: { readonly order?: string };
}

/** The part of an ImagePolicy that decides which tag wins. */
export interface PolicySpec {
  readonly filterTags?: { readonly pattern?: string; readonly extract?: string };
  readonly policy?: PolicyChoice;
}

export interface LatestRef {
  readonly name: string;
  readonly tag: string;
  readonly digest?: string;
}

export interface ImagePolicy extends FluxObject {
  readonly kind: 'ImagePolicy';
  readonly repositoryRef: ObjectReference;
  readonly spec: PolicySpec;
  readonly digestReflectionPolicy: 'Always' | 'IfNotPresent' | 'Never';
  readonly latestRef?: LatestRef;
}

/** One of a label selector, `matchLabels` included. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

export interface ImageUpdateAutomation extends FluxObject {
  readonly kind: 'ImageUpdateAutomation';
  readonly sourceRef: ObjectReference;
  readonly checkoutBranch?: string;
  readonly pushBranch?: string;
  readonly author?: { readonly name?: string; readonly email: string };
  /** Relative to the repository's root, without a leading `./`; empty for the root. */
  readonly updatePath: string;
  /** All of them must hold. */
  readonly policySelector?: readonly LabelRequirement[];
  readonly intervalMs: number;
  readonly lastRunAt?: number;
  readonly lastPushCommit?: string;
  readonly lastPushAt?: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
}

export interface Deployment {
  readonly kind: 'Deployment';
  readonly meta: Meta;
  readonly containers: readonly Container[];
  readonly replicas: number;
  /** `spec.selector.matchLabels`; absent where expressions select too. */
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly progressDeadlineSeconds?: number;
  readonly status: {
    readonly observedGeneration: number;
    readonly replicas: number;
    readonly updatedReplicas: number;
    readonly readyReplicas: number;
    readonly availableReplicas: number;
  };
  readonly conditions: readonly Condition[];
}

export interface ReplicaSet {
  readonly kind: 'ReplicaSet';
  readonly meta: Meta;
  readonly containers: readonly Container[];
  readonly replicas: number;
  readonly readyReplicas: number;
}

export interface Pod {
  readonly kind: 'Pod';
  readonly meta: Meta;
  readonly phase: string;
  /** Of the pod as a whole, in the kubelet's or the node's words: `Evicted: The node was low on resource: memory.` */
  readonly trouble?: string;
  /** Why no node takes it, in the scheduler's words. */
  readonly unschedulable?: string;
  readonly containers: readonly {
    readonly name: string;
    readonly image: string;
    /** As the kubelet reports it: `docker-pullable://name@sha256:…` or `name@sha256:…`. */
    readonly imageId: string;
    readonly isReady: boolean;
    readonly isRunning: boolean;
    readonly waiting?: { readonly reason: string; readonly message: string };
    /** How it ended, now or the last time: `OOMKilled, exit code 137`. */
    readonly lastExit?: string;
    readonly restarts: number;
  }[];
}

export type FluxKind = GitRepository | Kustomization | ImageRepository | ImagePolicy | ImageUpdateAutomation;
