// Registries that do not answer in one reading of many images: nobody waits for each of a hundred images there.
import { registryHost } from '../model/image';
import type { Problem } from '../model/problem';

export class SilentHosts {
  readonly #limit: number;
  readonly #failures = new Map<string, number>();

  /** After `limit` requests in a row that were not answered, as many as are under way at once, the host is taken for silent. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  isSilent(image: string): boolean {
    return (this.#failures.get(registryHost(image)) ?? 0) >= this.#limit;
  }

  /** Of a request about the image; without a problem it was answered. */
  note(image: string, problem?: Problem): void {
    const host = registryHost(image);
    const isSilence = problem?.code === 'registry-unreachable' || problem?.code === 'timed-out';
    this.#failures.set(host, isSilence ? (this.#failures.get(host) ?? 0) + 1 : 0);
  }
}
