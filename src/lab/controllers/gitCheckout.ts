// Which commit a GitRepository's `spec.ref` means. Precedence and revision forms: fluxcd/source-controller api/v1
// (commit > name > semver > tag > branch; nothing set is branch master) and Flux RFC 0005. Semver refs are not served by the lab.
import { type JsonObject, textAt } from '../cluster/json';

export interface Checkout {
  /** The reference that a fetch asks for. */
  readonly fetched: string;
  readonly branch?: string;
  readonly commit?: string;
  /** How revisions begin: `main`, `v1.2.3`, `refs/pull/4/head`; empty for a bare commit. */
  readonly pointer: string;
}

export function checkoutOf(ref: JsonObject): Checkout {
  const branch = textAt(ref, 'branch');
  const commit = textAt(ref, 'commit');
  const name = textAt(ref, 'name');
  const tag = textAt(ref, 'tag');
  if (commit !== undefined) {
    const fetched = `refs/heads/${branch ?? 'master'}`;
    return { fetched, commit, pointer: branch ?? '', ...(branch === undefined ? {} : { branch }) };
  }
  if (name !== undefined) return { fetched: name, pointer: name };
  if (tag !== undefined) return { fetched: `refs/tags/${tag}`, pointer: tag };
  return { fetched: `refs/heads/${branch ?? 'master'}`, pointer: branch ?? 'master', branch: branch ?? 'master' };
}

export interface Resolved {
  readonly ref: string;
  /** Undefined when the remote has no such reference. */
  readonly commit?: string;
  /** `main@sha1:<hash>`; empty without a commit. */
  readonly revision: string;
}

/** An annotated tag counts as the commit behind it. */
export function resolveCheckout(checkout: Checkout, refs: ReadonlyMap<string, string>): Resolved {
  const { fetched, pointer } = checkout;
  const tip = refs.get(`${fetched}^{}`) ?? refs.get(fetched);
  const commit = checkout.commit ?? tip;
  if (commit === undefined || tip === undefined) return { ref: fetched, revision: '' };
  return { ref: fetched, commit, revision: formatRevision(pointer, commit) };
}

export function formatRevision(pointer: string, commit: string): string {
  const algorithm = commit.length === 64 ? 'sha256' : 'sha1';
  return `${pointer === '' ? '' : `${pointer}@`}${algorithm}:${commit}`;
}
