// What is true, derived from the facts and never stored: environments, services, and the delivery chain of each placement.
import type { Commit, OpenPull, TagChange, WorkflowRun } from './facts';
import type { Evidence, Fault } from './fault';
import type { ObjectReference } from './flux';
import type { ImageTag } from './image';
import type { AliasTag, PlacementLineage } from './lineage';
import type { ImageOrigin, Marker } from './manifest';
import type { Problem } from './problem';
import type { Reading } from './reading';

export type EnvironmentName = string;

/** Shown name of a service, unique in the fleet: the image's last path segment, qualified where two read the same. */
export type ServiceName = string;

export type LinkName =
  | 'requested'
  | 'built'
  | 'published'
  | 'scanned'
  | 'selected'
  | 'written'
  | 'fetched'
  | 'applied'
  | 'rolled out';

/** `failed` is a verdict, `unknown` is ignorance. Never drawn as one another. */
export type LinkState =
  | { readonly state: 'done'; readonly at?: number }
  | { readonly state: 'waiting'; readonly since?: number; readonly reason: string }
  | { readonly state: 'failed'; readonly reason: string; readonly since?: number; readonly object?: ObjectReference }
  | { readonly state: 'unknown'; readonly problem: Problem };

export interface Link {
  readonly name: LinkName;
  /** The short form of the first fault. */
  readonly link: LinkState;
  /** Why it is not done; empty where it is, and where nobody knows. */
  readonly faults: readonly Fault[];
}

export type Chain = readonly Link[];

/** Anything that keeps the automation from writing what it would otherwise select, whoever put it there. */
export interface Hold {
  /** `unmarked`: the line has lost its marker, while a policy still selects for it. */
  readonly kind: 'excluded' | 'pinned' | 'suspended' | 'unmarked';
  /** What holds, for a person. */
  readonly text: string;
  /** What holds: an ImageRepository, an ImagePolicy, an ImageUpdateAutomation; for `unmarked` the policy that nobody writes. */
  readonly object: ObjectReference;
  /** `excluded`: the tags kept away, best first. `pinned`: the one tag. Else none. */
  readonly tags: readonly string[];
  readonly since?: number;
  /** Where Git declares it; absent where only the cluster has it. */
  readonly declaredAt?: HoldPlace;
  /** The commit that put it there, once the history has been asked. */
  readonly commit?: Commit;
  /** The field manager that put it there, where only the cluster has it. */
  readonly manager?: string;
  /** Why, in that commit's words. */
  readonly reason?: string;
}

/** A line of a file on the branch that Flux follows. */
export interface HoldPlace {
  /** The clone's folder. */
  readonly folder: string;
  readonly file: string;
  /** One-based. */
  readonly line: number;
}

/** A Kustomization waits for the health of what it has applied, and looks at no newer revision meanwhile. */
export interface Blockage {
  readonly kustomization: ObjectReference;
  /** The revision whose health it waits for. */
  readonly revision?: string;
  /** When it gives up, in milliseconds since the epoch. */
  readonly until?: number;
}

/** A workload whose image is not what the applied revision says. */
export interface Drift {
  readonly workload: ObjectReference;
  readonly container: string;
  readonly expected: string;
  readonly found: string;
  /** The field manager that wrote the image. */
  readonly manager?: string;
  readonly at?: number;
  /** When Flux puts it back at the latest; absent where it will not, or where nobody knows. */
  readonly returnsBy?: number;
  /** Its Kustomization is suspended, so nothing puts it back. */
  readonly stays?: true;
}

/**
 * Something that is not as it should be though no link is broken by it: a tag that means another image by now, an image that has
 * left the registry, an environment that follows another source than the one before it, a suspension, another environment's tag
 * that was written for a while, a workload without pods or with two masters.
 */
export interface Departure {
  readonly kind:
    | 'tag-moved'
    | 'image-gone'
    | 'source-apart'
    | 'suspended'
    | 'tag-crossed'
    | 'no-replicas'
    | 'contested'
    | 'run-quiet';
  /** In one line, without a full stop. */
  readonly text: string;
  readonly since?: number;
  readonly object?: ObjectReference;
  readonly evidence: readonly Evidence[];
  /** What to do, a sentence. */
  readonly remedy: string;
}

/** A person's commit that went back to an earlier tag, and the write-back that put the tag on again. */
export interface UndoneRevert {
  readonly revert: Commit;
  readonly writeBack: Commit;
  /** The tag that is back. */
  readonly tag: string;
}

/** What can be read in a tag. */
export interface TagParts {
  readonly version?: string;
  /** Seven characters. */
  readonly commit?: string;
  /** Milliseconds since the epoch. */
  readonly builtAt?: number;
}

/** Who promoted the written tag, as Git tells it: a release of the service's repository, or our own commit. */
export interface PromotionRecord {
  /** Whoever started it; the commit's author where the record does not say. */
  readonly by: string;
  readonly at: number;
  readonly to: string;
  /** What was replaced. */
  readonly from?: string;
  /** The build that was tested: its environment and tag. */
  readonly source?: string;
  /** What that tag named when it was promoted: tags move. */
  readonly digest?: string;
  /** Of the service's repository: `0c1d2e3..4f5a6b7`. */
  readonly commits?: string;
  readonly why?: string;
  readonly run?: string;
  /** What was checked before it. */
  readonly verification?: string;
  readonly commit: string;
  readonly url?: string;
}

/** How the environment of a placement was found, for the tooltip. */
export type EnvironmentRule = 'setting' | 'namespace' | 'path' | 'policy' | 'cluster folder';

/** Where a placement's tag is written. */
export interface WrittenAt {
  /** The clone's folder. */
  readonly folder: string;
  readonly origin: ImageOrigin;
  readonly marker?: Marker;
}

/** The branch, or what else, of the repository that a Kustomization's source follows. */
export interface FollowedSource {
  readonly object: ObjectReference;
  /** `main of github.com/acme/flux`. */
  readonly text: string;
}

/** A placement's name, whatever it holds. */
export interface PlacementId {
  readonly service: string;
  readonly environment: string;
}

export interface Placement {
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
  readonly rule: EnvironmentRule;
  /** The image's name without tag. */
  readonly image: string;
  /** What the ImagePolicy chose; computed from the registry where the cluster is silent. */
  readonly selected: Reading<ImageTag | undefined>;
  /** What Git says on the branch that Flux follows. */
  readonly written: Reading<ImageTag | undefined>;
  /** What the workload runs. */
  readonly running: Reading<ImageTag | undefined>;
  /** What can be read in these three tags, by the policy's own groups. */
  readonly tagParts: ReadonlyMap<string, TagParts>;
  readonly writtenAt?: WrittenAt;
  readonly policy?: ObjectReference;
  readonly imageRepository?: ObjectReference;
  readonly automation?: ObjectReference;
  readonly kustomization?: ObjectReference;
  readonly source?: FollowedSource;
  readonly workload?: ObjectReference;
  /** The context that this environment's cluster facts come from. */
  readonly context?: string;
  /** Changes of the written tag, newest first. */
  readonly history: Reading<readonly TagChange[]>;
  readonly chain: Chain;
  /** The promotion that the chain begins with: in flight, or ended after the last write-back. */
  readonly run?: WorkflowRun;
  /** The tag that this run makes, by its title; absent once it has arrived, and where the title does not tell. */
  readonly promised?: string;
  /** Of the written tag, once the forge or the history has told. */
  readonly record?: PromotionRecord;
  readonly holds: readonly Hold[];
  /** Of its own Kustomization: what is pushed now is not looked at before this ends. */
  readonly blockage?: Blockage;
  readonly drift?: Drift;
  readonly departures: readonly Departure[];
  /** Requests to take something into the followed branch for it; nobody has decided on them. */
  readonly pulls?: readonly OpenPull[];
  readonly undone?: UndoneRevert;
  /** Whether what runs in production is the image that the environment before has tested, once digests are known. */
  readonly lineage?: PlacementLineage;
  /** Where the registry has a moving tag of the environment, once digests are known. */
  readonly alias?: AliasTag;
  readonly problems: readonly Problem[];
}

export interface Environment {
  readonly name: EnvironmentName;
  /** Promotion order, lowest first. */
  readonly rank: number;
  readonly isProduction: boolean;
  readonly isProtected: boolean;
  readonly context?: string;
  /** The cluster's certificate is not checked: whoever sits in between is believed. */
  readonly isUnchecked: boolean;
  readonly placements: readonly Placement[];
}

export interface Fleet {
  /** In promotion order. */
  readonly environments: readonly Environment[];
  /** Trouble that belongs to no placement. */
  readonly problems: readonly Problem[];
  /** The commits that the written tags come from, by clone folder. */
  readonly commits: ReadonlyMap<string, Commit>;
}
