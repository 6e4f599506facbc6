// A command of the terminal as a value: how it is called, and what it prints. It reads and judges; it never writes.
import type { ObjectEvent } from '../fleet/explain/enrich';
import type {
  ClusterFacts,
  Commit,
  ForgeFacts,
  PodLog,
  RegistryImage,
  RepositoryFacts,
  TagChange,
} from '../model/facts';
import type { ObjectReference } from '../model/flux';
import type { ResolvedImage } from '../model/lineage';
import type { Reading } from '../model/reading';
import type { FilesOnDisk } from '../sources/manifestsOnDisk';
import type { RepositoryAt } from '../sources/repositoryAt';

/** What the composition root gives: everything that waits or touches the machine. */
export interface Terminal {
  /** The folder in which the command was called. */
  readonly folder: string;
  /** Resolves when the other end can take more. */
  print(text: string): Promise<void>;
  /** Standard input, line by line as it comes. */
  inputLines(): AsyncIterable<string>;
  /** Rejects with `file-vanished`. */
  readFile(path: string): Promise<string>;
  /** Manifests and commit at `ref`, or at the branch that Flux follows, else HEAD. Rejects with `git-…` problems. */
  readRepository(folder: string, ref: string | undefined): Promise<RepositoryAt>;
  /** By `historyKey`, newest first. */
  readTimeline(facts: RepositoryFacts, key: string): Promise<Reading<readonly TagChange[]>>;
  /** The work tree that holds the paths; without Git the folder that holds them. Rejects with `file-vanished`. */
  readWorkTree(paths: readonly string[]): Promise<FilesOnDisk>;
  /** What a tag or digest of an image is in its registry. Rejects with `registry-…` problems. */
  readImage(image: string, reference: string): Promise<ResolvedImage>;
  /** The folders and all that their kustomizations reach, wherever it lies. Rejects with `file-vanished`. */
  readFolders(folders: readonly string[]): Promise<FilesOnDisk>;
  /** Every kind listed once. Rejects with `kubeconfig-…` and `context-unknown` problems. */
  openCluster(context: string, kubeconfig: string | undefined): Promise<OpenedCluster>;
  /** By image, as it was asked for. */
  readTags(images: readonly string[]): Promise<ReadonlyMap<string, Reading<RegistryImage>>>;
  /** Workflows and runs of the repository that the image was built in, by its forge's API. */
  readForge(image: string, tag: string | undefined, api: string): Promise<Reading<ForgeFacts>>;
  /** The last commit before or at `commit` that changed the file. Rejects with `git-…` problems. */
  readLastCommit(folder: string, commit: string, file: string): Promise<Commit | undefined>;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface OpenedCluster {
  readonly facts: ClusterFacts;
  /** Newest first. Rejects with `cluster-…` problems. */
  readonly events: (object: ObjectReference) => Promise<readonly ObjectEvent[]>;
  /** What a controller's pods have said until now. Rejects with `controller-unseen` and `cluster-…` problems. */
  readonly log: (controller: string) => Promise<readonly PodLog[]>;
  close(): void;
}

/** The exit code: nothing to say, findings, could not run. */
export type ExitCode = 0 | 1 | 2;

export interface Command {
  readonly name: string;
  /** Behind `flux-promote`. */
  readonly usage: string;
  readonly summary: string;
  /** More lines for whoever asks for this command's help. */
  readonly details?: readonly string[];
  /** Throws `UsageError` and problems. */
  run(given: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

/** The call itself is wrong; the message says how it is right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
