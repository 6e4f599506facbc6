// Is what is delivered the artefact that was tested? The verdict is the digests' alone; labels and running pods are
// witnesses, which can make one look twice and never turn it.
import type { ImageManifest, Lineage, LineageEnd, LineageEvidence, ResolvedImage } from '../model/lineage';
import { optional } from '../model/optional';
import type { Problem } from '../model/problem';
import { problemOf, type Reading } from '../model/reading';

/** A pod that runs the tag, and the digest in its container's imageID. */
export interface PodImage {
  readonly environment: string;
  readonly pod: string;
  readonly digest: string;
}

export interface LineageSide {
  readonly tag: string;
  /** A stale reading is none: tags move. */
  readonly resolved: Reading<ResolvedImage>;
  readonly pods: readonly PodImage[];
}

export interface LineageQuestion {
  readonly image: string;
  /** What was tested. */
  readonly source: LineageSide;
  /** What is delivered. */
  readonly target: LineageSide;
}

/** Predefined annotation keys of the OCI image specification that tell one build from another. */
const tellingLabels = ['revision', 'version', 'created'].map((key) => `org.opencontainers.image.${key}`);

/** Why production must not be built. */
export const rebuildMeaning =
  'A rebuild is a new artefact, even from the same commit: base images, dependencies, tools and time differ, so what was tested says nothing about it. Give the tested image a new tag, by its digest, instead of building for production.';

export function deriveLineage({ image, source, target }: LineageQuestion): Lineage {
  const ends = { image, source: endOf(source), target: endOf(target) };
  const pods = [...podEvidence(source), ...podEvidence(target)];
  const [from, to] = [source.resolved, target.resolved];
  const problem = problemOf(from) ?? problemOf(to);
  if (from.state !== 'known' || to.state !== 'known') {
    return { ...ends, ...unknownLineage(source.tag, target.tag, problem), evidence: pods };
  }
  const evidence = (comparison: readonly LineageEvidence[]): readonly LineageEvidence[] => [
    digestEvidence(source.tag, from.value, target.tag, to.value),
    ...comparison,
    ...labelEvidence(from.value, to.value),
    ...pods,
  ];
  if (from.value.digest === to.value.digest) {
    return {
      ...ends,
      verdict: 'same',
      summary: `${target.tag} is the same image as ${source.tag}.`,
      meaning: 'Both tags name one digest: what was tested is what is delivered.',
      evidence: evidence([]),
    };
  }
  const empty = [source, target].find((side) => manifestsOf(side).length === 0);
  if (empty !== undefined) {
    const nothing: Problem = {
      code: 'lineage-unclear',
      message: `${empty.tag} lists no image for any platform, so there is nothing to compare. Look at what was pushed under it.`,
    };
    return { ...ends, ...unknownLineage(source.tag, target.tag, nothing), evidence: evidence([]) };
  }
  const strange = to.value.manifests.filter((one) => findOrigin(one, from.value) === undefined);
  const comparison = manifestEvidence(source.tag, from.value, target.tag, to.value);
  return strange.length === 0
    ? {
        ...ends,
        verdict: 'wrapped',
        summary: `${target.tag} holds the same image as ${source.tag} under another digest.`,
        meaning:
          'The index or manifest around it was written anew, the image in it was not: what was tested is delivered.',
        evidence: evidence(comparison),
      }
    : {
        ...ends,
        verdict: 'different',
        summary: `${target.tag} is not the image that was tested as ${source.tag}.`,
        meaning: rebuildMeaning,
        evidence: evidence(comparison),
      };
}

function unknownLineage(source: string, target: string, problem: Problem | undefined) {
  return {
    verdict: 'unknown',
    summary: `Whether ${target} is the image that was tested as ${source} could not be told.`,
    meaning: problem?.message ?? '',
    ...optional('problem', problem),
  } as const;
}

function endOf({ tag, resolved }: LineageSide): LineageEnd {
  return resolved.state === 'known'
    ? { tag, digest: resolved.value.digest, mediaType: resolved.value.mediaType }
    : { tag };
}

function manifestsOf({ resolved }: LineageSide): readonly ImageManifest[] {
  return resolved.state === 'known' ? resolved.value.manifests : [];
}

/** The source's image that this one is: by its digest, or by its configuration where only the packing is new. */
function findOrigin(manifest: ImageManifest, { manifests }: ResolvedImage): ImageManifest | undefined {
  return (
    manifests.find((one) => one.digest === manifest.digest) ??
    manifests.find((one) => one.configuration !== undefined && one.configuration === manifest.configuration)
  );
}

function digestEvidence(source: string, from: ResolvedImage, target: string, to: ResolvedImage): LineageEvidence {
  if (from.digest === to.digest) return { witness: 'digest', says: 'same', text: `Both are ${from.digest}.` };
  const text = `${source} is ${from.digest} (${from.mediaType}); ${target} is ${to.digest} (${to.mediaType}).`;
  return { witness: 'digest', says: 'different', text };
}

function manifestEvidence(
  source: string,
  from: ResolvedImage,
  target: string,
  to: ResolvedImage,
): readonly LineageEvidence[] {
  const origins = to.manifests.map((one) => ({ one, origin: findOrigin(one, from) }));
  const kept = new Set(origins.map(({ origin }) => origin?.digest));
  return [
    ...origins.map(({ one, origin }): LineageEvidence => {
      const name = nameOf(one);
      if (origin === undefined) return manifests('different', `${name} of ${target} is not in ${source}.`);
      if (origin.digest === one.digest) return manifests('same', `${name} of ${target} is in ${source}.`);
      return manifests(
        'same',
        `${name} of ${target} has the configuration ${origin.configuration ?? ''} of ${nameOf(origin)} in ${source}: the same contents, packed anew.`,
      );
    }),
    ...from.manifests
      .filter(({ digest }) => !kept.has(digest))
      .map((one) => manifests('nothing', `${nameOf(one)} of ${source} is not in ${target}.`)),
  ];
}

function manifests(says: LineageEvidence['says'], text: string): LineageEvidence {
  return { witness: 'manifests', says, text };
}

function nameOf({ digest, platform }: ImageManifest): string {
  return platform === undefined ? digest : `${platform} ${digest}`;
}

function labelEvidence(from: ResolvedImage, to: ResolvedImage): readonly LineageEvidence[] {
  return tellingLabels.flatMap((name): readonly LineageEvidence[] => {
    const [left, right] = [from.labels[name], to.labels[name]];
    if (left === undefined && right === undefined) return [];
    if (left === right) return [{ witness: 'labels', says: 'same', text: `${name}: both ${left ?? ''}.` }];
    const says = left === undefined || right === undefined ? 'nothing' : 'different';
    return [{ witness: 'labels', says, text: `${name}: ${left ?? 'missing'}, then ${right ?? 'missing'}.` }];
  });
}

/** Pods under one tag with one digest are one line; a digest that the tag does not lead to means that it was moved. */
function podEvidence({ tag, resolved, pods }: LineageSide): readonly LineageEvidence[] {
  const groups = new Map<string, PodImage[]>();
  for (const pod of pods) {
    const key = `${pod.environment} ${pod.digest}`;
    groups.set(key, [...(groups.get(key) ?? []), pod]);
  }
  return [...groups.values()].flatMap((group): readonly LineageEvidence[] => {
    const [first] = group;
    if (first === undefined) return [];
    const who = `${group.map(({ pod }) => pod).join(', ')} in ${first.environment}`;
    const verb = group.length === 1 ? 'runs' : 'run';
    if (resolved.state !== 'known') {
      return [{ witness: 'pods', says: 'nothing', text: `${who} ${verb} ${first.digest} as ${tag}.` }];
    }
    return leadsTo(resolved.value, first.digest)
      ? [{ witness: 'pods', says: 'same', text: `${who} ${verb} ${first.digest}, as ${tag} says.` }]
      : [
          {
            witness: 'pods',
            says: 'different',
            text: `${who} ${verb} ${first.digest}, which is not what ${tag} names now: the tag was moved after it was pulled.`,
          },
        ];
  });
}

/** A runtime names what it pulled by the index, by the platform's manifest, or by its configuration. */
function leadsTo(image: ResolvedImage, digest: string): boolean {
  return (
    image.digest === digest || image.manifests.some((one) => one.digest === digest || one.configuration === digest)
  );
}
