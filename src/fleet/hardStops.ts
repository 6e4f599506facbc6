// The two hard stops of a production environment, as judgements: a policy that takes other environments' tags, and a
// mutable tag in the built manifests. The rules put them into words and ranges; pre-flight refuses on them.
import type { ServiceName } from '../model/fleet';
import type { ImagePolicy, PolicySpec } from '../model/flux';
import { type ImageReference, parseImage } from '../model/image';
import type { EffectiveImage } from '../model/manifest';
import { type CompilePattern, compilePattern } from '../policy/pattern';
import { type Budget, proveInclusion, proveOverlap } from '../policy/prove';
import { environmentWordsOf, findEnvironmentWord, rankEnvironment } from './environments';
import type { DeclaredPlacement } from './placements';
import { patternOf, prefixOf } from './policyPattern';

export type Crossing =
  | { readonly kind: 'none' }
  /** `witness` is a shortest legal tag that the policy takes and the environment's tags do not include. */
  | {
      readonly kind: 'crosses';
      readonly witness: string;
      readonly expected: string;
      readonly other?: { readonly environment: string; readonly tag: string };
    }
  | { readonly kind: 'undecided'; readonly why: string };

/** A policy and the environment whose placements it serves. */
export interface PolicyOfEnvironment {
  readonly environment: string;
  readonly policy: ImagePolicy;
}

/**
 * Judges a policy against the tags of its own environment: those that begin with the environment's word. That tags are
 * named so is learned from the policies of the other environments on the same image; where it is not so, nothing is said.
 * A policy that cannot select a tag with a word in front, or that has a prefix of its own, crosses nothing. Hand in a
 * `createPatternCache` where the same policies come again.
 */
export function findCrossing(
  subject: PolicyOfEnvironment,
  others: readonly PolicyOfEnvironment[],
  budget: Budget,
  compile: CompilePattern = compilePattern,
): Crossing {
  if (ignoresPrefixedTags(subject.policy.spec)) return { kind: 'none' };
  // The nearest environment first: whatever order the files come in, the message names the same one.
  const peers = others
    .filter((other) => other.environment !== subject.environment)
    .toSorted((a, b) => rankEnvironment(b.environment, []) - rankEnvironment(a.environment, []));
  const separator = [...peers, subject]
    .map((one) => prefixSeparator(one, compile))
    .find((found) => found !== undefined);
  if (separator === undefined) return { kind: 'none' };
  const pattern = patternOf(subject.policy.spec, compile);
  const words = environmentWordsOf(subject.environment).map(escapePattern).join('|');
  const within = compile(`^(?:${words})${escapePattern(separator)}`);
  if (pattern === undefined || within.kind !== 'pattern') return { kind: 'none' };
  const answer = proveInclusion(pattern, within, budget);
  if ('undecided' in answer) return { kind: 'undecided', why: answer.undecided };
  if (!('witness' in answer)) return { kind: 'none' };
  const expected = `${subject.environment}${separator}*`;
  for (const peer of peers) {
    const taken = patternOf(peer.policy.spec, compile);
    const overlap = taken && proveOverlap(pattern, taken, budget);
    if (overlap !== undefined && 'witness' in overlap) {
      return {
        kind: 'crosses',
        witness: answer.witness,
        expected,
        other: { environment: peer.environment, tag: overlap.witness },
      };
    }
  }
  if (hasOwnPrefix(subject.policy.spec, peers, compile)) return { kind: 'none' };
  return { kind: 'crosses', witness: answer.witness, expected };
}

/** Without `extract` the whole tag must be a version or a number: a tag with an environment's name before it is neither. */
function ignoresPrefixedTags({ filterTags, policy }: PolicySpec): boolean {
  if (filterTags?.extract !== undefined && filterTags.extract !== '') return false;
  return policy === undefined || policy.semver !== undefined || policy.numerical !== undefined;
}

/**
 * Tags that all begin with a word of their own, no environment's, are this policy's alone. A word further behind, such as
 * `k8s-beta-`, is only an environment's where there is that environment.
 */
function hasOwnPrefix(spec: PolicySpec, peers: readonly PolicyOfEnvironment[], compile: CompilePattern): boolean {
  const prefix = prefixOf(spec, compile);
  const word = findEnvironmentWord(prefix);
  if (word === undefined) return /[a-z]/i.test(prefix);
  return !prefix.startsWith(word) && !peers.some(({ environment }) => findEnvironmentWord(environment) === word);
}

/** `-` where the policy's tags begin with its environment's word and a dash; undefined where they do not. */
function prefixSeparator({ environment, policy }: PolicyOfEnvironment, compile: CompilePattern): string | undefined {
  const prefix = prefixOf(policy.spec, compile);
  const word = environmentWordsOf(environment).find((one) => prefix.startsWith(one));
  const separator = word === undefined ? undefined : prefix.charAt(word.length);
  return separator !== undefined && /^[-_.]$/.test(separator) ? separator : undefined;
}

function escapePattern(text: string): string {
  return text.replace(/[.+*?^${}()|[\]\\]/g, '\\$&');
}

export function crossingText(
  { expected, witness, other }: Extract<Crossing, { kind: 'crosses' }>,
  { policy, environment }: PolicyOfEnvironment,
): string {
  const peer = other === undefined ? '' : `, and tags of ${other.environment} such as "${other.tag}"`;
  return `the ${environment} policy ${policy.meta.namespace}/${policy.meta.name} accepts tags outside ${expected}: the shortest is "${witness}"${peer}.`;
}

/** Why the image can change without a change in Git; undefined when it is pinned by a digest or an ordinary tag. */
export function mutableTag(image: string | ImageReference): string | undefined {
  const { tag, digest } = typeof image === 'string' ? parseImage(image) : image;
  if (digest !== undefined) return undefined;
  if (tag === undefined || tag === '') return 'no tag, which means latest';
  if (tag === 'latest') return 'the tag latest';
  // A number makes it one build's own: `production-1024`.
  const isNumbered = /(?:^|[-_.])\d+(?:[-_.]|$)/.test(tag);
  return !isNumbered && findEnvironmentWord(tag) === tag ? `the moving tag ${tag}` : undefined;
}

/** `mutableTag` for a built image; undefined also where what runs in the end is decided elsewhere. */
export function mutableImage(built: EffectiveImage): string | undefined {
  return isStandIn(built.image) || isChartsOwn(built) ? undefined : mutableTag(built.image);
}

/** The first placement whose image can change without a change in Git, and why. */
export function findMutablePlacement(
  placements: readonly DeclaredPlacement[],
): { readonly service: ServiceName; readonly why: string } | undefined {
  for (const { service, image, written, builtImages } of placements) {
    const marked =
      builtImages.length === 0 && written !== undefined ? mutableTag({ name: image, ...written }) : undefined;
    const why = builtImages.map(mutableImage).find((reason) => reason !== undefined) ?? marked;
    if (why !== undefined) return { service, why };
  }
  return undefined;
}

/** Filled in after the build: by a substitution, or by Istio's injector, which puts its proxy in place of `auto`. */
function isStandIn(image: string): boolean {
  return /\$\{|\{\{|<</.test(image) || image === 'auto';
}

/** A chart may add its own tag to a name in its values; a container's image it takes as it is. */
function isChartsOwn({ kind, container, image }: EffectiveImage): boolean {
  return (
    kind === 'HelmRelease' &&
    parseImage(image).tag === undefined &&
    !/(?:^|\.)(?:initC|c)ontainers\.\d+\.image$/.test(container)
  );
}
