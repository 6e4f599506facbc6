import type { ObjectReference } from '../model/flux';
import type { JournalEntry } from '../model/journal';
import { controllerOf } from './controllerLog';

/** As much as somebody reads; older entries go first. */
const mostEntries = 2000;

/** With the commands that ask the same. `notes`: what could not be seen, and why. Ends with a line feed. */
export function formatJournal(
  { kind, namespace, name }: ObjectReference,
  context: string,
  notes: readonly string[],
  entries: readonly JournalEntry[],
): string {
  const sorted = entries.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)).slice(-mostEntries);
  const controller = controllerOf(kind);
  const commands = [
    `kubectl --context ${context} -n ${namespace} get events --field-selector involvedObject.kind=${kind},involvedObject.name=${name}`,
    ...(controller === undefined
      ? []
      : [`flux --context ${context} logs --kind=${kind} --name=${name} --namespace=${namespace}`]),
  ];
  return [
    `${kind} ${namespace}/${name} in ${context}: events and controller log, followed while this is open`,
    ...commands.map((command) => `$ ${command}`),
    ...notes.map((note) => `! ${note}`),
    '',
    ...(sorted.length === 0
      ? ['Nothing was said about it yet. Events are kept for an hour.']
      : sorted.map(formatEntry)),
    '',
  ].join('\n');
}

function formatEntry({ at, level, source, text }: JournalEntry): string {
  const when = at === undefined ? '(no time)' : new Date(at).toISOString();
  const indented = text.trimEnd().replaceAll('\n', '\n    ');
  return `${when} [${level}] ${source}: ${indented}`;
}
