/** What differs between releases of Flux in the way a tag is selected. */
export interface Release {
  /** The minor number of Go 1 that image-reflector-controller was built with. */
  readonly goMinor: number;
  /** The Masterminds/semver release that it was built with. */
  readonly semver: '3.3' | '3.4' | '3.5';
  /** Tags are stored in descending byte order; before, in the registry's order. */
  readonly sortsTags: boolean;
}

const newestMinor = 9;

/** By Flux 2's minor number (image-reflector-controller, `Dockerfile` of each tag). */
const goMinors: readonly number[] = [20, 20, 21, 22, 23, 23, 24, 25, 26, 26];

/** Reads `2.6`, `v2.9.4` or `2.10`; anything else, and nothing, means the newest release that we know. */
export function parseRelease(flux: string | undefined): Release {
  const match = /^v?([0-9]+)(?:\.([0-9]+))?/.exec(flux ?? '');
  const major = Number(match?.[1] ?? 2);
  const minor = major < 2 ? 0 : major > 2 ? newestMinor : Number(match?.[2] ?? newestMinor);
  return {
    goMinor: goMinors[minor] ?? 26,
    semver: minor < 7 ? '3.3' : minor < 9 ? '3.4' : '3.5',
    sortsTags: minor >= 7,
  };
}
