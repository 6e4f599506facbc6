// What the facts make worth looking at next: which images, and what has moved on elsewhere. Pure.
import type { Facts, RepositoryFacts } from '../model/facts';
import type { GitRepository, ImagePolicy, ImageRepository } from '../model/flux';
import { canonicalImage, parseImage } from '../model/image';
import { valueOf } from '../model/reading';
import { branchOf, repositoryIdentity } from '../model/repositoryIdentity';
import { parseRevision } from '../model/revision';

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

function imageRepositoriesIn(facts: Seen): readonly ImageRepository[] {
  const declared = facts.repositories
    .flatMap(({ content }) => valueOf(content)?.manifests.objects ?? [])
    .flatMap(({ object }) => (object.kind === 'ImageRepository' ? [object] : []));
  const live = [...facts.clusters.values()].flatMap(({ imageRepositories }) => valueOf(imageRepositories) ?? []);
  return [...declared, ...live];
}

/** Whether a cluster has fetched a commit of the followed branch that this clone does not have yet. */
export function isBehind({ remote, branch, content }: RepositoryFacts, declared: readonly GitRepository[]): boolean {
  const recent = valueOf(content)?.recent;
  if (recent === undefined) return false;
  const identity = repositoryIdentity(remote.url);
  return declared.some(({ url, ref, artifact }) => {
    if (artifact === undefined || branchOf({ ref }) !== branch || repositoryIdentity(url) !== identity) return false;
    return !recent.includes(parseRevision(artifact.revision).hash);
  });
}

/** Images whose tags a cluster has seen later than we have, or of which it chose one that we do not know. */
export function outdatedImages(facts: Seen): readonly string[] {
  const outdated = new Set<string>();
  const readingOf = (image: string) => facts.registry.get(canonicalImage(image));
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
