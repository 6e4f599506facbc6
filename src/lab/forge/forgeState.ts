// What the forge itself remembers: runs and pull requests. Everything else it says is read from Git when it is asked.

import { readFile } from 'node:fs/promises';
import { asArray, asNumber, asObject, parseJson } from '../../base/json';
import { writeAtomically } from '../writeAtomically';

export type RunStatus = 'queued' | 'waiting' | 'in_progress' | 'completed';
export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface StoredStep {
  readonly name: string;
  status: Exclude<RunStatus, 'waiting'>;
  conclusion: Conclusion | null;
  /** Milliseconds since 1970; null as long as it has not happened. */
  startedAt: number | null;
  completedAt: number | null;
}

export interface StoredJob {
  readonly id: number;
  readonly name: string;
  /** The deployment environment whose approval the job waits for, if there is such. */
  readonly environment?: string;
  readonly steps: StoredStep[];
  status: RunStatus;
  conclusion: Conclusion | null;
  startedAt: number | null;
  completedAt: number | null;
  log: string[];
}

export interface StoredRun {
  readonly id: number;
  readonly runNumber: number;
  readonly repository: string;
  /** `.github/workflows/promote-production.yml` */
  readonly path: string;
  readonly workflowName: string;
  readonly title: string;
  readonly event: string;
  readonly branch: string;
  readonly sha: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly jobs: readonly StoredJob[];
  status: RunStatus;
  conclusion: Conclusion | null;
  startedAt: number;
  updatedAt: number;
}

export interface StoredPull {
  readonly number: number;
  readonly repository: string;
  readonly title: string;
  readonly body: string | null;
  readonly head: string;
  readonly base: string;
  readonly createdAt: number;
  updatedAt: number;
  closedAt: number | null;
  mergedAs: string | null;
  /** The tips when the pull request was closed; the branch may be gone afterwards. */
  closedHeadSha: string | null;
  closedBaseSha: string | null;
}

export class ForgeState {
  readonly runs: StoredRun[];
  readonly pulls: StoredPull[];
  readonly #path: string;
  #nextId: number;
  #saving: Promise<void> = Promise.resolve();

  private constructor(path: string, nextId: number, runs: StoredRun[], pulls: StoredPull[]) {
    this.#path = path;
    this.#nextId = nextId;
    this.runs = runs;
    this.pulls = pulls;
  }

  static async open(path: string): Promise<ForgeState> {
    const json = asObject(parseJson(await readOr(path, '{}')));
    return new ForgeState(
      path,
      asNumber(json?.['nextId']) ?? 1,
      // The file is written by `save` alone, and replaced as a whole: an entry has the shape it was written with.
      asArray(json?.['runs']).filter(isRun),
      asArray(json?.['pulls']).filter(isPull),
    );
  }

  drawId(): number {
    this.#nextId += 1;
    return this.#nextId - 1;
  }

  /** Waits for the save before, and writes the newest state. */
  save(): Promise<void> {
    const write = () => {
      const { runs, pulls } = this;
      return writeAtomically(this.#path, `${JSON.stringify({ nextId: this.#nextId, runs, pulls }, undefined, 1)}\n`);
    };
    this.#saving = this.#saving.then(write, write);
    return this.#saving;
  }
}

function isRun(value: unknown): value is StoredRun {
  return Array.isArray(asObject(value)?.['jobs']);
}

function isPull(value: unknown): value is StoredPull {
  return typeof asObject(value)?.['number'] === 'number';
}

async function readOr(path: string, otherwise: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return otherwise;
    }
    throw error;
  }
}
