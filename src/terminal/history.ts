// `flux-promote history`: the tags of one service in one environment, with the commits that wrote them, newest first.
import { closest } from '../checks/closest';
import { historyIdentity } from '../fleet/historyOf';
import { type DeclaredPlacement, derivePlacements } from '../fleet/placements';
import { historyKey, type TagChange } from '../model/facts';
import type { RepositoryManifests } from '../model/manifest';
import type { Problem } from '../model/problem';
import { problemOf, type Reading, valueOf } from '../model/reading';
import type { Settings } from '../model/settings';
import { UsageError } from './command';
import { formatProblems, formatTable } from './table';

export interface HistoryEntry {
  readonly tag: string;
  /** The tag before; null for the first. */
  readonly from: string | null;
  readonly commit: string;
  readonly author: { readonly name: string; readonly email: string };
  /** By the author of the automation's own commits; null where no automation is declared for the tag. */
  readonly writtenBy: 'automation' | 'person' | null;
  /** ISO 8601, in UTC: when it was committed. */
  readonly date: string;
  readonly subject: string;
  readonly file: string;
}

export interface History {
  /** What was read. */
  readonly commit: string;
  readonly service: string;
  readonly environment: string;
  readonly image: string;
  /** The tag that is written now; null where none is. */
  readonly written: string | null;
  /** Newest first. */
  readonly tags: readonly HistoryEntry[];
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

/** Throws a `UsageError` that names what there is. */
export function findPlacement(
  manifests: RepositoryManifests,
  settings: Settings,
  service: string,
  environment: string,
): DeclaredPlacement {
  const placements = derivePlacements(manifests, settings);
  const found = placements.find((one) => one.service === service && one.environment === environment);
  if (found !== undefined) return found;
  const environments = placements.flatMap((one) => (one.service === service ? [one.environment] : []));
  if (environments.length > 0) {
    throw new UsageError(`${service} is not in ${environment}; it is in ${environments.join(', ')}.`);
  }
  const services = [...new Set(placements.map((one) => one.service))].sort();
  if (services.length === 0) throw new UsageError(`There is no service ${service} here; there are no services here.`);
  const near = closest(service, services);
  const meant = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new UsageError(`There is no service ${service} here.${meant} There is ${services.join(', ')}.`);
}

/** Undefined where no tag is written. */
export function timelineKey(placement: DeclaredPlacement): string | undefined {
  return placement.origin && historyKey(placement.origin.file, historyIdentity(placement));
}

export function deriveHistory(
  commit: string,
  { service, environment, image, written, automation }: DeclaredPlacement,
  timeline: Reading<readonly TagChange[]>,
  problem: Problem | undefined,
): History {
  const bot = automation?.object.author?.email;
  const problems = [problem, problemOf(timeline)].filter((one) => one !== undefined);
  return {
    commit,
    service,
    environment,
    image,
    written: written?.tag ?? null,
    tags: (valueOf(timeline) ?? []).map((change) => describeChange(change, bot)),
    problems: problems.map(({ code, message }) => ({ code, message })),
  };
}

function describeChange({ to, from, commit, file }: TagChange, bot: string | undefined): HistoryEntry {
  return {
    tag: to,
    from: from ?? null,
    commit: commit.hash,
    author: commit.author,
    writtenBy: bot === undefined ? null : commit.author.email === bot ? 'automation' : 'person',
    date: new Date(commit.at).toISOString(),
    subject: commit.subject,
    file,
  };
}

export function formatHistory({ commit, service, environment, tags, problems }: History): string {
  const rows = tags.map((entry) => [
    entry.tag,
    entry.date.slice(0, 16).replace('T', ' '),
    entry.commit.slice(0, 10),
    entry.author.name,
    entry.writtenBy ?? '',
    entry.subject,
  ]);
  const header = ['TAG', 'WRITTEN (UTC)', 'COMMIT', 'AUTHOR', 'BY', 'SUBJECT'];
  return [
    `${service} in ${environment} at ${commit}`,
    '',
    rows.length === 0 ? 'No commit that wrote its tag was found.\n' : formatTable([header, ...rows]),
    ...formatProblems(problems),
  ].join('\n');
}
