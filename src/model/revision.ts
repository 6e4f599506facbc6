// Flux revisions: `main@sha1:<hash>`, older `main/<hash>`. Source: fluxcd/pkg git/utils.go and Flux RFC 0005.

export interface Revision {
  /** Branch, tag or full reference; empty when the revision names only a commit. */
  readonly pointer: string;
  readonly hash: string;
}

const legacyHash = /^[0-9a-f]{40}$/;

/** Total: a text of no known form is taken as a bare hash. */
export function parseRevision(text: string): Revision {
  const at = text.lastIndexOf('@');
  const tail = text.slice(at + 1);
  const colon = tail.lastIndexOf(':');
  if (colon >= 0) return { pointer: at < 0 ? '' : text.slice(0, at), hash: tail.slice(colon + 1) };
  const slash = text.lastIndexOf('/');
  const hash = text.slice(slash + 1);
  if (slash < 0 || !legacyHash.test(hash)) return { pointer: '', hash: text };
  const pointer = text.slice(0, slash);
  return { pointer: pointer === 'HEAD' ? '' : pointer, hash };
}

/** How many commits a revision lies behind the newest of `recent` (hashes, newest first); -1 where it is none of them. */
export function positionOf(revision: string, recent: readonly string[]): number {
  return recent.indexOf(parseRevision(revision).hash);
}
