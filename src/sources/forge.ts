// The services' own repositories on their forge: what can be dispatched, and what runs. Read only.
// One reading per repository, shared by the images that come from it.
import type { Clock } from '../base/clock';
import type { Forge, RepositoryRecord } from '../base/forge/forge';
import type { Logger } from '../base/logger';
import type { RegistryClient } from '../base/registry/client';
import type { ForgeFacts, WorkflowRun } from '../model/facts';
import { ProblemError } from '../model/problem';
import { failed, known, type Reading, unknown } from '../model/reading';
import { type Settings, settingOf } from '../model/settings';
import { forgeHost, parseRepositoryUrl, repositoryOfImage, type ServiceRepository } from './serviceRepository';

export interface ForgeSourceOptions {
  /** The forge with this host, if it is one that we speak to. */
  readonly forge: (host: string) => Forge | undefined;
  readonly registry: Pick<RegistryClient, 'labels'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
}

/** An image with one of its tags, whose labels may name the source. */
export interface ForgeImage {
  readonly image: string;
  readonly tag?: string;
}

const sourceLabel = 'org.opencontainers.image.source';
const shownRuns = 20;
/** Workflow files and default branches change rarely; runs change all the time. */
const workflowsAgeMs = 300_000;

interface Known extends RepositoryRecord {
  readonly at: number;
  readonly workflows: ForgeFacts['workflows'];
}

export class ForgeSource {
  readonly #options: ForgeSourceOptions;
  #forges: ReadonlyMap<string, Reading<ForgeFacts>> = new Map();
  readonly #repositories = new Map<string, ServiceRepository>();
  /** What the images themselves say; settings go before it. */
  readonly #located = new Map<string, ServiceRepository>();
  readonly #known = new Map<string, Known>();

  constructor(options: ForgeSourceOptions) {
    this.#options = options;
  }

  /** By image name, as asked for. */
  get forges(): ReadonlyMap<string, Reading<ForgeFacts>> {
    return this.#forges;
  }

  /** Where the image's source is, once `read` has found it. */
  repositoryOf(image: string): ServiceRepository | undefined {
    return this.#repositories.get(image);
  }

  /** Reads the repositories of all these images, and forgets the others. Rejects only when cancelled. */
  async read(images: readonly ForgeImage[], settings: Settings, signal: AbortSignal): Promise<void> {
    const shared = new Map<string, Promise<Reading<ForgeFacts>>>();
    const read = await Promise.all(
      images.map(async ({ image, tag }): Promise<readonly [string, Reading<ForgeFacts>]> => {
        const previous = this.#forges.get(image);
        try {
          const repository = await this.#locate(image, tag, settings, signal);
          if (repository === undefined) return [image, unknown(unknownSource(image))];
          const key = `${repository.host}/${repository.owner}/${repository.repository}`;
          const reading = shared.get(key) ?? this.#readRepository(key, repository, previous, signal);
          shared.set(key, reading);
          return [image, await reading];
        } catch (error) {
          if (signal.aborted || !(error instanceof ProblemError)) throw error;
          return [image, failed(previous, error.problem)];
        }
      }),
    );
    this.#forges = new Map(read);
    this.#options.onChange();
  }

  /** One run with its steps, for following it; stands among the facts afterwards. Rejects with a problem. */
  async readRun(image: string, id: number, signal: AbortSignal): Promise<WorkflowRun> {
    const repository = this.#repositories.get(image);
    const forge = repository && this.#options.forge(repository.host);
    if (repository === undefined || forge === undefined) throw new ProblemError(unknownSource(image));
    const run = await forge.reader.run(repository, id, signal);
    this.#forges = new Map(
      [...this.#forges].map(([name, reading]) => {
        if (reading.state === 'unknown' || !isSame(reading.value, repository)) return [name, reading];
        const others = reading.value.runs.filter((other) => other.id !== id);
        const runs = [run, ...others].sort((a, b) => b.createdAt - a.createdAt);
        return [name, { ...reading, value: { ...reading.value, runs } }];
      }),
    );
    this.#options.onChange();
    return run;
  }

  async #locate(
    image: string,
    tag: string | undefined,
    { services, forges }: Settings,
    signal: AbortSignal,
  ): Promise<ServiceRepository | undefined> {
    const setting = settingOf(image, services);
    let found = this.#located.get(image);
    if (found === undefined) {
      found = await this.#locateByImage(image, tag, signal);
      // Without a tag nobody could look at a label yet.
      if (found !== undefined && tag !== undefined) this.#located.set(image, found);
    }
    const owner = setting?.owner ?? found?.owner;
    const repository = setting?.repository ?? found?.repository;
    if (owner === undefined || repository === undefined) return undefined;
    const host = found?.host ?? forges.map(({ api }) => forgeHost(api)).find((name) => name !== undefined);
    const located = { host: host ?? 'github.com', owner, repository };
    this.#repositories.set(image, located);
    return located;
  }

  async #locateByImage(
    image: string,
    tag: string | undefined,
    signal: AbortSignal,
  ): Promise<ServiceRepository | undefined> {
    const byPath = repositoryOfImage(image);
    if (tag === undefined) return byPath;
    try {
      const label = (await this.#options.registry.labels(image, tag, signal))[sourceLabel];
      return (label === undefined ? undefined : parseRepositoryUrl(label)) ?? byPath;
    } catch (error) {
      if (signal.aborted || !(error instanceof ProblemError)) throw error;
      // The registry's own trouble is shown with its tags; without it the path may still tell.
      this.#options.logger.debug(`${image}: ${error.problem.message}`);
      return byPath;
    }
  }

  async #readRepository(
    key: string,
    repository: ServiceRepository,
    previous: Reading<ForgeFacts> | undefined,
    signal: AbortSignal,
  ): Promise<Reading<ForgeFacts>> {
    const { clock, logger } = this.#options;
    const forge = this.#options.forge(repository.host);
    if (forge === undefined) return unknown(unknownForge(repository));
    try {
      const [{ at: _at, ...read }, runs] = await Promise.all([
        this.#readWorkflows(key, repository, forge, signal),
        forge.reader.runs(repository, { limit: shownRuns }, signal),
      ]);
      const { owner, repository: name } = repository;
      const { title, isExperimental, lacks } = forge;
      const spoken = { title, isExperimental, lacks: Object.values(lacks) };
      return known({ forge: spoken, owner, repository: name, ...read, runs }, clock.now());
    } catch (error) {
      if (signal.aborted || !(error instanceof ProblemError)) throw error;
      logger.debug(`${key}: ${error.problem.message} ${error.problem.cause ?? ''}`);
      return failed(previous, error.problem);
    }
  }

  async #readWorkflows(key: string, at: ServiceRepository, forge: Forge, signal: AbortSignal): Promise<Known> {
    const { clock } = this.#options;
    const earlier = this.#known.get(key);
    if (earlier !== undefined && clock.now() - earlier.at < workflowsAgeMs) return earlier;
    const { reader } = forge;
    const record = await reader.repository(at, signal);
    const workflows = await reader.workflows(at, record.defaultBranch, signal);
    const found = { at: clock.now(), ...record, workflows };
    this.#known.set(key, found);
    return found;
  }
}

function isSame(facts: ForgeFacts, { owner, repository }: ServiceRepository): boolean {
  return facts.owner === owner && facts.repository === repository;
}

function unknownSource(image: string) {
  return {
    code: 'forge-unknown',
    message: `It is unknown which repository ${image} is built from. Set owner and repository for it in fluxPromote.services, or the label ${sourceLabel} in its build.`,
  } as const;
}

function unknownForge({ host, owner, repository }: ServiceRepository) {
  return {
    code: 'forge-unknown',
    message: `${owner}/${repository} lies on ${host}, which is no forge that is known here. Name its API address in fluxPromote.forges.`,
  } as const;
}
