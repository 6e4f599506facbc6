// Events of one object, as `kubectl describe` shows them: core/v1, which holds what events.k8s.io writes too.
import { asNumber, asObject, asString } from '../json';
import type { KubeReader, Resource } from './client';

export interface ClusterEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** The last time, in milliseconds since the epoch; undefined when unreadable. */
  readonly at?: number;
  readonly count: number;
  /** `kustomize-controller`, `kubelet`. */
  readonly reporter: string;
}

export interface EventSubject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

const events: Resource = { group: '', version: 'v1', plural: 'events' };
/** A cluster keeps them for an hour; one object that has more than this repeats itself. */
const maximum = 500;

/** Newest first. Rejects as `KubeReader` does, with `cluster-forbidden` where events may not be listed. */
export async function readEvents(
  reader: Pick<KubeReader, 'list'>,
  { kind, namespace, name }: EventSubject,
  signal: AbortSignal,
): Promise<readonly ClusterEvent[]> {
  const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name}`;
  const { items } = await reader.list(events, { namespace, fieldSelector, limit: maximum }, signal);
  return items.map(decodeEvent).sort((one, other) => (other.at ?? 0) - (one.at ?? 0));
}

function decodeEvent(item: unknown): ClusterEvent {
  const event = asObject(item);
  const series = asObject(event?.['series']);
  const written = [
    series?.['lastObservedTime'],
    event?.['lastTimestamp'],
    event?.['eventTime'],
    event?.['firstTimestamp'],
    asObject(event?.['metadata'])?.['creationTimestamp'],
  ];
  const at = written.map((time) => Date.parse(asString(time) ?? '')).find((time) => !Number.isNaN(time));
  const source = asString(asObject(event?.['source'])?.['component']) ?? '';
  return {
    type: event?.['type'] === 'Warning' ? 'Warning' : 'Normal',
    reason: asString(event?.['reason']) ?? '',
    message: asString(event?.['message']) ?? '',
    ...(at === undefined ? {} : { at }),
    count: asNumber(series?.['count']) ?? asNumber(event?.['count']) ?? 1,
    reporter: source === '' ? (asString(event?.['reportingComponent']) ?? '') : source,
  };
}
