// What `flux-promote markers` prints.
import type { DeadBecause } from '../manifests/deadMarkers';
import type { MarkerPart } from '../model/manifest';

export interface MarkerList {
  /** Null for files from the work tree. */
  readonly commit: string | null;
  readonly markers: readonly {
    readonly file: string;
    /** One-based. */
    readonly line: number;
    readonly setter: string;
    /** `namespace/name`. */
    readonly policy: string;
    readonly part: MarkerPart;
    readonly value: string;
  }[];
  /** Flux never acts on these and says nothing. */
  readonly dead: readonly {
    readonly file: string;
    readonly line: number;
    readonly because: DeadBecause;
    readonly reason: string;
    readonly text: string;
  }[];
}

/** Behind "Flux never acts on this marker: ". */
export const deadReasons: Readonly<Record<DeadBecause, string>> = {
  'file-name': 'only files named *.yaml, *.yml or Kustomization are read',
  broken: 'the file has an error in its YAML, so it is skipped whole',
  separator: 'text stands behind a document separator (---), so the file is skipped whole',
  'top-level-list': 'a document is a list and not an object, so the file is skipped whole',
  metadata: "a document's metadata or annotations are no mapping, so the file is skipped whole",
  'too-large': 'the file is too large',
  'in-text': 'it is part of a text, not a comment',
  'above-key': 'it stands on a line of its own; put it behind the value',
  'behind-key': 'the value does not begin on its line; put it behind the value',
  'flow-collection': 'it stands behind the end of a flow collection; write the value on a line of its own',
  alias: 'its value is an alias; mark the anchored value',
  elsewhere: 'it does not stand behind a value',
  malformed: 'the comment is not exactly one JSON object of texts',
  setter: 'it does not name a policy as namespace:policy, or with :tag, :name or :digest behind',
  'list-object': 'in a List the change is written into a new file, not into this one',
};

export function formatMarkers({ markers, dead }: MarkerList, subject: string): string {
  const lines = markers.map(({ file, line, setter, value }) => `${file}:${line}  ${setter}  ${value}`);
  const deadLines = dead.map(({ file, line, reason }) => `${file}:${line}  never acted on: ${reason}.`);
  return [
    subject,
    '',
    ...(lines.length === 0 ? ['No markers.'] : lines),
    ...(deadLines.length === 0 ? [] : ['', ...deadLines]),
    '',
  ].join('\n');
}
