// What the facts make worth looking at next: which images, and what has moved on elsewhere. Pure.
import type { ClusterFacts, Facts, RepositoryFacts } from '../model/facts';
import type { GitRepository, ImagePolicy, ImageRepository, ImageUpdateAutomation } from '../model/flux';
import { canonicalImage, parseImage } from '../model/image';
import { valueOf } from '../model/reading';
import { branchOf, repositoryIdentity } from '../model/repositoryIdentity';
import { positionOf } from '../model/revision';

type Seen = Pick<Facts, 'repositories' | 'clusters' | 'registry'>;

export interface ObservedImage {
  /** Canonical. */
  readonly image: string;
  /** A tag that is written somewhere, for its labels. */
  readonly tag?: string;
  readonly isInsecure: boolean;
}

export function gitRepositoriesIn({ clusters }: Pick<Facts, 'clusters'>): readonly GitRepository[] {
  return [...clusters.values()].flatMap(({ gitRepositories }) => valueOf(gitRepositories) ?? []);
}

/** The images that an ImageRepository scans, in a cluster or in the files: base images of somebody else are not ours. */
export function observedImages(facts: Seen): readonly ObservedImage[] {
  const manifests = facts.repositories.flatMap(({ content }) => valueOf(content)?.manifests ?? []);
  const written = new Map<string, string>();
  for (const { image } of manifests.flatMap(({ roots }) => roots).flatMap(({ images }) => images)) {
    const { name, tag } = parseImage(image);
    if (tag !== undefined) written.set(canonicalImage(name), tag);
  }
  const observed = new Map<string, ObservedImage>();
  for (const { image, isInsecure } of imageRepositoriesIn(facts)) {
    const name = canonicalImage(image);
    const tag = written.get(name);
    const before = observed.get(name)?.isInsecure === true;
    observed.set(name, { image: name, isInsecure: isInsecure || before, ...(tag === undefined ? {} : { tag }) });
  }
  return [...observed.values()];
}

/** The images that clusters scan, canonical. */
export function scannedImages(clusters: Iterable<Pick<ClusterFacts, 'imageRepositories'>>): readonly string[] {
  return [...clusters].flatMap(({ imageRepositories }) =>
    (valueOf(imageRepositories) ?? []).map(({ image }) => canonicalImage(image)),
  );
}

function imageRepositoriesIn(facts: Seen): readonly ImageRepository[] {
  const declared = facts.repositories
    .flatMap(({ content }) => valueOf(content)?.manifests.objects ?? [])
    .flatMap(({ object }) => (object.kind === 'ImageRepository' ? [object] : []));
  const live = [...facts.clusters.values()].flatMap(({ imageRepositories }) => valueOf(imageRepositories) ?? []);
  return [...declared, ...live];
}

/** Whether a cluster has fetched, or its automation has pushed, a commit of the followed branch that this clone does not have yet. */
export function isBehind(
  { remote, branch, content }: RepositoryFacts,
  clusters: Iterable<Pick<ClusterFacts, 'gitRepositories' | 'imageUpdateAutomations'>>,
): boolean {
  const read = valueOf(content);
  if (read === undefined) return false;
  const identity = repositoryIdentity(remote.url);
  return [...clusters].some(({ gitRepositories, imageUpdateAutomations }) => {
    const own = (valueOf(gitRepositories) ?? []).filter(({ url }) => repositoryIdentity(url) === identity);
    const fetched = own.filter(({ ref }) => branchOf({ ref }) === branch).map(({ artifact }) => artifact?.revision);
    const pushed = (valueOf(imageUpdateAutomations) ?? [])
      // What was pushed long ago may lie deeper than what is remembered of the branch.
      .filter((one) => pushesTo(one, branch, own) && (one.lastPushAt ?? 0) >= read.commit.at)
      .map(({ lastPushCommit }) => lastPushCommit);
    return [...fetched, ...pushed].some((revision) => revision !== undefined && positionOf(revision, read.recent) < 0);
  });
}

function pushesTo(
  { sourceRef, checkoutBranch, pushBranch }: ImageUpdateAutomation,
  branch: string,
  sources: readonly GitRepository[],
): boolean {
  const source = sources.find(({ meta }) => meta.name === sourceRef.name && meta.namespace === sourceRef.namespace);
  return source !== undefined && (pushBranch ?? checkoutBranch ?? branchOf(source)) === branch;
}

/** Images whose tags a cluster has seen later than we have, or of which it chose one that we do not know. */
export function outdatedImages(facts: Seen): readonly string[] {
  const outdated = new Set<string>();
  // Asked after every change, and the same few names again and again.
  const readingsOf = new Map<string, ReturnType<typeof facts.registry.get>>();
  const readingOf = (image: string) => {
    if (!readingsOf.has(image)) readingsOf.set(image, facts.registry.get(canonicalImage(image)));
    return readingsOf.get(image);
  };
  for (const { imageRepositories, imagePolicies } of facts.clusters.values()) {
    for (const { image, lastScan } of valueOf(imageRepositories) ?? []) {
      const reading = readingOf(image);
      if (reading?.state === 'known' && lastScan !== undefined && lastScan.tagCount > reading.value.tags.length) {
        outdated.add(canonicalImage(image));
      }
    }
    for (const { latestRef } of (valueOf(imagePolicies) ?? []) satisfies readonly ImagePolicy[]) {
      const reading = latestRef && readingOf(latestRef.name);
      if (latestRef !== undefined && reading?.state === 'known' && !reading.value.tags.includes(latestRef.tag)) {
        outdated.add(canonicalImage(latestRef.name));
      }
    }
  }
  return [...outdated];
}
