// What is asked for only when somebody wants to know: the events of the object at fault, what its controller has logged about
// it, and the commit that last changed the file at fault.
import type { Commit, PodLog } from '../../model/facts';
import type { Evidence, Fault, Repair } from '../../model/fault';
import type { ObjectReference } from '../../model/flux';
import { optional } from '../../model/optional';
import type { Problem } from '../../model/problem';
import { controllerOf, parseLogLine } from '../controllerLog';
import type { Explanation, LinkFault } from './explanation';
import { shellWord } from './steps';

export interface ObjectEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly at?: number;
  readonly count: number;
  readonly reporter: string;
}

/** Everything rejects with a problem. */
export interface Witnesses {
  /** Newest first; undefined where there is no cluster to ask. */
  readonly events?: (object: ObjectReference) => Promise<readonly ObjectEvent[]>;
  /** By the controller's name; undefined where there is no cluster to ask. */
  readonly log?: (controller: string) => Promise<readonly PodLog[]>;
  /** The commit of the followed branch that last changed the file. */
  readonly lastCommit?: (file: string) => Promise<Commit | undefined>;
  /** What takes back that commit's change of the file. */
  readonly undo?: (file: string, commit: Commit) => Promise<Repair | undefined>;
}

const maximumEvents = 3;
const maximumLines = 3;
/** What was said shortly before a fault may be its cause. */
const slackMs = 10_000;

/** Adds to the first fault: its events, its controller's log, one look into the history. Says what it could not see. */
export async function hearWitnesses(
  explanation: Explanation,
  { events, log, lastCommit, undo }: Witnesses,
  problemFrom: (error: unknown) => Problem,
): Promise<Explanation> {
  const [first, ...others] = explanation.faults;
  if (first === undefined) return explanation;
  const unseen: Problem[] = [];
  const ask = async <T>(what: string, question: Promise<T> | undefined): Promise<T | undefined> => {
    try {
      return await question;
    } catch (error) {
      const problem = problemFrom(error);
      unseen.push({ ...problem, message: `${what}: ${problem.message}` });
      return undefined;
    }
  };
  const { object, witness = object, place } = first;
  const controller = object && controllerOf(object.kind);
  const [seen, logs, commit] = await Promise.all([
    ask('Events are not shown', witness && events?.(witness)),
    ask(`The log of ${controller} is not shown`, controller === undefined ? undefined : log?.(controller)),
    ask('The last change of the file is not shown', place && lastCommit?.(place.file)),
  ]);
  const cause = commit !== undefined && mayHaveCaused(commit, first) ? commit : undefined;
  const repair =
    cause &&
    (await ask(`What ${shortOf(cause)} changed cannot be taken back here`, place && undo?.(place.file, cause)));
  const { since = 0 } = first;
  const isNews = ({ at }: { readonly at?: number }): boolean => at === undefined || at >= since - slackMs;
  const fault: LinkFault = {
    ...first,
    evidence: [
      ...first.evidence,
      ...eventEvidence(seen ?? [], isNews),
      ...(object === undefined ? [] : logEvidence(logs ?? [], object, isNews)),
      ...commitEvidence(commit),
    ],
    ...(cause && undoing(first, cause, repair)),
  };
  return { ...explanation, faults: [fault, ...others], unseen: [...explanation.unseen, ...unseen] };
}

type IsNews = (one: { readonly at?: number }) => boolean;

/** Warnings where there are any: what went well before tells nothing. */
function eventEvidence(events: readonly ObjectEvent[], isNews: IsNews): readonly Evidence[] {
  const news = events.filter(isNews);
  const warnings = news.filter(({ type }) => type === 'Warning');
  return (warnings.length > 0 ? warnings : news)
    .slice(0, maximumEvents)
    .map(({ type, reason, message, at, count, reporter }) => {
      const times = count > 1 ? ` (${count} times)` : '';
      return { of: `Event by ${reporter}, ${type}`, text: `${reason}: ${message}${times}`, ...optional('at', at) };
    });
}

/** The last of its errors, else of whatever was said about the object. */
function logEvidence(logs: readonly PodLog[], object: ObjectReference, isNews: IsNews): readonly Evidence[] {
  const about = logs.flatMap(({ pod, lines }) => lines.flatMap((line) => parseLogLine(line, pod, object) ?? []));
  const news = about.filter(isNews);
  const errors = news.filter(({ level }) => level === 'error');
  const said = new Map((errors.length > 0 ? errors : news).map((entry) => [entry.text, entry]));
  return [...said.values()]
    .toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0))
    .slice(0, maximumLines)
    .map(({ source, text, at }) => ({ of: `Log of ${source}`, text, ...optional('at', at) }));
}

function commitEvidence(commit: Commit | undefined): readonly Evidence[] {
  if (commit === undefined) return [];
  return [
    {
      of: `Last change of the file, by ${commit.author.name}`,
      text: `${shortOf(commit)} ${commit.subject}`,
      at: commit.at,
    },
  ];
}

/** Only for what a person's edit has caused and its revert mends. */
const madeInGit: ReadonlySet<Fault['code']> = new Set<Fault['code']>([
  'scan-url',
  'scan-pattern',
  'repository-other-image',
  'marker-orphaned',
  'marker-malformed',
  'marker-dead',
  'policy-invalid',
  'policy-no-match',
  'policy-out-of-range',
  'policy-unparsable',
  'policy-no-repository',
  'automation-selector',
  'automation-path',
  'automation-template',
  'automation-source',
  'automation-invalid-selector',
  'automation-update',
  'automation-suspended-in-git',
]);

/** From a commit to what it does in the cluster: a source's interval and a Kustomization's, which are minutes. */
const deliveryMs = 3_600_000;

function mayHaveCaused({ parents, at }: Commit, { code, since, verdict }: Fault): boolean {
  if (parents.length !== 1 || verdict !== 'failed' || !madeInGit.has(code)) return false;
  // A file that was changed long before the fault began is not at fault; nor is one whose change the clone has not seen yet.
  return since === undefined || Math.abs(since - at) <= deliveryMs;
}

/** As an edit of the file where that can be made here, and in any case as a command that takes the whole commit back. */
function undoing(
  { steps, remedy }: Fault,
  commit: Commit,
  repair: Repair | undefined,
): Pick<Fault, 'steps' | 'remedy' | 'repair'> {
  const what = `Undo ${shortOf(commit)} "${commit.subject}"`;
  const step = { what, command: `git pull && git revert --no-edit ${shellWord(commit.hash)} && git push` };
  const edited = repair && {
    remedy: { text: `Take back what ${shortOf(commit)} changed in ${repair.file}.`, command: 'repair' as const },
    repair: [repair],
  };
  return { steps: [step, ...steps], remedy, ...edited };
}

function shortOf({ hash }: Commit): string {
  return hash.slice(0, 7);
}
