// What a world shows of itself while a scenario is played: for each object the sequence of every condition, of the revisions in its
// status and of the events about it, and all commits. Objects are compared each by itself: which of two was first is chance.
import { isObject, textAt } from '../../../src/lab/cluster/json';
import type { KubeObject } from '../../../src/lab/cluster/object';
import { conditionsOf } from '../../../src/lab/controllers/conditions';
import { collapse } from './collapse';
import { type Names, normalise } from './normalise';

/** By `Kind name`, then by condition type, `events` or what the revision is called: the values in the order they were seen. */
export type Recording = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const revisions: Readonly<Record<string, readonly (readonly [string, ...(string | number)[]])[]>> = {
  GitRepository: [['artifact', 'status', 'artifact', 'revision']],
  Kustomization: [
    ['attempted', 'status', 'lastAttemptedRevision'],
    ['applied', 'status', 'lastAppliedRevision'],
  ],
  ImageRepository: [['tags', 'status', 'lastScanResult', 'revision']],
  ImagePolicy: [
    ['latest', 'status', 'latestRef', 'tag'],
    ['previous', 'status', 'observedPreviousRef', 'tag'],
  ],
  ImageUpdateAutomation: [
    ['source', 'status', 'observedSourceRevision'],
    ['pushed', 'status', 'lastPushCommit'],
  ],
  Deployment: [['image', 'spec', 'template', 'spec', 'containers', 0, 'image']],
};

export const recordedKinds: readonly string[] = [...Object.keys(revisions), 'Event'];

const gone = 'gone';

export class Recorder {
  readonly #seen = new Map<string, Map<string, string[]>>();

  see(kind: string, object: KubeObject): void {
    if (kind === 'Event') this.#seeEvent(object);
    else this.#seeObject(kind, object);
  }

  /** Begins here, from where everything stands. */
  forget(): void {
    for (const traits of this.#seen.values())
      for (const [trait, lines] of traits) {
        const last = lines.at(-1);
        if (last === undefined || last === gone || trait === 'events') traits.delete(trait);
        else traits.set(trait, [last]);
      }
  }

  /** Everything seen since. Commits are those of the remote, oldest first. */
  recording(names: Names, commits: readonly string[]): Recording {
    const objects = [...this.#seen].sort(([a], [b]) => (a < b ? -1 : 1));
    const told = objects.map(([object, traits]) => {
      const sequences = [...traits].sort(([a], [b]) => (a < b ? -1 : 1));
      return [
        object,
        Object.fromEntries(sequences.map(([trait, lines]) => [trait, tell(trait, lines, names)])),
      ] as const;
    });
    const written = commits.map((commit) => normalise(commit, names));
    return { ...Object.fromEntries(told), Git: { commits: written } };
  }

  #seeObject(kind: string, object: KubeObject): void {
    const traits = this.#traitsOf(`${kind} ${object.metadata.name}`);
    const conditions = kind === 'Deployment' ? [] : conditionsOf(object);
    for (const { type, status, reason, message } of conditions) add(traits, type, `${status} ${reason}: ${message}`);
    for (const [type, lines] of traits) {
      const isCondition = /^[A-Z]/.test(type);
      if (isCondition && !conditions.some((condition) => condition.type === type) && lines.at(-1) !== gone)
        lines.push(gone);
    }
    for (const [trait, ...path] of revisions[kind] ?? []) {
      const value = textAt(object, ...path);
      if (value !== undefined) add(traits, trait, value);
    }
  }

  #seeEvent(event: KubeObject): void {
    const about = isObject(event['involvedObject']) ? event['involvedObject'] : {};
    const kind = textAt(about, 'kind') ?? '';
    if (!(kind in revisions) || kind === 'Deployment') return;
    const traits = this.#traitsOf(`${kind} ${textAt(about, 'name')}`);
    add(traits, 'events', `${textAt(event, 'type')} ${textAt(event, 'reason')}: ${textAt(event, 'message')}`);
  }

  #traitsOf(name: string): Map<string, string[]> {
    const traits = this.#seen.get(name) ?? new Map<string, string[]>();
    this.#seen.set(name, traits);
    return traits;
  }
}

/**
 * Of a look that begins, or that has found nothing new: how many of them there are is chance, and a source says that it looks
 * only where it was asked to, which the clock may forestall.
 */
const idle =
  / Progressing: reconciliation in progress$|: (?:scanning: triggered by interval|no changes? since last reconciliation|tags did not change|no change in repository configuration since last scan)\b/;

function add(traits: Map<string, string[]>, trait: string, line: string): void {
  if (idle.test(line)) return;
  const lines = traits.get(trait) ?? [];
  if (lines.at(-1) !== line) lines.push(line);
  traits.set(trait, lines);
}

/** An event that is sent again is counted up, and the API may tell of it at any time: each text counts once. */
function tell(trait: string, lines: readonly string[], names: Names): readonly string[] {
  const told = lines.map((line) => normalise(line, names));
  return trait === 'events' ? [...new Set(told)] : collapse(told);
}
