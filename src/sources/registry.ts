// The tags of the images that somebody looks at, with their age; digests and contents only of tags that were asked for.
// Read only; never more than one request for tags in five seconds per image, whoever asks.
import { isDeepStrictEqual } from 'node:util';
import { type Clock, elapsed } from '../base/clock';
import type { Logger } from '../base/logger';
import type { RegistryClient } from '../base/registry/client';
import { registryUnreachable } from '../base/registry/registryProblem';
import type { RegistryImage } from '../model/facts';
import { registryHost } from '../model/image';
import type { ResolvedImage } from '../model/lineage';
import { optional } from '../model/optional';
import { type Problem, ProblemError } from '../model/problem';
import { failed, known, problemOf, type Reading } from '../model/reading';
import { readResolvedImage } from './resolvedImage';
import { SilentHosts } from './silentHosts';

export interface RegistrySourceOptions {
  readonly client: Pick<RegistryClient, 'tags' | 'digest' | 'manifest' | 'labels'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
}

const shortestIntervalMs = 5_000;
/** A tag may be moved: a digest is believed for this long. */
const digestAgeMs = 60_000;
const parallelRequests = 6;

export class RegistrySource {
  readonly #options: RegistrySourceOptions;
  #images: ReadonlyMap<string, Reading<RegistryImage>> = new Map();
  readonly #askedAt = new Map<string, number>();

  constructor(options: RegistrySourceOptions) {
    this.#options = options;
  }

  /** By the names that were asked for. */
  get images(): ReadonlyMap<string, Reading<RegistryImage>> {
    return this.#images;
  }

  /** Reads the tags that are older than `maxAgeMs`, and forgets images that are not named. Rejects only when cancelled. */
  async read(images: Iterable<string>, maxAgeMs: number, signal: AbortSignal): Promise<void> {
    const wanted = new Set(images);
    if ([...this.#images.keys()].some((image) => !wanted.has(image))) {
      this.#publish([...this.#images].filter(([image]) => wanted.has(image)));
    }
    await this.readAgain(wanted, maxAgeMs, signal);
  }

  /** The same, of these alone: of the others nothing is forgotten. */
  async readAgain(images: Iterable<string>, maxAgeMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const limit = Math.max(maxAgeMs, shortestIntervalMs);
    const due = [...images].filter((image) => elapsed(clock, this.#askedAt.get(image) ?? -Infinity) >= limit);
    const queue = due[Symbol.iterator]();
    const hosts = new SilentHosts(parallelRequests);
    const worker = async (): Promise<void> => {
      for (const image of queue) {
        if (hosts.isSilent(image)) this.#fail(image, registryUnreachable(registryHost(image)));
        else hosts.note(image, await this.#readTags(image, signal));
      }
    };
    await Promise.all(Array.from({ length: parallelRequests }, worker));
  }

  /**
   * Whether a tag that is waited for is there, by one request for it alone; then it stands among the tags, with its digest.
   * Within five seconds of the last request for the image's tags the answer is what is known. Rejects with a problem.
   */
  async tag(image: string, tag: string, signal: AbortSignal): Promise<boolean> {
    const { client, clock } = this.#options;
    const isKnown = (): boolean => this.#valueOf(image)?.tags.includes(tag) === true;
    if (isKnown() || elapsed(clock, this.#askedAt.get(image) ?? -Infinity) < shortestIntervalMs) return isKnown();
    this.#askedAt.set(image, clock.now());
    try {
      this.#publishTag(image, tag, known(await client.digest(image, tag, signal), clock.now()));
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.code !== 'registry-not-found') throw error;
    }
    return isKnown();
  }

  /** What the tag is now, no older than a minute. Rejects with a problem, which stands beside the tag afterwards too. */
  async digest(image: string, tag: string, signal: AbortSignal): Promise<string> {
    const { client, clock } = this.#options;
    const earlier = this.#valueOf(image)?.digests.get(tag);
    if (earlier?.state === 'known' && elapsed(clock, earlier.at) < digestAgeMs) return earlier.value;
    try {
      const digest = await client.digest(image, tag, signal);
      this.#publishDigest(image, tag, known(digest, clock.now()));
      return digest;
    } catch (error) {
      if (!signal.aborted && error instanceof ProblemError)
        this.#publishDigest(image, tag, failed(earlier, error.problem));
      throw error;
    }
  }

  /** What the tag or digest holds: read once for a digest. Rejects with a problem, which then stands beside the digest. */
  async image(image: string, reference: string, signal: AbortSignal): Promise<ResolvedImage> {
    const { client, clock } = this.#options;
    const digest = reference.includes(':') ? reference : await this.digest(image, reference, signal);
    const earlier = this.#valueOf(image)?.contents?.get(digest);
    if (earlier?.state === 'known') return earlier.value;
    try {
      const resolved = await readResolvedImage(client, image, digest, signal);
      this.#publishContent(image, digest, known(resolved, clock.now()));
      return resolved;
    } catch (error) {
      if (!signal.aborted && error instanceof ProblemError)
        this.#publishContent(image, digest, failed(earlier, error.problem));
      throw error;
    }
  }

  /** The problem where they cannot be read. */
  async #readTags(image: string, signal: AbortSignal): Promise<Problem | undefined> {
    const { client, clock, logger } = this.#options;
    this.#askedAt.set(image, clock.now());
    try {
      const tags = await client.tags(image, signal);
      this.#publish([...this.#images, [image, known(withTags(this.#valueOf(image), tags), clock.now())]]);
      return undefined;
    } catch (error) {
      if (signal.aborted) this.#askedAt.delete(image);
      if (signal.aborted || !(error instanceof ProblemError)) throw error;
      logger.debug(`${image}: ${error.problem.message} ${error.problem.cause ?? ''}`);
      this.#fail(image, error.problem);
      return error.problem;
    }
  }

  /** The trouble that is known already is no news: whatever was derived from it stands. */
  #fail(image: string, problem: Problem): void {
    const before = this.#images.get(image);
    if (before !== undefined && problemOf(before)?.message === problem.message) return;
    this.#publish([...this.#images, [image, failed(before, problem)]]);
  }

  #valueOf(image: string): RegistryImage | undefined {
    const reading = this.#images.get(image);
    return reading === undefined || reading.state === 'unknown' ? undefined : reading.value;
  }

  #publishTag(image: string, tag: string, digest: Reading<string>): void {
    const reading = this.#images.get(image);
    if (reading === undefined || reading.state === 'unknown') return;
    const tags = [...reading.value.tags, tag];
    this.#publish([...this.#images, [image, { ...reading, value: { ...reading.value, tags } }]]);
    this.#publishDigest(image, tag, digest);
  }

  #publishDigest(image: string, tag: string, digest: Reading<string>): void {
    const reading = this.#images.get(image);
    if (reading === undefined || reading.state === 'unknown') return;
    const digests = new Map([...reading.value.digests, [tag, digest] as const]);
    this.#publish([...this.#images, [image, { ...reading, value: { ...reading.value, digests } }]]);
  }

  #publishContent(image: string, digest: string, content: Reading<ResolvedImage>): void {
    const reading = this.#images.get(image);
    if (reading === undefined || reading.state === 'unknown') return;
    const contents = new Map([...(reading.value.contents ?? []), [digest, content] as const]);
    this.#publish([...this.#images, [image, { ...reading, value: { ...reading.value, contents } }]]);
  }

  #publish(entries: readonly (readonly [string, Reading<RegistryImage>])[]): void {
    this.#images = new Map(entries);
    this.#options.onChange();
  }
}

/** The very same where the tags are: nothing that was derived from it changes. */
function withTags(before: RegistryImage | undefined, tags: readonly string[]): RegistryImage {
  if (before !== undefined && isDeepStrictEqual(before.tags, tags)) return before;
  const present = new Set(tags);
  const digests = new Map([...(before?.digests ?? [])].filter(([tag]) => present.has(tag)));
  return { tags, digests, ...optional('contents', before?.contents) };
}
