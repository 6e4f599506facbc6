// Follows what is said about one object: events, read again every few seconds, and its controller's log as it grows. What may
// not be read is a note among the entries, never silence.
import { type Clock, pause } from '../base/clock';
import type { LogPart } from '../base/kubernetes/client';
import type { ClusterEvent } from '../base/kubernetes/events';
import type { LogSource } from '../base/kubernetes/podLog';
import type { Disposable } from '../base/lifetime';
import { controllerOf, parseLogLine } from '../fleet/controllerLog';
import type { ObjectReference, Pod } from '../model/flux';
import type { JournalEntry } from '../model/journal';
import { optional } from '../model/optional';
import { ProblemError } from '../model/problem';

export interface JournalSources {
  events(object: ObjectReference, signal: AbortSignal): Promise<readonly ClusterEvent[]>;
  log(source: LogSource, part: LogPart, signal: AbortSignal): AsyncIterable<string>;
  /** Those that run now. */
  controllerPods(controller: string, signal: AbortSignal): Promise<readonly Pod[]>;
  /** The object's own parts, whose events speak of it too: a Deployment's ReplicaSets and pods. */
  parts(): readonly ObjectReference[];
}

export interface Journal extends Disposable {
  readonly entries: readonly JournalEntry[];
  /** What could not be seen, and why. */
  readonly notes: readonly string[];
}

export interface JournalOptions {
  readonly object: ObjectReference;
  readonly sources: JournalSources;
  readonly clock: Clock;
  readonly onChange: () => void;
  /** What is no expected trouble. */
  readonly onBug: (error: unknown) => void;
}

const everyMs = 5000;
const tailLines = 2000;
const mostParts = 20;

export function followObject({ object, sources, clock, onChange, onBug }: JournalOptions): Journal {
  const life = new AbortController();
  const notes = new Map<string, string>();
  const logs = new Map<string, readonly JournalEntry[]>();
  const followed = new Set<string>();
  let running: ReadonlySet<string> = new Set();
  let events: readonly JournalEntry[] = [];

  const note = (about: string, text: string | undefined): void => {
    if (text === undefined) notes.delete(about);
    else notes.set(about, text);
  };
  /** Says what went wrong, as long as it does. */
  const noting = async (about: string, what: string, read: () => Promise<void>): Promise<void> => {
    try {
      await read();
      note(about, undefined);
    } catch (error) {
      if (life.signal.aborted) return;
      if (!(error instanceof ProblemError)) throw error;
      note(about, `${what}: ${error.problem.message}`);
      onChange();
    }
  };
  const readAllEvents = (): Promise<void> =>
    noting('events', 'Events are not shown', async () => {
      const all = [object, ...sources.parts().slice(0, mostParts)];
      const read = await Promise.all(all.map((one) => sources.events(one, life.signal)));
      events = read.flat().map(entryOf);
      onChange();
    });
  const followPod = async (pod: Pod): Promise<void> => {
    const { namespace, name } = pod.meta;
    while (!life.signal.aborted && running.has(name)) {
      await noting(name, `The log of ${name} is not shown`, async () => {
        const before = logs.get(name) ?? [];
        const since = before.findLast(({ at }) => at !== undefined)?.at;
        const part: LogPart = {
          tailLines,
          end: 'followed',
          ...optional('container', pod.containers.find((one) => one.name === 'manager')?.name),
          ...optional('sinceSeconds', since && Math.ceil((clock.now() - since) / 1000) + 1),
        };
        for await (const line of sources.log({ namespace, pod: name }, part, life.signal)) {
          note(name, undefined);
          const entry = parseLogLine(line, name, object);
          // After a break the last moment is read again.
          if (entry === undefined || before.some(({ at, text }) => at === entry.at && text === entry.text)) continue;
          logs.set(name, [...(logs.get(name) ?? []), entry].slice(-tailLines));
          onChange();
        }
      });
      await pause(clock, everyMs, life.signal);
    }
    followed.delete(name);
  };
  const controller = controllerOf(object.kind);
  const followLogs = async (): Promise<void> => {
    if (controller === undefined) return;
    await noting('pods', 'Its controller’s log is not shown', async () => {
      const pods = await sources.controllerPods(controller, life.signal);
      running = new Set(pods.map(({ meta }) => meta.name));
      for (const pod of pods) {
        if (followed.has(pod.meta.name)) continue;
        followed.add(pod.meta.name);
        followPod(pod).catch(bug);
      }
    });
    if (!notes.has('pods') && running.size === 0) {
      note('pods', `Its controller’s log is not shown: no pod of ${controller} is to be seen.`);
    }
  };
  const bug = (error: unknown): void => {
    if (!life.signal.aborted) onBug(error);
  };
  const run = async (): Promise<void> => {
    for (;;) {
      await Promise.all([followLogs(), readAllEvents()]);
      await pause(clock, everyMs, life.signal);
    }
  };
  run().catch(bug);
  return {
    get entries() {
      return [...events, ...[...logs.values()].flat()];
    },
    get notes() {
      return [...notes.values()];
    },
    dispose: () => life.abort(new DOMException('Nobody looks any more', 'AbortError')),
  };
}

function entryOf({ type, reason, message, at, count, reporter }: ClusterEvent): JournalEntry {
  return {
    ...optional('at', at),
    level: type === 'Warning' ? 'warning' : 'info',
    source: reporter === '' ? 'event' : `event of ${reporter}`,
    text: `${reason}: ${message}${count > 1 ? ` (${count} times)` : ''}`,
  };
}
