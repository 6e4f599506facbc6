// Fetches a branch: by Git itself, and where that is refused for want of a login, by the editor's Git, which can ask a person.
// It asks only while the user waits for it; what was given then serves the background too.
import { ProblemError } from '../model/problem';

/** Rejects with a `git-…` problem or `timed-out`. */
export type FetchBranch = (folder: string, remote: string, branch: string, signal: AbortSignal) => Promise<void>;

export interface FetchWays {
  readonly byGit: FetchBranch;
  /** Undefined where the editor does not know the clone. */
  readonly byEditor: (folder: string) => Promise<FetchBranch | undefined>;
}

export class BranchFetch {
  readonly #ways: FetchWays;
  /** Clones and remotes that the editor has a login for. */
  readonly #loggedIn = new Set<string>();
  #demands = 0;

  constructor(ways: FetchWays) {
    this.#ways = ways;
  }

  readonly fetch: FetchBranch = async (folder, remote, branch, signal) => {
    try {
      await this.#ways.byGit(folder, remote, branch, signal);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.code !== 'git-auth') throw error;
      const key = `${folder}\n${remote}`;
      const isAllowed = this.#demands > 0 || this.#loggedIn.has(key);
      const byEditor = isAllowed ? await this.#ways.byEditor(folder) : undefined;
      if (byEditor === undefined) throw error;
      await byEditor(folder, remote, branch, signal);
      this.#loggedIn.add(key);
    }
  };

  /** What the user waits for: whatever is fetched meanwhile may ask for a login. */
  async onDemand<T>(run: () => Promise<T>): Promise<T> {
    this.#demands += 1;
    try {
      return await run();
    } finally {
      this.#demands -= 1;
    }
  }
}
