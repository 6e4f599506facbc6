// Which environment a written tag belongs to: the first rule that answers, in the order of `EnvironmentRule`.
// Names are taken from the repository as they stand; nothing assumes a layout.
import type { EnvironmentName, EnvironmentRule } from '../model/fleet';
import type { EnvironmentSetting } from '../model/settings';

/** Environment words by rank, lowest first: a build moves from left to right. */
const wordsByRank: readonly (readonly string[])[] = [
  ['dev', 'develop', 'development'],
  ['test', 'qa', 'ithc', 'int', 'sit'],
  ['uat', 'demo', 'perf'],
  ['stg', 'stage', 'staging', 'preprod', 'preview', 'beta'],
  ['prod', 'production', 'live'],
];

const rankOfWord: ReadonlyMap<string, number> = new Map(
  wordsByRank.flatMap((words, rank) => words.map((word) => [word, rank] as const)),
);

export const productionRank = wordsByRank.length - 1;
/** Environments whose name has no known word come first: nothing is promoted into them by guess. */
const unknownRank = -1;

/**
 * Parts of a name that tell places apart, not services: `prod-eu`, `us-prod`, `prod-west-1`, `prod-use1`. Two letters alone
 * are none: in `ui-prod` they are the service.
 */
const regionToken =
  /^(?:\d+|(?:eu|us|uk|gb|ap|sa|na|me|af|ca|cn|hk|jp|kr|sg|in|au|nz|br|mx|de|fr|nl|es|it|pl|se|no|dk|fi|ie|ch|at|il|ae|za)(?:[nsewc]{0,2}\d{1,2})?|emea|apac|latam|north|south|east|west|central|northeurope|westeurope)$/;

function tokensOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((token) => token !== '');
}

/** The environment that one path segment, namespace or name speaks of: its environment word with the regions beside it. */
export function findEnvironmentWord(text: string): EnvironmentName | undefined {
  const tokens = tokensOf(text);
  const at = tokens.findLastIndex((token) => rankOfWord.has(token));
  if (at < 0) return undefined;
  let first = at;
  let last = at;
  while (regionToken.test(tokens[first - 1] ?? '')) first -= 1;
  while (regionToken.test(tokens[last + 1] ?? '')) last += 1;
  return tokens.slice(first, last + 1).join('-');
}

/** The words under which an environment's tags may go: its own name first, then its aliases. */
export function environmentWordsOf(name: EnvironmentName): readonly string[] {
  const word = tokensOf(name).find((token) => rankOfWord.has(token));
  const aliases = word === undefined ? [] : (wordsByRank[rankOfWord.get(word) ?? 0] ?? []);
  return [...new Set([name, ...(word === undefined ? [] : [word]), ...aliases])];
}

/** Position in promotion order; settings come in the order in which they are listed. */
export function rankEnvironment(name: EnvironmentName, settings: readonly EnvironmentSetting[]): number {
  const listed = settings.findIndex((setting) => setting.name === name);
  if (listed >= 0) return wordsByRank.length + listed;
  const word = tokensOf(name).find((token) => rankOfWord.has(token));
  return word === undefined ? unknownRank : (rankOfWord.get(word) ?? unknownRank);
}

/** Whether a name speaks of an environment of another rank than this one; names of no known rank tell nothing. */
export function isOtherEnvironment(text: string, environment: EnvironmentName): boolean {
  const word = findEnvironmentWord(text);
  if (word === undefined) return false;
  const [a, b] = [rankEnvironment(word, []), rankEnvironment(environment, [])];
  return a >= 0 && b >= 0 && a !== b;
}

/** Whether the name, or the last place in the user's own list, says that customers are served here. */
export function isProduction(name: EnvironmentName, settings: readonly EnvironmentSetting[]): boolean {
  if (tokensOf(name).some((token) => rankOfWord.get(token) === productionRank)) return true;
  return settings.length > 1 && settings.at(-1)?.name === name;
}

/** All that is known of a place where a tag is written. */
export interface EnvironmentClues {
  /** The namespace of the built object. */
  readonly namespace: string;
  readonly targetNamespace?: string;
  /** The file that holds the tag. */
  readonly file: string;
  /** The folder that is applied as a whole. */
  readonly root?: string;
  readonly kustomization?: string;
  /** The file that declares the Flux Kustomization. */
  readonly kustomizationFile?: string;
  readonly policy?: string;
  /** What every tag that the policy's pattern takes begins with; asked for last, as it takes a while. */
  readonly tagPrefix?: () => string;
}

export interface EnvironmentFound {
  readonly environment: EnvironmentName;
  readonly rule: EnvironmentRule;
}

export function findEnvironment(clues: EnvironmentClues, settings: readonly EnvironmentSetting[]): EnvironmentFound {
  const listed = settings.find((setting) => matchesSetting(setting, clues));
  if (listed !== undefined) return { environment: listed.name, rule: 'setting' };
  const namespace = firstWord([clues.namespace, clues.targetNamespace]);
  if (namespace !== undefined) return { environment: namespace, rule: 'namespace' };
  const path = firstWord([...segmentsDeepestFirst(clues.file), ...segmentsDeepestFirst(clues.root ?? '')]);
  if (path !== undefined) return { environment: path, rule: 'path' };
  const policy = firstWord([clues.policy]) ?? findEnvironmentWord(clues.tagPrefix?.() ?? '');
  if (policy !== undefined) return { environment: policy, rule: 'policy' };
  const folder = clusterFolder(clues.kustomizationFile) ?? clusterFolder(clues.root) ?? clusterFolder(clues.file);
  if (folder !== undefined) return { environment: findEnvironmentWord(folder) ?? folder, rule: 'cluster folder' };
  return { environment: clues.targetNamespace ?? (clues.namespace || 'default'), rule: 'namespace' };
}

function firstWord(texts: readonly (string | undefined)[]): EnvironmentName | undefined {
  for (const text of texts) {
    const word = text === undefined ? undefined : findEnvironmentWord(text);
    if (word !== undefined) return word;
  }
  return undefined;
}

function segmentsDeepestFirst(path: string): readonly string[] {
  const segments = path.split('/').filter((segment) => segment !== '');
  const file = segments.at(-1);
  if (file !== undefined) segments[segments.length - 1] = file.replace(/\.ya?ml$/, '');
  return segments.toReversed();
}

function clusterFolder(path: string | undefined): string | undefined {
  return path?.match(/(?:^|\/)clusters\/([^/]+)(?:\/|$)/)?.[1];
}

function matchesSetting(setting: EnvironmentSetting, clues: EnvironmentClues): boolean {
  return (
    setting.namespaces.some((name) => name === clues.namespace || name === clues.targetNamespace) ||
    (clues.kustomization !== undefined && setting.kustomizations.includes(clues.kustomization)) ||
    setting.paths.some((glob) => matchesGlob(glob, clues.file) || matchesGlob(glob, clues.root ?? ''))
  );
}

/** `*` and `?` within a folder, `**` across folders; a glob that names a folder takes everything below it. */
export function matchesGlob(glob: string, path: string): boolean {
  const source = glob
    .replace(/^\.?\//, '')
    .replace(/\/$/, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(
      /\*\*\/|\*\*|\*|\?/g,
      (star) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' })[star] ?? star,
    );
  return new RegExp(`^${source}(?:/.*)?$`).test(path);
}
