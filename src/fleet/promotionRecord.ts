// The record of a promotion, read back from Git: from the trailers of our own commit, or of the commit by which a workflow
// records its release in the service's repository. What was proved is not kept: it is proved again by digests.

import { formatAge } from '../model/duration';
import type { RepositoryCommit, TagChange } from '../model/facts';
import type { Placement, PromotionRecord } from '../model/fleet';
import { optional } from '../model/optional';
import { trailersOf } from './trailers';

/** The newest record of the tag; undefined where Git tells none. */
export function findRecord(
  { environment }: Pick<Placement, 'environment'>,
  tag: string | undefined,
  history: readonly TagChange[],
  releases: readonly RepositoryCommit[],
): PromotionRecord | undefined {
  const own = history
    .filter(({ to }) => to === tag)
    .map(({ commit }) => ({ ...commit, author: commit.author.name, url: undefined }));
  for (const { hash, message, author, at, url } of [...own, ...releases]) {
    const trailers = trailersOf({ message });
    const told = (name: string): string | undefined => trailers.get(`Flux-Promote-${name}`)?.[0];
    if (trailers.get('Flux-Promote')?.[0] !== 'promotion' || told('To') !== tag || told('Environment') !== environment)
      continue;
    const [, source, digest] = /^(\S+ \S+)(?: (sha256:[0-9a-f]{64}))?$/.exec(told('Source') ?? '') ?? [];
    return {
      by: told('By') ?? author,
      at,
      to: tag ?? '',
      commit: hash,
      ...optional('from', told('From')),
      ...optional('source', source ?? told('Source')),
      ...optional('digest', digest),
      ...optional('commits', told('Commits')),
      ...optional('why', whyOf(message)),
      ...optional('run', told('Run')),
      ...optional('verification', told('Verification')),
      ...optional('url', url),
    };
  }
  return undefined;
}

/** For a row of the tree. */
export function recordText(record: PromotionRecord, now: number): string {
  const { by, at, source, digest, commits, why, run, commit, verification } = record;
  const from = source === undefined ? '' : ` from ${source}${digest === undefined ? '' : ` @ ${digest.slice(0, 19)}…`}`;
  const more = [commits === undefined ? undefined : `commits ${commits}`, verification].filter(
    (one) => one !== undefined,
  );
  const how = run === undefined ? `commit ${commit.slice(0, 7)}` : `run ${run}, recorded in ${commit.slice(0, 7)}`;
  return `by ${by}, ${formatAge(now - at)} ago${from}: ${why ?? 'no reason was given'} (${[how, ...more].join('; ')})`;
}

/** The paragraph before the trailers, or the first one of ours; a release without a reason has none. */
function whyOf(message: string): string | undefined {
  const paragraphs = message.trimEnd().split(/\n\n+/).slice(1, -1);
  const why = paragraphs.find((text) => !text.startsWith('Released as '));
  return why === undefined || why === 'No reason was given.' ? undefined : why.replaceAll('\n', ' ');
}
