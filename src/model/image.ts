// Image names, tags and digests, as they are written in manifests.

/** `name` has no tag and no digest; nothing is filled in (`nginx` stays `nginx`). */
export interface ImageReference {
  readonly name: string;
  readonly tag?: string;
  /** With its algorithm: `sha256:…`. */
  readonly digest?: string;
}

export interface ImageTag {
  readonly tag: string;
  readonly digest?: string;
}

/** Splits as kustomize does: the digest behind `@`, the tag behind the last `:` that follows the last `/`. */
export function parseImage(text: string): ImageReference {
  const at = text.indexOf('@');
  const bare = at < 0 ? text : text.slice(0, at);
  const colon = bare.indexOf(':', bare.lastIndexOf('/') + 1);
  const name = colon < 0 ? bare : bare.slice(0, colon);
  return {
    name,
    ...(colon < 0 ? {} : { tag: bare.slice(colon + 1) }),
    ...(at < 0 ? {} : { digest: text.slice(at + 1) }),
  };
}

export function formatImage({ name, tag, digest }: ImageReference): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** The same image under its short and its full name: `nginx` is `docker.io/library/nginx`. */
export function canonicalImage(name: string): string {
  const slash = name.indexOf('/');
  if (slash < 0) return `docker.io/library/${name}`;
  const host = name.slice(0, slash);
  if (!/[.:]/.test(host) && host !== 'localhost') return `docker.io/${name}`;
  return host === 'index.docker.io' ? `docker.io${name.slice(slash)}` : name;
}

/** `ghcr.io` of a canonical name. */
export function registryHost(canonical: string): string {
  return canonical.slice(0, canonical.indexOf('/'));
}

/** A tag that a registry accepts (OCI distribution specification, "Pulling manifests"). */
export const legalTag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
