// A watch over HTTP: one JSON object a line, for as long as the client stays or its time lasts.
// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import type { ServerResponse } from 'node:http';
import type { StoreEvent } from './history';
import type { Json, JsonObject } from './json';
import { apiVersionOf, type Kind } from './kinds';
import type { KubeObject } from './object';
import { type Selection, selectorOf } from './selectors';
import { StatusError } from './status';
import type { Store } from './store';

export interface WatchOptions {
  readonly kind: Kind;
  readonly selection: Selection;
  /** Empty or `0`: begin with what is there. */
  readonly since: string;
  readonly timeoutMs: number;
  /** Undefined: the client asked for none. */
  readonly bookmarkMs?: number;
  /** Whether a bookmark tells the end of what was there at the start. */
  readonly initial?: 'marked';
  readonly shape: (object: KubeObject) => Json;
}

/** What a change looks like to a client that sees only the selected objects. */
function seenAs(event: StoreEvent, isSelected: (object: KubeObject) => boolean): StoreEvent['type'] | undefined {
  const was = event.previous !== undefined && isSelected(event.previous);
  const is = event.type !== 'DELETED' && isSelected(event.object);
  if (is) return was ? 'MODIFIED' : 'ADDED';
  return was ? 'DELETED' : undefined;
}

export function streamWatch(store: Store, response: ServerResponse, options: WatchOptions): void {
  const { kind, selection, since, timeoutMs, bookmarkMs, initial, shape } = options;
  const isSelected = selectorOf(selection);
  const send = (type: string, object: Json): void => {
    response.write(`${JSON.stringify({ type, object })}\n`);
  };
  const bookmark = (annotations?: JsonObject): void => {
    const metadata = { resourceVersion: store.resourceVersion, ...(annotations === undefined ? {} : { annotations }) };
    send('BOOKMARK', { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata });
  };
  const isFresh = since === '' || since === '0';
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
  response.flushHeaders();
  let stop: () => void;
  try {
    const start = isFresh ? {} : { since };
    stop = store.watch(
      kind.kind,
      (event) => {
        const type = seenAs(event, isSelected);
        if (type !== undefined) send(type, shape(event.object));
      },
      start,
    );
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    send('ERROR', error.status);
    response.end();
    return;
  }
  if (isFresh) for (const item of store.list(kind.kind, selection).items) send('ADDED', shape(item));
  if (initial === 'marked') bookmark({ 'k8s.io/initial-events-end': 'true' });
  const timers = [
    setTimeout(() => {
      if (bookmarkMs !== undefined) bookmark();
      finish();
      response.end();
    }, timeoutMs),
    ...(bookmarkMs === undefined ? [] : [setInterval(bookmark, bookmarkMs)]),
  ];
  // Before the end, not once it is closed: a client that does not read keeps it open, and nothing may be written any more.
  const finish = (): void => {
    stop();
    for (const timer of timers) clearTimeout(timer);
  };
  response.once('close', finish);
}
