// What the scans have found, by ImageRepository: as Flux's own store, not readable through the API, and empty after a restart.

export interface Scan {
  /** Descending by bytes, as stored since Flux 2.7. */
  readonly tags: readonly string[];
  readonly revision: string;
  /** The rules that the tags have passed. */
  readonly exclusions: readonly string[];
}

export class TagDatabase {
  readonly #scans = new Map<string, Scan>();

  /** Keyed by `namespace/name` of the ImageRepository. */
  get(key: string): Scan | undefined {
    return this.#scans.get(key);
  }

  set(key: string, scan: Scan): void {
    this.#scans.set(key, scan);
  }

  delete(key: string): void {
    this.#scans.delete(key);
  }
}

/** The decimal Adler-32 (RFC 1950) over the tags as JSON. Source: image-reflector-controller internal/database/badger.go. */
export function checksumOf(tags: readonly string[]): string {
  let a = 1;
  let b = 0;
  for (const byte of Buffer.from(JSON.stringify(tags))) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return String(b * 65_536 + a);
}
