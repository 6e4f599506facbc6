// What waits to be taken into the followed branches, as the forges of the clones' remotes tell. Read only.
import type { Clock } from '../base/clock';
import type { ForgeReader, ForgeRepository } from '../base/forge/forge';
import type { Logger } from '../base/logger';
import type { OpenPull, RepositoryFacts } from '../model/facts';
import { ProblemError } from '../model/problem';
import { failed, known, type Reading } from '../model/reading';

/** The forge that a remote lies on. */
export interface PullReader {
  readonly at: ForgeRepository;
  readonly reader: Pick<ForgeReader, 'openPulls'>;
}

export interface PullSourceOptions {
  readonly forgeOfRemote: (url: string) => PullReader | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
}

export class PullSource {
  readonly #options: PullSourceOptions;
  #pulls: ReadonlyMap<string, Reading<readonly OpenPull[]>> = new Map();

  constructor(options: PullSourceOptions) {
    this.#options = options;
  }

  /** By the clone's folder. */
  get pulls(): ReadonlyMap<string, Reading<readonly OpenPull[]>> {
    return this.#pulls;
  }

  async read(repositories: readonly RepositoryFacts[], signal: AbortSignal): Promise<void> {
    const { forgeOfRemote, clock, logger, onChange } = this.#options;
    await Promise.all(
      repositories.map(async ({ folder, branch, remote }) => {
        const forge = forgeOfRemote(remote.url);
        if (forge === undefined) return;
        try {
          const pulls = known(await forge.reader.openPulls(forge.at, branch, signal), clock.now());
          this.#pulls = new Map([...this.#pulls, [folder, pulls]]);
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          logger.info(error.problem.message);
          this.#pulls = new Map([...this.#pulls, [folder, failed(this.#pulls.get(folder), error.problem)]]);
        }
        onChange();
      }),
    );
  }
}
