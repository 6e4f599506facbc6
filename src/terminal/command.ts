// A command of the terminal as a value: how it is called, and what it prints. It reads and judges; it never writes.
import type { RepositoryContent } from '../model/facts';

/** What the composition root gives: everything that waits or touches the machine. */
export interface Terminal {
  /** The folder in which the command was called. */
  readonly folder: string;
  print(text: string): void;
  /** Standard input, whole. */
  readInput(): Promise<string>;
  readFile(path: string): Promise<string>;
  /** Manifests and commit at `ref`, or at the branch that Flux follows, else HEAD. Rejects with `git-…` problems. */
  readRepository(folder: string, ref: string | undefined): Promise<RepositoryContent & { readonly folder: string }>;
}

export interface Command {
  readonly name: string;
  /** Behind `flux-promote`. */
  readonly usage: string;
  readonly summary: string;
  /** The exit code: 0, or 1 where there are findings. Throws `UsageError` and problems. */
  run(given: readonly string[], terminal: Terminal): Promise<number>;
}

/** The call itself is wrong; the message says how it is right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
