// Where an image's registry is, and what its challenges and links say. Pure.

export interface ImageAddress {
  /** Host and port of the API. */
  readonly host: string;
  /** The repository's path: `library/nginx`. */
  readonly repository: string;
}

/** As Docker and go-containerregistry read a name without tag: a first part with `.` or `:`, or `localhost`, is a host. */
export function parseAddress(image: string): ImageAddress {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const isHost = first === 'localhost' || /[.:]/.test(first);
  const host = isHost ? first : 'docker.io';
  const rest = isHost ? image.slice(slash + 1) : image;
  if (host !== 'docker.io' && host !== 'index.docker.io') return { host, repository: rest };
  return { host: 'registry-1.docker.io', repository: rest.includes('/') ? rest : `library/${rest}` };
}

/** `127.0.0.1:5000`, `localhost`, `[::1]:5000`: nothing that is said there leaves the machine. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host);
}

export interface Challenge {
  readonly scheme: 'basic' | 'bearer';
  readonly parameters: ReadonlyMap<string, string>;
}

/** `WWW-Authenticate` of RFC 9110 with the parameters of the distribution token specification. */
export function parseChallenge(header: string | null): Challenge | undefined {
  const [, scheme, rest = ''] = /^\s*(basic|bearer)\b\s*(.*)$/i.exec(header ?? '') ?? [];
  if (scheme === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (const [, name, quoted, bare] of rest.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g)) {
    if (name !== undefined) parameters.set(name.toLowerCase(), quoted ?? bare ?? '');
  }
  return { scheme: scheme.toLowerCase() === 'basic' ? 'basic' : 'bearer', parameters };
}

/** The address of the next page (RFC 8288), when it lies on the same server. */
export function nextPage(header: string | null, base: string): string | undefined {
  const [, target] = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(header ?? '') ?? [];
  if (target === undefined) return undefined;
  try {
    const url = new URL(target, base);
    return url.origin === new URL(base).origin ? url.href : undefined;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
