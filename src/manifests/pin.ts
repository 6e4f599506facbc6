// A pinned policy: its pattern takes exactly one tag. Our own pins keep the pattern that stood there in an annotation of the
// policy, so that it survives whoever writes the file again, and so that the cluster tells of it too.
import type { ImagePolicy, PolicySpec } from '../model/flux';
import type { TextEdit } from '../model/text';
import { parseDocuments } from './documents';
import { applyEdits } from './edits';
import { editField } from './fieldEdits';
import { at, textAt } from './fields';

/** Holds `spec.filterTags.pattern` as it was before the pin; empty where the policy had none. */
export const pinAnnotation = 'flux-promote/pattern-before-pin';

export interface Pin {
  /** The only tag that the policy can take; undefined for an exact version, which several tags may spell. */
  readonly tag?: string;
  /** What the pin narrowed, where it is known: only of our own. */
  readonly before?: string;
  /** The exact version of a semver range. */
  readonly version?: string;
}

/** Whoever made it. Undefined where more than one tag could be selected. */
export function pinOf({ spec, meta }: Pick<ImagePolicy, 'spec' | 'meta'>): Pin | undefined {
  const tag = spec.filterTags?.pattern === undefined ? undefined : literalTag(spec.filterTags.pattern);
  const before = meta.annotations[pinAnnotation];
  // A pattern that somebody has widened again by hand is no pin any more, whatever the annotation says.
  if (tag !== undefined) return { tag, ...(before === undefined ? {} : { before }) };
  const version = exactVersion(spec);
  return version === undefined ? undefined : { version };
}

/** What decides without our pin: under one of ours the policy's own pattern is the one that was kept. */
export function unpinnedSpec(policy: Pick<ImagePolicy, 'spec' | 'meta'>): PolicySpec {
  const before = pinOf(policy)?.before;
  if (before === undefined) return policy.spec;
  const { pattern: _, ...others } = policy.spec.filterTags ?? {};
  if (before !== '') return { ...policy.spec, filterTags: { ...others, pattern: before } };
  const { filterTags: __, ...bare } = policy.spec;
  return Object.keys(others).length === 0 ? bare : { ...bare, filterTags: others };
}

/** The one tag that an anchored pattern without any choice takes: `^v1\.2-(?P<ts>3)$`. */
export function literalTag(pattern: string): string | undefined {
  if (!pattern.startsWith('^') || !pattern.endsWith('$')) return undefined;
  const bare = pattern
    .slice(1, -1)
    .replace(/\((?:\?P?<\w+>|\?:)?/g, '')
    .replaceAll(')', '');
  return /^(?:[\w-]|\\[.-])+$/.test(bare) ? bare.replaceAll('\\', '') : undefined;
}

function exactVersion({ policy }: PolicySpec): string | undefined {
  return /^\s*=?\s*(v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)\s*$/.exec(policy?.semver?.range ?? '')?.[1];
}

const patternPath = ['spec', 'filterTags', 'pattern'] as const;
const annotationPath = ['metadata', 'annotations', pinAnnotation] as const;

/**
 * The text with the policy's pattern replaced, and its own one kept beside it. A pin over a pin keeps the first original.
 * Undefined where the document cannot be edited safely.
 */
export function editPin(text: string, documentIndex: number, pattern: string): string | undefined {
  const value = policyAt(text, documentIndex);
  if (value === undefined) return undefined;
  const original = textAt(value, ...patternPath) ?? '';
  const isPinned = at(value, ...annotationPath) !== undefined && literalTag(original) !== undefined;
  const pinned = applied(text, editField(text, documentIndex, patternPath, pattern));
  if (pinned === undefined || isPinned) return pinned;
  return applied(pinned, editField(pinned, documentIndex, annotationPath, original));
}

/** The text with the pattern `before` in place of the pin, and without the annotation. */
export function editUnpin(text: string, documentIndex: number, before: string): string | undefined {
  const value = policyAt(text, documentIndex);
  if (value === undefined) return undefined;
  const free = applied(text, editField(text, documentIndex, patternPath, before === '' ? undefined : before));
  if (free === undefined || at(value, ...annotationPath) === undefined) return free;
  return applied(free, editField(free, documentIndex, annotationPath, undefined));
}

function policyAt(text: string, documentIndex: number): unknown {
  const value = parseDocuments('', text).documents[documentIndex]?.value;
  return at(value, 'kind') === 'ImagePolicy' ? value : undefined;
}

function applied(text: string, edit: TextEdit | undefined): string | undefined {
  return edit && applyEdits(text, [edit]);
}
