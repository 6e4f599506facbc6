// What stops every candidate alike: the hard stops of production, holds, what is in flight, and who may start it.
import { crossingText, findCrossing, findMutablePlacement } from '../../fleet/hardStops';
import { stateOfFlux } from '../../fleet/objectState';
import { isInFlight, isRunOf } from '../../fleet/promotionRuns';
import { formatAge } from '../../model/duration';
import { problemOf } from '../../model/reading';
import { fullBudget } from '../../policy/prove';
import type { PromotionSubject } from './subject';
import { failedLine, notKnown, type PreflightLine, passed } from './verdict';

/** `now` is for ages. */
export function stopLines(subject: PromotionSubject, now: number): readonly PreflightLine[] {
  const isAutomated = subject.way === 'workflow';
  return [
    ...(isAutomated ? [crossingLine(subject)] : []),
    mutableLine(subject),
    holdLine(subject),
    ...(isAutomated
      ? [scanLine(subject, now), inFlightLine(subject), ...rightLine(subject), ...forgeLines(subject)]
      : []),
    gitLine(subject),
    ...protectedLine(subject),
  ];
}

function crossingLine({ policies, environment: { name } }: PromotionSubject): PreflightLine {
  const subjects = policies.filter((one) => one.environment === name);
  if (subjects.length === 0) {
    return notKnown("Whether the policy takes other environments' tags is unknown: no ImagePolicy is known.");
  }
  const found = subjects.map((subject) => ({ subject, crossing: findCrossing(subject, policies, fullBudget) }));
  for (const { subject, crossing } of found) {
    if (crossing.kind !== 'crosses') continue;
    return failedLine(
      `Hard stop: ${crossingText(crossing, subject)}`,
      `Anchor the pattern to the tags of ${name} first.`,
    );
  }
  const open = found.flatMap(({ crossing }) => (crossing.kind === 'undecided' ? [crossing.why] : []));
  return open[0] === undefined
    ? passed("The policy takes no other environment's tags.")
    : notKnown(`Whether the policy takes other environments' tags is undecided: ${open[0]}`);
}

function mutableLine({ declared, environment: { name } }: PromotionSubject): PreflightLine {
  const found = findMutablePlacement(declared.filter((one) => one.environment === name));
  return found === undefined
    ? passed(`No mutable tag in what ${name} builds to.`)
    : failedLine(
        `Hard stop: ${name} would run ${found.service} with ${found.why}, which can change without a change in Git.`,
        'Give it a tag of its own first.',
      );
}

/** What Git holds is known without a cluster; what is suspended in the cluster alone is not. Exclusions are judged by tag. */
function holdLine({ target, facts, way }: PromotionSubject): PreflightLine {
  const hold = target.holds.find(({ kind }) => kind !== 'excluded');
  if (hold !== undefined) {
    const why = hold.reason === undefined ? '' : ` Why: ${hold.reason}`;
    return failedLine(`${hold.text}.${why}`, 'Resume it first (Resume…).');
  }
  if (way === 'commit') return passed('Nothing holds the tag.');
  const cluster = facts.clusters.get(target.context ?? '');
  const silent = [cluster?.imagePolicies, cluster?.imageRepositories, cluster?.imageUpdateAutomations].find(
    (reading) => reading?.state !== 'known',
  );
  return cluster !== undefined && silent === undefined
    ? passed('Nothing holds the tag, and nothing is suspended.')
    : notKnown(
        `Whether something is suspended in the cluster is unknown. ${problemOf(silent)?.message ?? 'It has not been read.'}`,
      );
}

/** A scan may be late by one interval, and by what a full registry takes. */
const scanSlackMs = 60_000;

function scanLine({ scanned, target }: PromotionSubject, now: number): PreflightLine {
  if (scanned === undefined)
    return notKnown('When the registry was scanned last is unknown: the cluster does not say.');
  const name = `${scanned.meta.namespace}/${scanned.meta.name}`;
  const state = stateOfFlux(scanned);
  if (state.state === 'failed') {
    return failedLine(
      `The ImageRepository ${name} fails: ${state.reason}`,
      `Mend it first: ${target.environment} would not see the new tag.`,
    );
  }
  const { lastScan, intervalMs } = scanned;
  if (lastScan?.at === undefined) return notKnown(`The ImageRepository ${name} has not been scanned yet.`);
  const age = now - lastScan.at;
  const text = `The registry was scanned ${formatAge(age)} ago (every ${formatAge(intervalMs)}).`;
  return age <= 2 * intervalMs + scanSlackMs ? passed(text) : notKnown(`${text} A scan is overdue.`);
}

function inFlightLine({ forge, workflow }: PromotionSubject): PreflightLine {
  if (forge === undefined) return notKnown('Whether a promotion is already running is not known yet.');
  if (forge.state !== 'known') {
    return notKnown(`Whether a promotion is already running is unknown. ${forge.problem.message}`);
  }
  const running = forge.value.runs.find((run) => isInFlight(run) && workflow !== undefined && isRunOf(run, workflow));
  if (running === undefined) return passed('No promotion is running.');
  const verb = running.state === 'waiting' ? 'waits for an approval' : 'is promoting already';
  return failedLine(`Run ${running.id} ${verb}.`, `Wait for it: ${running.url}`);
}

function rightLine({ forge }: PromotionSubject): readonly PreflightLine[] {
  if (forge?.state !== 'known') return [];
  const { owner, repository, mayWrite } = forge.value;
  if (mayWrite === undefined)
    return [notKnown(`Whether you may start workflows of ${owner}/${repository} is not told.`)];
  return mayWrite
    ? [passed(`You may start workflows of ${owner}/${repository}.`)]
    : [
        failedLine(
          `You may not start workflows of ${owner}/${repository}.`,
          'Ask for the right to write there, or sign in with an account that has it (Sign In…).',
        ),
      ];
}

/** What the forge cannot do is said before it is tried. */
function forgeLines({ forge }: PromotionSubject): readonly PreflightLine[] {
  if (forge?.state !== 'known') return [];
  const { title, isExperimental, lacks } = forge.value.forge;
  return [
    ...(isExperimental ? [notKnown(`${title} is experimental: it follows the documented API and was not tried.`)] : []),
    ...lacks.map(notKnown),
  ];
}

function gitLine({ facts, target }: PromotionSubject): PreflightLine {
  const repository = facts.repositories.find(({ folder }) => folder === target.writtenAt?.folder);
  if (repository === undefined) return notKnown(`Where Git writes the tag of ${target.service} is not known.`);
  const { content, branch } = repository;
  return content.state === 'known'
    ? passed(`Git was read at ${content.value.commit.hash.slice(0, 7)} of ${branch}, as its remote has it.`)
    : notKnown(`What ${branch} says now is unknown. ${content.problem.message}`);
}

function protectedLine({ environment: { name, isProtected } }: PromotionSubject): readonly PreflightLine[] {
  return isProtected ? [passed(`${name} is protected: you will be asked to type its name.`)] : [];
}
