// What image-automation-controller would write, and the same change as minimal edits of the text
// (the controller re-serialises every document of a changed file; we replace scalars and nothing else).
import type { LatestRef } from '../model/flux';
import { formatImage } from '../model/image';
import type { TextEdit } from '../model/text';
import { editScalar } from './edits';
import { isImageReference } from './imageReference';
import { findMarkers, type Marker, type MarkerPart } from './markers';

export interface SetterPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly latestRef: LatestRef;
}

export interface SetterChange {
  readonly marker: Marker;
  readonly setter: string;
  readonly old: string;
  readonly new: string;
}

export interface AppliedSetters {
  /** In the order of the file. Those with `marker.isStray` land in a new file, not in this one. */
  readonly changes: readonly SetterChange[];
  /** Of this file. Empty when only strays changed. */
  readonly edits: readonly TextEdit[];
}

/** Nothing at all when one policy's reference is none: the controller's run fails before it opens a file. */
export function applySetters(file: string, text: string, policies: readonly SetterPolicy[]): AppliedSetters {
  if (!policies.every(({ latestRef }) => isImageReference(formatImage(latestRef)))) return { changes: [], edits: [] };
  const values = new Map(policies.map((policy) => [`${policy.namespace}:${policy.name}`, policy.latestRef]));
  const changes = findMarkers(file, text).flatMap((marker) => {
    const latest = values.get(`${marker.namespace}:${marker.policy}`);
    if (latest === undefined) return [];
    const value = valueOfPart(latest, marker.part);
    return value === marker.value ? [] : [{ marker, setter: marker.setter, old: marker.value, new: value }];
  });
  const edits = changes
    .filter(({ marker }) => !marker.isStray)
    .map((change) => editScalar(text, change.marker.range, change.new));
  return { changes, edits };
}

export function valueOfPart(latest: LatestRef, part: MarkerPart): string {
  switch (part) {
    case 'image':
      return formatImage(latest);
    case 'tag':
      return latest.tag;
    case 'name':
      return latest.name;
    default:
      return latest.digest ?? '';
  }
}
