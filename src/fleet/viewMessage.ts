// The one line above the rows: trouble that belongs to the whole view, the weightiest first. What belongs to one row is said
// by its tooltip; what belongs to an empty view by its welcome content.
import { formatAge } from '../model/duration';
import type { ClusterFacts, Facts, Gap } from '../model/facts';
import type { Fleet } from '../model/fleet';
import type { Problem } from '../model/problem';
import { problemOf, type Reading, valueOf } from '../model/reading';

/** Undefined when there is nothing to say, or no row to say it above. `now` is milliseconds since the epoch. */
export function deriveViewMessage(facts: Facts, fleet: Fleet, now: number): string | undefined {
  if (fleet.environments.length === 0) return undefined;
  const [first] = [
    ...facts.repositories.flatMap(({ content }) => staleLine('Git', content, now)),
    ...kubeconfigLines(facts, fleet),
    ...clusterLines(facts, fleet, now),
    ...contextLines(fleet),
    ...fileLines(facts),
    ...registryLines(facts, now),
  ];
  return first;
}

/** Asking now has no answer yet: that is no trouble. */
function troubleOf(reading: Reading<unknown> | undefined): Problem | undefined {
  const problem = problemOf(reading);
  return problem?.code === 'not-read-yet' ? undefined : problem;
}

function staleLine(what: string, reading: Reading<unknown>, now: number): readonly string[] {
  const problem = troubleOf(reading);
  if (problem === undefined) return [];
  if (reading.state !== 'stale') return [problem.message];
  const age = reading.at === 0 ? 'as this clone has it' : `as of ${formatAge(now - reading.at)} ago`;
  return [`${problem.message} ${what} is shown ${age}.`];
}

function kubeconfigLines({ kubeconfigProblem }: Facts, { environments }: Fleet): readonly string[] {
  const isWanted = environments.some(({ context }) => context === undefined);
  return kubeconfigProblem !== undefined && isWanted ? [kubeconfigProblem.message] : [];
}

function clusterLines({ clusters }: Facts, { environments }: Fleet, now: number): readonly string[] {
  const contexts = new Set(environments.flatMap(({ context }) => context ?? []));
  return [...contexts].flatMap((context) => {
    const cluster = clusters.get(context);
    return cluster === undefined ? [] : clusterLine(cluster, now);
  });
}

function clusterLine({ context, gaps = [], ...kinds }: ClusterFacts, now: number): readonly string[] {
  const readings: readonly Reading<unknown>[] = Object.values(kinds);
  const troubled = readings.filter((reading) => troubleOf(reading) !== undefined);
  const [first] = troubled;
  if (first === undefined) return gapLine(gaps);
  const code = troubleOf(first)?.code;
  const isWhole = troubled.length === readings.length && troubled.every((reading) => troubleOf(reading)?.code === code);
  const [line] = staleLine(`The cluster ${context}`, first, now);
  if (line === undefined) return [];
  const others = troubled.length - 1;
  return [isWhole || others === 0 ? line : `${line} So it is with ${others} more of ${readings.length} kinds.`];
}

function gapLine(gaps: readonly Gap[]): readonly string[] {
  const [first, ...others] = gaps.filter(({ problem }) => problem.code !== 'not-read-yet');
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : ` So it is with ${others.length} more.`;
  return [`${first.problem.message}${more}`];
}

function contextLines({ environments }: Fleet): readonly string[] {
  const without = environments.filter(({ context }) => context === undefined).map(({ name }) => name);
  if (without.length === 0) return [];
  const where = without.length === environments.length ? '' : ` for ${without.join(', ')}`;
  return [`No cluster is chosen${where}. Run “Choose Cluster Context…” to see what is selected and running.`];
}

function fileLines({ repositories }: Facts): readonly string[] {
  const problems = repositories
    .flatMap(({ content }) => valueOf(content)?.manifests.problems ?? [])
    .filter(({ code }) => code !== 'overlay-unsupported');
  const [first] = problems;
  if (first === undefined) return [];
  return [problems.length === 1 ? first.message : `${first.message} So it is with ${problems.length - 1} more files.`];
}

/** One silent image is said by its rows; a registry that says nothing at all, here. */
function registryLines({ registry }: Facts, now: number): readonly string[] {
  const readings = [...registry.values()];
  const [first] = readings;
  return first !== undefined && readings.every((reading) => troubleOf(reading) !== undefined)
    ? staleLine('What it last said', first, now)
    : [];
}
