// An image override that goes over the tag that Flux writes, or that misses it: in the Flux Kustomization, or in the overlay.
import type { Fault } from '../../model/fault';
import type { Kustomization } from '../../model/flux';
import { canonicalImage } from '../../model/image';
import type { Marker, RepositoryManifests, Root } from '../../model/manifest';
import { valueOf } from '../../model/reading';
import { findEnvironmentWord, isOtherEnvironment } from '../environments';
import { isBelow, keyOf } from '../placements';
import { type DiagnosisInput, failedFault, ofObject } from './diagnosis';
import { historyStep } from './steps';

export function diagnoseOverride(input: DiagnosisInput, kustomization: Kustomization): Fault | undefined {
  return overridden(input, kustomization) ?? missed(input);
}

/** `spec.images` of the Flux Kustomization goes over the overlay's entry of the same name. */
function overridden({ placement, written }: DiagnosisInput, kustomization: Kustomization): Fault | undefined {
  const entry = kustomization.images.find(({ name }) => canonicalImage(name) === canonicalImage(placement.image));
  if (entry === undefined || placement.marker === undefined) return undefined;
  const { newName, newTag, digest } = entry;
  const tag = newTag ?? digest;
  const isMoved = newName !== undefined && canonicalImage(newName) !== canonicalImage(placement.image);
  if (!isMoved && (tag === undefined || tag === valueOf(written)?.tag)) return undefined;
  const over = isMoved ? `${newName} over the image` : `${tag} over the tag`;
  return failedFault('image-override-beats', `\`spec.images\` of the Kustomization puts ${over} that is written`, {
    ...ofObject(kustomization),
    place: { file: placement.marker.file, line: placement.marker.line },
    remedy: `Take ${entry.name} out of the Kustomization's \`spec.images\`.`,
  });
}

/** What is built without a marker of its own, though a marker of its image stands in what the build takes in. */
function missed(input: DiagnosisInput): Fault | undefined {
  const { placement, content } = input;
  const manifests = valueOf(content)?.manifests;
  if (placement.marker !== undefined || placement.policyReference !== undefined || manifests === undefined)
    return undefined;
  const root = manifests.roots.find(
    ({ path, kustomization }) => kustomization !== undefined && path === placement.root,
  );
  if (root === undefined) return undefined;
  const markers = markersOfImage(manifests, placement.image);
  return replacesNothing(input, root, markers) ?? beaten(input, root, markers);
}

function markersOfImage(manifests: RepositoryManifests, image: string): readonly Marker[] {
  const policies = manifests.objects.flatMap(({ object }) => (object.kind === 'ImagePolicy' ? [object] : []));
  const repositories = manifests.objects.flatMap(({ object }) => (object.kind === 'ImageRepository' ? [object] : []));
  return manifests.markers.filter((one) => {
    const policy = policies.find(({ meta }) => meta.namespace === one.namespace && meta.name === one.policy);
    const repository = policy && repositories.find(({ meta }) => keyOf(meta) === keyOf(policy.repositoryRef));
    return repository !== undefined && canonicalImage(repository.image) === canonicalImage(image);
  });
}

/** A marked tag that replaces nothing in the build: the entry's name is not the image's. Flux says nothing of it. */
function replacesNothing({ placement }: DiagnosisInput, root: Root, markers: readonly Marker[]): Fault | undefined {
  const marker = markers.find(({ part, file }) => part === 'tag' && isBelow(file, root.path));
  if (marker === undefined) return undefined;
  return failedFault('image-override-misses', `the marked tag ${marker.value} replaces nothing in the build`, {
    place: { file: marker.file, line: marker.line },
    evidence: [
      { of: `${marker.file}:${marker.line}`, text: marker.value },
      { of: 'Images of the build', text: [...new Set(root.images.map(({ image }) => image))].join(', ') },
    ],
    steps: [historyStep(marker.file)],
    remedy: `Let the entry's \`name\` be ${placement.image}, as the manifests write it.`,
  });
}

/**
 * An entry of the overlay that nobody marks goes over the line that Flux writes. A marker of another environment's policy in a
 * shared base is no fault: here a person chooses.
 */
function beaten({ placement }: DiagnosisInput, root: Root, markers: readonly Marker[]): Fault | undefined {
  const { origin, environment, image } = placement;
  if (origin === undefined || !['newTag', 'newName', 'digest'].includes(origin.field)) return undefined;
  const marker = markers.find(({ part, file, namespace, policy }) => {
    const word = findEnvironmentWord(namespace) ?? findEnvironmentWord(policy);
    return (
      part === 'image' && root.files.includes(file) && word !== undefined && !isOtherEnvironment(word, environment)
    );
  });
  if (marker === undefined) return undefined;
  const text = `\`images\` of ${origin.file} goes over the line that Flux writes in ${marker.file}`;
  return failedFault('image-override-beats', text, {
    place: { file: origin.file, line: origin.line },
    evidence: [{ of: `${marker.file}:${marker.line}`, text: `${marker.value}, by ${marker.setter}` }],
    steps: [historyStep(origin.file), historyStep(marker.file)],
    remedy: `Put the marker of ${marker.setter} behind the entry's \`newTag\`, with \`:tag\` at its end; or take ${image} out of \`images\`.`,
  });
}
