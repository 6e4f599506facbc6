// The services' own repositories on their forge: what can be dispatched, and what runs. Read only.
// One reading per repository, shared by the images that come from it.
import { orAborted } from '../base/abort';
import { type Clock, elapsed } from '../base/clock';
import type { Forge, ForgeReader, RepositoryRecord } from '../base/forge/forge';
import type { Logger } from '../base/logger';
import type { RegistryClient } from '../base/registry/client';
import { turns } from '../base/turns';
import type { ForgeFacts, WorkflowRun } from '../model/facts';
import { ProblemError } from '../model/problem';
import { failed, known, type Reading, saysTheSame, unknown, valueOf } from '../model/reading';
import { type Settings, settingOf } from '../model/settings';
import { forgeHost, parseRepositoryUrl, repositoryOfImage, type ServiceRepository } from './serviceRepository';
import { SilentHosts } from './silentHosts';

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
/** Enough for the releases that the shown runs record. */
const shownCommits = 30;
/** Workflow files and default branches change rarely; runs change all the time. */
const workflowsAgeMs = 300_000;
const shortestIntervalMs = 5_000;
const parallelRequests = 6;

interface Known extends RepositoryRecord {
  readonly at: number;
  readonly workflows: ForgeFacts['workflows'];
}

export class ForgeSource {
  readonly #options: ForgeSourceOptions;
  #forges: ReadonlyMap<string, Reading<ForgeFacts>> = new Map();
  readonly #repositories = new Map<string, ServiceRepository>();
  /** What the images themselves say, and of which tag that was asked; settings go before it. */
  readonly #located = new Map<string, { readonly tag: string; readonly repository: ServiceRepository | undefined }>();
  readonly #inTurn = turns(parallelRequests);
  readonly #known = new Map<string, Known>();
  /** Runs by repository and number, with when they were asked about last. */
  readonly #asked = new Map<string, { readonly at: number; readonly answer: Promise<WorkflowRun> }>();

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
    const hosts = new SilentHosts(parallelRequests);
    const read = await Promise.all(
      images.map(async (one): Promise<readonly [string, Reading<ForgeFacts>]> => {
        const { image } = one;
        const previous = this.#forges.get(image);
        try {
          const repository = await this.#locate(one, settings, hosts, signal);
          if (repository === undefined) return [image, unknown(unknownSource(image))];
          const key = keyOf(repository);
          const reading = shared.get(key) ?? this.#readRepository(key, repository, previous, signal);
          shared.set(key, reading);
          return [image, await reading];
        } catch (error) {
          if (signal.aborted || !(error instanceof ProblemError)) throw error;
          return [image, failed(previous, error.problem)];
        }
      }),
    );
    const forges = new Map(
      read.map(([image, reading]) => {
        const before = this.#forges.get(image);
        return [image, before !== undefined && saysTheSame(before, reading) ? before : reading];
      }),
    );
    const isSame =
      forges.size === this.#forges.size && [...forges].every(([image, reading]) => this.#forges.get(image) === reading);
    if (isSame) return;
    this.#forges = forges;
    this.#options.onChange();
  }

  /** The runs of the image's repository, by one request; stand among the facts afterwards. Rejects with a problem. */
  async readRuns(image: string, signal: AbortSignal): Promise<readonly WorkflowRun[]> {
    const { repository, reader } = this.#reach(image);
    const runs = await reader.runs(repository, { limit: shownRuns }, signal);
    this.#change(repository, () => runs);
    return runs;
  }

  /**
   * One run with its steps, mostly by one request, and at most every five seconds, whoever asks; stands among the facts
   * afterwards. Rejects with a problem.
   */
  async readRun(image: string, id: number, signal: AbortSignal): Promise<WorkflowRun> {
    const { clock } = this.#options;
    const { repository, reader } = this.#reach(image);
    const key = `${keyOf(repository)}/${id}`;
    const earlier = this.#asked.get(key);
    if (earlier !== undefined && elapsed(clock, earlier.at) < shortestIntervalMs) {
      return await orAborted(earlier.answer, signal);
    }
    const answer = this.#askRun(image, id, repository, reader);
    this.#asked.set(key, { at: clock.now(), answer });
    return await orAborted(answer, signal);
  }

  /** Others may wait for the same answer: whoever leaves does not cut it off. */
  async #askRun(image: string, id: number, at: ServiceRepository, reader: ForgeReader): Promise<WorkflowRun> {
    const { signal } = new AbortController();
    const known = valueOf(this.#forges.get(image))?.runs.find((run) => run.id === id);
    const run = known === undefined ? await reader.run(at, id, signal) : await this.#again(known, at, reader, signal);
    this.#change(at, (runs) =>
      [run, ...runs.filter((other) => other.id !== id)].toSorted((a, b) => b.createdAt - a.createdAt),
    );
    return run;
  }

  async #again(
    known: WorkflowRun,
    at: ServiceRepository,
    reader: ForgeReader,
    signal: AbortSignal,
  ): Promise<WorkflowRun> {
    const now = await reader.progress(at, known.id, signal);
    const isSame = now.state === known.state;
    return { ...known, updatedAt: isSame ? known.updatedAt : this.#options.clock.now(), ...now };
  }

  #reach(image: string) {
    const repository = this.#repositories.get(image);
    const reader = repository && this.#options.forge(repository.host)?.reader;
    if (repository === undefined || reader === undefined) throw new ProblemError(unknownSource(image));
    return { repository, reader };
  }

  #change(repository: ServiceRepository, change: (runs: readonly WorkflowRun[]) => readonly WorkflowRun[]): void {
    this.#forges = new Map(
      [...this.#forges].map(([name, reading]) => {
        if (reading.state === 'unknown' || !isSame(reading.value, repository)) return [name, reading];
        return [name, { ...reading, value: { ...reading.value, runs: change(reading.value.runs) } }];
      }),
    );
    this.#options.onChange();
  }

  async #locate(
    one: ForgeImage,
    { services, forges }: Settings,
    hosts: SilentHosts,
    signal: AbortSignal,
  ): Promise<ServiceRepository | undefined> {
    const { image } = one;
    const setting = settingOf(image, services);
    const found = await this.#locateByImage(one, hosts, signal);
    const owner = setting?.owner ?? found?.owner;
    const repository = setting?.repository ?? found?.repository;
    if (owner === undefined || repository === undefined) return undefined;
    const host = found?.host ?? forges.map(({ api }) => forgeHost(api)).find((name) => name !== undefined);
    const located = { host: host ?? 'github.com', owner, repository };
    this.#repositories.set(image, located);
    return located;
  }

  async #locateByImage(
    { image, tag }: ForgeImage,
    hosts: SilentHosts,
    signal: AbortSignal,
  ): Promise<ServiceRepository | undefined> {
    const byPath = repositoryOfImage(image);
    const before = this.#located.get(image);
    // A service seldom moves: where one build has named its source, the next ones are not asked.
    if (before !== undefined && (before.repository !== undefined || before.tag === tag)) return before.repository;
    if (tag === undefined) return byPath;
    try {
      const labels = await this.#inTurn(
        async () => (hosts.isSilent(image) ? undefined : await this.#options.registry.labels(image, tag, signal)),
        signal,
      );
      if (labels === undefined) return byPath;
      hosts.note(image);
      const label = labels[sourceLabel];
      const repository = (label === undefined ? undefined : parseRepositoryUrl(label)) ?? byPath;
      this.#located.set(image, { tag, repository });
      return repository;
    } catch (error) {
      if (signal.aborted || !(error instanceof ProblemError)) throw error;
      hosts.note(image, error.problem);
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
      const { reader } = forge;
      const [{ at: _at, ...read }, runs] = await Promise.all([
        this.#readWorkflows(key, repository, forge, signal),
        this.#readRuns(repository, reader, previous, signal),
      ]);
      const { owner, repository: name } = repository;
      const { title, isExperimental, lacks } = forge;
      const spoken = { title, isExperimental, lacks: Object.values(lacks) };
      const commits = await reader.commits(repository, read.defaultBranch, shownCommits, signal);
      return known({ forge: spoken, owner, repository: name, ...read, runs, commits }, clock.now());
    } catch (error) {
      if (signal.aborted || !(error instanceof ProblemError)) throw error;
      logger.debug(`${key}: ${error.problem.message} ${error.problem.cause ?? ''}`);
      return failed(previous, error.problem);
    }
  }

  /** What runs, and what has just failed, with its steps: after the editor was closed they are told again. */
  async #readRuns(
    at: ServiceRepository,
    reader: ForgeReader,
    previous: Reading<ForgeFacts> | undefined,
    signal: AbortSignal,
  ): Promise<readonly WorkflowRun[]> {
    const runs = await reader.runs(at, { limit: shownRuns }, signal);
    const before = new Map(valueOf(previous)?.runs.map((run) => [run.id, run]));
    const told = new Set<string>();
    return await Promise.all(
      runs.map(async (run) => {
        const isNewest = !told.has(run.workflow);
        told.add(run.workflow);
        const known = before.get(run.id);
        if (known?.state === run.state && known.steps.length > 0 && hasEnded(run)) return known;
        if (!isNewest || run.state === 'succeeded') return run;
        return { ...run, steps: (await reader.progress(at, run.id, signal)).steps };
      }),
    );
  }

  async #readWorkflows(key: string, at: ServiceRepository, forge: Forge, signal: AbortSignal): Promise<Known> {
    const { clock } = this.#options;
    const earlier = this.#known.get(key);
    if (earlier !== undefined && elapsed(clock, earlier.at) < workflowsAgeMs) return earlier;
    const { reader } = forge;
    const record = await reader.repository(at, signal);
    const workflows = await reader.workflows(at, record.defaultBranch, signal);
    const found = { at: clock.now(), ...record, workflows };
    this.#known.set(key, found);
    return found;
  }
}

function keyOf({ host, owner, repository }: ServiceRepository): string {
  return `${host}/${owner}/${repository}`;
}

function hasEnded({ state }: WorkflowRun): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
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
