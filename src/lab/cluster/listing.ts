// Lists in pages. A continue token names the moment of the first page, so that all pages show one picture of the cluster.
// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
import { numberAt, parseJson, textAt } from './json';
import type { KubeObject } from './object';
import { keyOf } from './records';
import type { Selection } from './selectors';
import { badRequest } from './status';
import type { Store } from './store';

export interface Page {
  readonly items: readonly KubeObject[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

function parseToken(token: string): { readonly at: string; readonly after: string } {
  try {
    const value = parseJson(Buffer.from(token, 'base64url').toString('utf8'));
    const [at, after] = [textAt(value, 'rv'), textAt(value, 'start')];
    if (numberAt(value, 'v') === 1 && at !== undefined && after !== undefined) return { at, after };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw badRequest('continue key is not valid');
}

/** `limit` 0: everything. Throws a StatusError: 400 for a token that is none, 410 for one that is too old. */
export function pageOf(store: Store, kind: string, selection: Selection, limit: number, token: string): Page {
  const start = token === '' ? undefined : parseToken(token);
  const list = store.list(kind, start === undefined ? selection : { ...selection, at: start.at });
  const left = start === undefined ? list.items : list.items.filter(({ metadata }) => keyOf(metadata) > start.after);
  const items = limit > 0 ? left.slice(0, limit) : left;
  const last = items.at(-1);
  const { resourceVersion } = list;
  if (last === undefined || items.length === left.length) return { items, metadata: { resourceVersion } };
  const next = JSON.stringify({ v: 1, rv: resourceVersion, start: keyOf(last.metadata) });
  const metadata = { resourceVersion, continue: Buffer.from(next).toString('base64url') };
  return { items, metadata: { ...metadata, remainingItemCount: left.length - items.length } };
}
