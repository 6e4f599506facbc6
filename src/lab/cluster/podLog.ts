// The log of a pod: for one of Flux's controllers a line of JSON for each event that it has recorded, as its event recorder
// writes it there too; other pods have nothing to say. Source: fluxcd/pkg runtime/events, runtime/logger; pods/log of the API.
import type { ServerResponse } from 'node:http';
import { numberAt, textAt } from './json';
import type { KubeObject } from './object';
import type { Store } from './store';

/** What `follow`, `tailLines` and `sinceSeconds` mean to kubectl, they mean here. */
export function streamPodLog(store: Store, pod: KubeObject, query: URLSearchParams, response: ServerResponse): void {
  const controller = pod.metadata.labels?.['app'] ?? '';
  const isOwn = (event: KubeObject): boolean => textAt(event, 'source', 'component') === controller;
  const since = Date.now() - Number(query.get('sinceSeconds') ?? Number.NaN) * 1000;
  const tail = Number(query.get('tailLines') ?? Number.NaN);
  const lines = store
    .list('Event')
    .items.filter((event) => isOwn(event) && !(timeOf(event) < since))
    .toSorted((a, b) => timeOf(a) - timeOf(b))
    .map(lineOf);
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  for (const line of Number.isNaN(tail) ? lines : lines.slice(Math.max(0, lines.length - tail))) response.write(line);
  if (query.get('follow') !== 'true') {
    response.end();
    return;
  }
  const stop = store.watch('Event', ({ type, object, previous }) => {
    const isNew = type !== 'DELETED' && numberAt(object, 'count') !== numberAt(previous, 'count');
    if (isNew && isOwn(object)) response.write(lineOf(object));
  });
  response.once('close', stop);
}

function timeOf(event: KubeObject): number {
  return Date.parse(textAt(event, 'lastTimestamp') ?? '');
}

function lineOf(event: KubeObject): string {
  const about = (field: string): string => textAt(event, 'involvedObject', field) ?? '';
  const [kind, name, namespace] = ['kind', 'name', 'namespace'].map(about);
  const isWarning = textAt(event, 'type') === 'Warning';
  const reason = textAt(event, 'reason') ?? '';
  const line = {
    level: isWarning ? 'error' : 'info',
    ts: new Date(timeOf(event)).toISOString(),
    msg: textAt(event, 'message') ?? '',
    controller: kind?.toLowerCase(),
    controllerGroup: about('apiVersion').split('/')[0],
    controllerKind: kind,
    [kind ?? '']: { name, namespace },
    namespace,
    name,
    ...(isWarning ? { error: reason } : {}),
  };
  return `${JSON.stringify(line)}\n`;
}
