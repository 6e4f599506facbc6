// What a release changes in a service's repository; the history and the promotion workflow say it alike.

import { parseBuildTag } from './buildTag';

export interface ReleaseFiles {
  /** `VERSION`, one line. */
  readonly version: string;
  /** `CHANGELOG.md` */
  readonly changelog: string;
}

export const emptyChangelog = '# Changelog\n';

/** The released version enters the changelog; `VERSION` moves on, unless it already has. */
export function recordRelease(before: ReleaseFiles, productionTag: string, at: number): ReleaseFiles {
  const released = parseBuildTag(productionTag)?.version ?? '';
  const entry = `\n## v${released} (${new Date(at).toISOString().slice(0, 10)})\n\nReleased as \`${productionTag}\`.\n`;
  const current = before.version.trim();
  return {
    version: `${current === released ? nextPatch(released) : current}\n`,
    changelog: before.changelog.replace(emptyChangelog, emptyChangelog + entry),
  };
}

export function releaseMessage(productionTag: string, after: ReleaseFiles): string {
  const released = parseBuildTag(productionTag)?.version ?? '';
  return `Release v${released}, go on with v${after.version.trim()}\n\nReleased as ${productionTag}. [skip ci]\n`;
}

/** Who promoted what, why, and what both tags named then: trailers below the release's message, by which it is read back. */
export function promotionRecord(
  service: string,
  productionTag: string,
  [source = '', by = '', run = '', reason = '']: readonly string[],
  { tested, made }: { readonly tested?: string | undefined; readonly made?: string | undefined } = {},
): string {
  const why = reason.replace(/\s+/g, ' ').trim();
  const trailers = [
    'Flux-Promote: promotion',
    `Flux-Promote-Service: ${service}`,
    'Flux-Promote-Environment: production',
    `Flux-Promote-To: ${productionTag}`,
    `Flux-Promote-Source: ${['staging', source, ...(tested === undefined ? [] : [tested])].join(' ')}`,
    `Flux-Promote-By: ${by}`,
    `Flux-Promote-Run: ${run}`,
    ...(tested === undefined
      ? []
      : [
          `Flux-Promote-Verification: ${made === tested ? 'both tags name one digest' : 'the tags name different digests'}`,
        ]),
  ];
  return `${why === '' ? '' : `\n${why}\n`}\n${trailers.join('\n')}\n`;
}

export function releaseTitle(productionTag: string): string {
  return `v${parseBuildTag(productionTag)?.version ?? ''}`;
}

function nextPatch(version: string): string {
  return version.replace(/\d+$/, (patch) => String(Number(patch) + 1));
}
