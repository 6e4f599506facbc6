// Which commit a GitRepository's `spec.ref` means. Precedence and revision forms: fluxcd/source-controller api/v1
// (commit > name > semver > tag > branch; nothing set is branch master) and Flux RFC 0005.
import { select } from '../../policy/select';
import { type JsonObject, textAt } from '../cluster/json';
import { GitRemoteError } from './gitRemote';
import { fluxRelease } from './workplace';

export interface Checkout {
  /** The reference that a fetch asks for. */
  readonly fetched: string;
  readonly branch?: string;
  readonly commit?: string;
  /** A range; the newest tag in it stands for `fetched` and `pointer`. */
  readonly semver?: string;
  /** How revisions begin: `main`, `v1.2.3`, `refs/pull/4/head`; empty for a bare commit. */
  readonly pointer: string;
}

export function checkoutOf(ref: JsonObject): Checkout {
  const branch = textAt(ref, 'branch');
  const commit = textAt(ref, 'commit');
  const name = textAt(ref, 'name');
  const semver = textAt(ref, 'semver');
  const tag = textAt(ref, 'tag');
  if (commit !== undefined) {
    const fetched = `refs/heads/${branch ?? 'master'}`;
    return { fetched, commit, pointer: branch ?? '', ...(branch === undefined ? {} : { branch }) };
  }
  if (name !== undefined) return { fetched: name, pointer: name };
  if (semver !== undefined) return { fetched: '', pointer: '', semver };
  if (tag !== undefined) return { fetched: `refs/tags/${tag}`, pointer: tag };
  return { fetched: `refs/heads/${branch ?? 'master'}`, pointer: branch ?? 'master', branch: branch ?? 'master' };
}

export interface Resolved {
  readonly ref: string;
  readonly commit: string;
  /** `main@sha1:<hash>` */
  readonly revision: string;
}

const missingRef = (ref: string): string => `couldn't find remote ref "${ref}"`;

/**
 * An annotated tag counts as the commit behind it. Throws GitRemoteError where the remote has nothing that fits, with the words
 * of `missing`.
 */
export function resolveCheckout(
  checkout: Checkout,
  refs: ReadonlyMap<string, string>,
  url: string,
  missing = missingRef,
): Resolved {
  const tag = checkout.semver === undefined ? undefined : newestTag(checkout.semver, refs);
  const ref = tag === undefined ? checkout.fetched : `refs/tags/${tag}`;
  const tip = refs.get(`${ref}^{}`) ?? refs.get(ref);
  if (tip === undefined) throw new GitRemoteError(`unable to clone '${url}': ${missing(ref)}`);
  const commit = checkout.commit ?? tip;
  return { ref, commit, revision: formatRevision(tag ?? checkout.pointer, commit) };
}

/** By the same rule as an ImagePolicy's. */
function newestTag(range: string, refs: ReadonlyMap<string, string>): string {
  const tags = [...refs.keys()].flatMap((ref) => /^refs\/tags\/(.+?)(?:\^\{\})?$/.exec(ref)?.[1] ?? []);
  const selection = select({ policy: { semver: { range } } }, [...new Set(tags)], { flux: fluxRelease });
  if (selection.kind === 'tag') return selection.tag;
  throw new GitRemoteError(`no match found for semver: ${range}`);
}

export function formatRevision(pointer: string, commit: string): string {
  const algorithm = commit.length === 64 ? 'sha256' : 'sha1';
  return `${pointer === '' ? '' : `${pointer}@`}${algorithm}:${commit}`;
}
