// The only mutable state: the latest facts, and who keeps them fresh. Everything it hands out is an immutable snapshot;
// whatever is shown is derived from it. Deliberately absent: any memory of what was requested, and any way to write.
// While nobody looks, nothing runs but what was under way.
import { orAborted, sharedAbort } from '../base/abort';
import { type Clock, elapsed } from '../base/clock';
import { type Coalesced, coalesce } from '../base/coalesce';
import type { Forge } from '../base/forge/forge';
import { type Disposable, Lifetime } from '../base/lifetime';
import type { Logger } from '../base/logger';
import type { RegistryClient } from '../base/registry/client';
import { isSameList } from '../model/collections';
import type { ClusterFacts, Facts, WorkflowRun } from '../model/facts';
import { canonicalImage } from '../model/image';
import type { ResolvedImage } from '../model/lineage';
import { optional } from '../model/optional';
import { type Problem, ProblemError } from '../model/problem';
import { valueOf } from '../model/reading';
import type { Settings } from '../model/settings';
import { unknownCluster } from './cluster';
import { ForgeSource } from './forge';
import type { GitSource } from './git';
import { gitRepositoriesIn, isBehind, observedImages, outdatedImages, scannedImages } from './observed';
import { PullSource, type PullSourceOptions } from './pulls';
import { RegistrySource } from './registry';
import { RepositoryWatch } from './repositoryWatch';
import type { ServiceRepository } from './serviceRepository';
import { deriveShown, nothingShown, type Shown } from './shown';

/** A cluster that is being watched. */
export interface WatchedCluster extends Disposable {
  readonly facts: ClusterFacts;
  /** The context has come to mean another server. */
  readonly isOutdated?: boolean;
  refresh(): Promise<void>;
  /** Limits what is read to what the files speak of. */
  lookAt(shown: Shown): void;
}

/** What the user has decided: changed as a whole by `configure`. */
export interface ObservedScope {
  readonly settings: Settings;
  /** Environment to context. */
  readonly contexts: ReadonlyMap<string, string>;
  readonly defaultContext?: string;
  readonly uncheckedContexts?: readonly string[];
  readonly kubeconfigProblem?: Problem;
}

export interface ObserverOptions {
  readonly repositories: readonly GitSource[];
  readonly scope: ObservedScope;
  /** Connects and watches; throws a problem that then stands for all of the cluster's kinds. */
  readonly watchCluster: (context: string, onChange: () => void) => WatchedCluster;
  readonly registry: RegistryClient;
  readonly forge: (host: string) => Forge | undefined;
  /** The forge that a clone's remote lies on, if it is one that is spoken to; absent where no pull request can matter. */
  readonly forgeOfRemote?: PullSourceOptions['forgeOfRemote'];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often remotes, registries and forges are asked while somebody looks; clusters tell by themselves. */
const pollMs = 60_000;
/** How long clusters are still watched after the last look. */
const lingerMs = 60_000;
/** How often hints are looked for at most: in a storm of changes nearly none of them is one. */
const hintMs = 500;
/** A cluster's word that a clone is behind is followed at most this often; that tags are missing as often as they may be read. */
const fetchMs = 5_000;

export class Observer implements Disposable {
  readonly #options: ObserverOptions;
  readonly #life = sharedAbort();
  readonly #lifetime = new Lifetime();
  readonly #listeners = new Set<() => void>();
  readonly #changes: Coalesced;
  readonly #repositories: readonly RepositoryWatch[];
  readonly #registry: RegistrySource;
  readonly #forge: ForgeSource;
  readonly #pulls: PullSource;
  readonly #clusters = new Map<string, { readonly watched?: WatchedCluster; readonly last: ClusterFacts }>();
  #scope: ObservedScope;
  #facts: Facts | undefined;
  #shown = nothingShown;
  /** What that was derived from. */
  #looked: readonly unknown[] = [];
  #interests = 0;
  #poll: Disposable | undefined;
  #linger: Disposable | undefined;
  #hint: Disposable | undefined;
  /** The images that registries and forges were asked about last. */
  #asked: ReadonlySet<string> = new Set();
  /** When a clone was fetched last because it was behind. */
  readonly #fetched = new Map<RepositoryWatch, number>();
  #refresh: AbortController | undefined;

  constructor(options: ObserverOptions) {
    const { clock, logger, registry, forge, forgeOfRemote = () => undefined } = options;
    const onChange = (): void => this.#changed();
    const onContent = (): void => {
      this.#look();
      onChange();
    };
    this.#options = options;
    this.#scope = options.scope;
    this.#changes = coalesce(clock, () => {
      for (const listener of this.#listeners) listener();
      if (this.#hint === undefined) this.#followHints();
    });
    this.#registry = new RegistrySource({ client: registry, clock, logger, onChange });
    this.#forge = new ForgeSource({ forge, registry, clock, logger, onChange });
    this.#pulls = new PullSource({ forgeOfRemote, clock, logger, onChange });
    this.#repositories = options.repositories.map((source) => new RepositoryWatch(source, onContent));
    for (const repository of this.#repositories) this.#lifetime.add(repository);
  }

  /** The latest snapshot; the same object until something has changed. */
  get facts(): Facts {
    this.#facts ??= {
      ...this.#scope,
      repositories: this.#repositories.flatMap(({ facts }) => facts ?? []),
      clusters: new Map([...this.#clusters].map(([context, entry]) => [context, factsOf(entry)])),
      registry: this.#registry.images,
      forges: this.#forge.forges,
      pulls: this.#pulls.pulls,
    };
    return this.#facts;
  }

  onDidChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Whoever looks, or waits for something to happen, holds one of these. The first begins to watch. */
  interest(): Disposable {
    this.#interests += 1;
    if (this.#interests === 1) this.#wake();
    const release = new Lifetime();
    release.add({
      dispose: () => {
        this.#interests -= 1;
        if (this.#interests === 0) this.#rest();
      },
    });
    return release;
  }

  /** Other settings or contexts: clusters that are named no more are left, new ones are watched. */
  configure(scope: ObservedScope): void {
    this.#scope = scope;
    this.#look();
    if (this.#interests > 0) this.#watchClusters();
    this.#changed();
  }

  /**
   * Asks everything again now; resolves when all have answered or failed, for trouble stands in the facts.
   * A newer refresh takes the place of this one, which then rejects as cancelled does.
   */
  async refresh(signal: AbortSignal): Promise<void> {
    this.#refresh?.abort(new DOMException('A newer refresh has begun', 'AbortError'));
    const own = sharedAbort();
    const stop = (): void => own.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    this.#refresh = own;
    try {
      this.#watchClusters();
      await this.#read(own.signal, 0);
      if (this.#interests === 0) this.#rest();
    } finally {
      signal.removeEventListener('abort', stop);
      if (this.#refresh === own) this.#refresh = undefined;
    }
  }

  /** Reads what the clones hold now, without asking their remotes: after a fetch or push by somebody else. */
  async readRepositories(signal: AbortSignal): Promise<void> {
    const declared = gitRepositoriesIn(this.facts);
    await Promise.all(this.#repositories.map(async (repository) => await repository.read(declared, signal)));
  }

  /** One timeline of the clone at `folder`, ahead of the others; its first change stands among the facts before the rest. */
  async readHistory(folder: string, key: string, signal: AbortSignal): Promise<void> {
    await this.#repositories.find(({ facts }) => facts?.folder === folder)?.readHistory(key, signal);
  }

  /** What a tag is now; stands among the facts afterwards. Rejects with a problem. */
  async readDigest(image: string, tag: string, signal: AbortSignal): Promise<string> {
    return await this.#registry.digest(canonicalImage(image), tag, signal);
  }

  /** Whether the registry has a tag by now; stands among the facts afterwards. Asked at most every five seconds. Rejects with a problem. */
  async readTag(image: string, tag: string, signal: AbortSignal): Promise<boolean> {
    return await this.#registry.tag(canonicalImage(image), tag, signal);
  }

  /** What a tag or digest holds; stands among the facts afterwards. Rejects with a problem. */
  async readImage(image: string, reference: string, signal: AbortSignal): Promise<ResolvedImage> {
    return await this.#registry.image(canonicalImage(image), reference, signal);
  }

  /** The runs of the image's repository; stand among the facts afterwards. Rejects with a problem. */
  async readRuns(image: string, signal: AbortSignal): Promise<readonly WorkflowRun[]> {
    return await this.#forge.readRuns(canonicalImage(image), signal);
  }

  /** A workflow run with its steps; stands among the facts afterwards. Asked at most every five seconds. Rejects with a problem. */
  async readRun(image: string, id: number, signal: AbortSignal): Promise<WorkflowRun> {
    return await this.#forge.readRun(canonicalImage(image), id, signal);
  }

  /** Where the image's source is, once it was found. */
  sourceOf(image: string): ServiceRepository | undefined {
    return this.#forge.repositoryOf(canonicalImage(image));
  }

  /** Whether an ImageRepository says that this registry is spoken to without TLS. */
  isInsecureRegistry(host: string): boolean {
    return observedImages(this.facts).some(({ image, isInsecure }) => isInsecure && image.startsWith(`${host}/`));
  }

  dispose(): void {
    this.#life.abort(new DOMException('The window closes', 'AbortError'));
    this.#refresh?.abort(this.#life.signal.reason);
    for (const timer of [this.#changes, this.#poll, this.#linger, this.#hint]) timer?.dispose();
    for (const { watched } of this.#clusters.values()) watched?.dispose();
    this.#lifetime.dispose();
    this.#listeners.clear();
  }

  #wake(): void {
    this.#linger?.dispose();
    this.#linger = undefined;
    this.#pollNow();
  }

  #rest(): void {
    for (const timer of [this.#poll, this.#linger, this.#hint]) timer?.dispose();
    this.#poll = undefined;
    this.#hint = undefined;
    // Where nothing answers there is no watch to keep, only a retry every some seconds.
    this.#leaveClusters(isSilent);
    this.#linger = this.#options.clock.after(lingerMs, () => {
      this.#linger = undefined;
      this.#leaveClusters(() => true);
    });
  }

  #leaveClusters(isLeft: (facts: ClusterFacts) => boolean): void {
    for (const [context, entry] of this.#clusters) {
      if (entry.watched === undefined || !isLeft(entry.watched.facts)) continue;
      this.#clusters.set(context, { last: factsOf(entry) });
      entry.watched.dispose();
    }
  }

  #pollNow(): void {
    this.#watchClusters();
    this.#inBackground(async () => {
      // What the clone already has is shown before anybody is asked.
      if (this.#repositories.some(({ facts }) => facts === undefined)) await this.readRepositories(this.#life.signal);
      if (this.#refresh === undefined) await this.#read(this.#life.signal, pollMs / 2);
    });
    this.#poll?.dispose();
    this.#poll = this.#options.clock.after(pollMs, () => {
      this.#poll = undefined;
      if (this.#interests > 0) this.#pollNow();
    });
  }

  async #read(signal: AbortSignal, maxAgeMs: number): Promise<void> {
    const isAsked = maxAgeMs === 0;
    const clusters = [...this.#clusters.values()].map(async ({ watched }) => {
      if (isAsked) await watched?.refresh();
    });
    const declared = gitRepositoriesIn(this.facts);
    const repositories = this.#repositories.map(async (repository) => await repository.update(declared, signal));
    await orAborted(Promise.all([...clusters, ...repositories]), signal);
    await this.#readImages(signal, maxAgeMs);
  }

  async #readImages(signal: AbortSignal, maxAgeMs: number): Promise<void> {
    const images = observedImages(this.facts);
    const names = images.map(({ image }) => image);
    this.#asked = new Set(names);
    await Promise.all([
      this.#registry.read(names, maxAgeMs, signal),
      this.#forge.read(images, this.#scope.settings, signal),
      this.#pulls.read(this.facts.repositories, signal),
    ]);
  }

  #watchClusters(): void {
    const { contexts, defaultContext } = this.#scope;
    const wanted = new Set([...contexts.values(), ...(defaultContext === undefined ? [] : [defaultContext])]);
    for (const [context, { watched }] of this.#clusters) {
      if (wanted.has(context)) continue;
      watched?.dispose();
      this.#clusters.delete(context);
    }
    for (const context of wanted) {
      const found = this.#clusters.get(context);
      if (found?.watched !== undefined && found.watched.isOutdated !== true) continue;
      // Nothing that another server said stands for this one.
      const entry = found?.watched === undefined ? found : undefined;
      found?.watched?.dispose();
      try {
        const watched = this.#options.watchCluster(context, () => this.#changed());
        watched.lookAt(this.#shown);
        this.#clusters.set(context, { watched, last: entry?.last ?? watched.facts });
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        this.#clusters.set(context, { last: unknownCluster(context, error.problem) });
      }
    }
    this.#changed();
  }

  /** Of a cluster only that is read in full which the files speak of. */
  #look(): void {
    const repositories = this.#repositories.flatMap(({ facts }) => facts ?? []);
    const { settings } = this.#scope;
    const looked = [settings, ...repositories.map(({ content }) => valueOf(content))];
    if (isSameList(looked, this.#looked)) return;
    this.#looked = looked;
    this.#shown = deriveShown(repositories, settings);
    for (const { watched } of this.#clusters.values()) watched?.lookAt(this.#shown);
  }

  /** A cluster often knows first: a new commit is fetched, and an image or its tags are read, as soon as it names them. */
  #followHints(): void {
    if (this.#interests === 0) return;
    const { clock } = this.#options;
    const { facts } = this;
    if (scannedImages(facts.clusters.values()).some((image) => !this.#asked.has(image))) {
      this.#inBackground(async () => await this.#readImages(this.#life.signal, pollMs / 2));
    }
    const behind = this.#repositories.filter(
      (one) => one.facts !== undefined && isBehind(one.facts, facts.clusters.values()),
    );
    const outdated = outdatedImages(facts);
    this.#inBackground(async () => await this.#registry.readAgain(outdated, 0, this.#life.signal));
    for (const one of behind) {
      if (elapsed(clock, this.#fetched.get(one) ?? -Infinity) < fetchMs) continue;
      this.#fetched.set(one, clock.now());
      this.#inBackground(async () => await one.update(gitRepositoriesIn(this.facts), this.#life.signal));
    }
    const isOpen = behind.length > 0 || outdated.length > 0;
    const seen = facts;
    this.#hint?.dispose();
    this.#hint = clock.after(hintMs, () => {
      this.#hint = undefined;
      if (isOpen || this.facts !== seen) this.#followHints();
    });
  }

  #changed(): void {
    this.#facts = undefined;
    this.#changes.tell();
  }

  #inBackground(run: () => Promise<void>): void {
    run().catch((error: unknown) => {
      if (this.#life.signal.aborted) return;
      this.#options.logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
  }
}

function isSilent({ context: _context, gaps: _gaps, ...kinds }: ClusterFacts): boolean {
  return Object.values(kinds).every(({ state }) => state !== 'known');
}

/** The latest facts; what was known before a pause stands until the cluster has answered again. */
function factsOf({ watched, last }: { readonly watched?: WatchedCluster; readonly last: ClusterFacts }): ClusterFacts {
  if (watched === undefined) return last;
  const now = watched.facts;
  const carry = <R extends { readonly state: string; readonly problem?: Problem }>(current: R, before: R): R =>
    current.state === 'unknown' && current.problem?.code === 'not-read-yet' ? before : current;
  return {
    context: now.context,
    gitRepositories: carry(now.gitRepositories, last.gitRepositories),
    kustomizations: carry(now.kustomizations, last.kustomizations),
    imageRepositories: carry(now.imageRepositories, last.imageRepositories),
    imagePolicies: carry(now.imagePolicies, last.imagePolicies),
    imageUpdateAutomations: carry(now.imageUpdateAutomations, last.imageUpdateAutomations),
    deployments: carry(now.deployments, last.deployments),
    replicaSets: carry(now.replicaSets, last.replicaSets),
    pods: carry(now.pods, last.pods),
    ...optional('gaps', now.gaps),
  };
}
