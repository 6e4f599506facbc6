// What is asked for only when somebody wants to know: the events of the objects that are at fault, and the commit that last
// changed the file at fault.
import type { Commit } from '../../model/facts';
import type { Evidence, Fault, Step } from '../../model/fault';
import type { ObjectReference } from '../../model/flux';
import { optional } from '../../model/optional';
import type { Problem } from '../../model/problem';
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
  /** The commit of the followed branch that last changed the file. */
  readonly lastCommit?: (file: string) => Promise<Commit | undefined>;
}

const maximumEvents = 3;

/** Adds to the first fault: one request for its events, one look into the history. Says what it could not see. */
export async function hearWitnesses(
  explanation: Explanation,
  { events, lastCommit }: Witnesses,
  problemFrom: (error: unknown) => Problem,
): Promise<Explanation> {
  const [first, ...others] = explanation.faults;
  if (first === undefined) return explanation;
  const unseen: Problem[] = [];
  const ask = async <T>(question: Promise<T> | undefined): Promise<T | undefined> => {
    try {
      return await question;
    } catch (error) {
      unseen.push(problemFrom(error));
      return undefined;
    }
  };
  const seen = await ask(first.object && events?.(first.object));
  const commit = await ask(first.place && lastCommit?.(first.place.file));
  const fault: LinkFault = {
    ...first,
    evidence: [
      ...first.evidence,
      ...(seen ?? []).slice(0, maximumEvents).map(eventEvidence),
      ...commitEvidence(commit),
    ],
    steps: [...revertStep(first, commit), ...first.steps],
  };
  return { ...explanation, faults: [fault, ...others], unseen: [...explanation.unseen, ...unseen] };
}

function eventEvidence({ type, reason, message, at, count, reporter }: ObjectEvent): Evidence {
  const times = count > 1 ? ` (${count} times)` : '';
  return { of: `Event by ${reporter}, ${type}`, text: `${reason}: ${message}${times}`, ...optional('at', at) };
}

function commitEvidence(commit: Commit | undefined): readonly Evidence[] {
  if (commit === undefined) return [];
  return [
    {
      of: `Last change of the file, by ${commit.author.name}`,
      text: `${commit.hash.slice(0, 7)} ${commit.subject}`,
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

function revertStep({ code }: Fault, commit: Commit | undefined): readonly Step[] {
  if (commit === undefined || commit.parents.length !== 1 || !madeInGit.has(code)) return [];
  const what = `Undo ${commit.hash.slice(0, 7)} "${commit.subject}"`;
  return [{ what, command: `git pull && git revert --no-edit ${shellWord(commit.hash)} && git push` }];
}
