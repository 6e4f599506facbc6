import type { JsonObject } from '../../base/json';
import type { ForgeAnswer } from './forgeAnswer';
import type { ForgeState } from './forgeState';
import type { Runner } from './runner/runner';
import type { RepositoryPlace } from './shapes/repository';

/** What every route works on. */
export interface ForgeScene {
  /** `http://127.0.0.1:PORT` */
  readonly apiUrl: string;
  readonly gitUrl: string;
  /** The folder of the bare repositories. */
  readonly gitRoot: string;
  readonly registryUrl: string;
  readonly state: ForgeState;
  readonly runner: Runner;
  /** Into which nothing is pushed, only merged. */
  readonly protectedBranches: readonly string[];
  /** Deployment environments whose jobs wait for an approval. */
  readonly protectedEnvironments: readonly string[];
  readonly now: () => number;
}

export interface ForgeRequest {
  readonly scene: ForgeScene;
  /** The named parts of the path, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly url: URL;
  /** Throws `ForgeRefusal` 400 for a body that is no JSON object; an empty body is an empty object. */
  readonly readJson: () => Promise<JsonObject>;
}

/** A request below `/repos/acme/<name>`, of a repository that exists. */
export interface RepositoryRequest extends ForgeRequest {
  readonly place: RepositoryPlace;
  /** The bare repository. */
  readonly folder: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly headers: Readonly<Record<string, string>>;
}

/** `per_page` (30, at most 100) and `page`; the neighbours stand in `Link`. */
export function takePage<T>({ url, scene }: ForgeRequest, all: readonly T[]): Page<T> {
  const size = Math.min(100, Math.max(1, Number(url.searchParams.get('per_page') ?? 30) || 30));
  const page = Math.max(1, Number(url.searchParams.get('page') ?? 1) || 1);
  const last = Math.max(1, Math.ceil(all.length / size));
  const linkTo = (number: number, rel: string) => {
    const target = new URL(url.pathname + url.search, scene.apiUrl);
    target.searchParams.set('page', String(number));
    return `<${target.href}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [linkTo(page - 1, 'prev'), linkTo(1, 'first')] : []),
    ...(page < last ? [linkTo(page + 1, 'next'), linkTo(last, 'last')] : []),
  ];
  return {
    items: all.slice((page - 1) * size, page * size),
    headers: links.length > 0 ? { link: links.join(', ') } : {},
  };
}

export interface Route {
  readonly method: string;
  /** Segments in braces are parameters; `{name+}` takes the rest of the path, slashes included. */
  readonly path: string;
  readonly answer: (request: ForgeRequest) => Promise<ForgeAnswer>;
}

export interface RepositoryRoute {
  readonly method: string;
  /** Below `/repos/{owner}/{repo}`. */
  readonly path: string;
  readonly answer: (request: RepositoryRequest) => Promise<ForgeAnswer>;
}

/** The parameters when the path fits, else undefined. */
export function matchPath(pattern: string, pathname: string): Readonly<Record<string, string>> | undefined {
  const source = pattern.replace(/\{(\w+)(\+?)\}/g, (_, name: string, rest: string) =>
    rest === '' ? `(?<${name}>[^/]+)` : `(?<${name}>.+)`,
  );
  const groups = new RegExp(`^${source}$`).exec(pathname);
  return groups === null
    ? undefined
    : Object.fromEntries(Object.entries(groups.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]));
}
