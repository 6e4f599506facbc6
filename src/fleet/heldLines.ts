// The lines of the files that hold something: whose commits tell who put a hold there, when and why.
import { lineOf, parseDocuments, rangeAt } from '../manifests/documents';
import { defaultExclusionList } from '../manifests/fluxObjects';
import { pinOf } from '../manifests/pin';
import type { RepositoryContent } from '../model/facts';
import type { DeclaredObject } from '../model/manifest';
import { findUnmarked } from './unmarked';

export interface HeldLine {
  readonly file: string;
  /** One-based. */
  readonly line: number;
}

/** Of one clone, each line once. */
export function deriveHeldLines({ manifests, files }: RepositoryContent): readonly HeldLine[] {
  const lines = [
    ...manifests.objects.flatMap((declared) =>
      holdFields(declared).flatMap((path) => lineAt(declared, path, files) ?? []),
    ),
    ...findUnmarked(manifests).map(({ origin }) => ({ file: origin.file, line: origin.line })),
  ];
  return [...new Map(lines.map((one) => [`${one.file}:${one.line}`, one])).values()];
}

/** The fields of an object that hold something. */
function holdFields({ object }: DeclaredObject): readonly (readonly (string | number)[])[] {
  const suspended = object.isSuspended ? [['spec', 'suspend']] : [];
  if (object.kind === 'ImagePolicy') return pinOf(object) === undefined ? suspended : [...suspended, pinPath(object)];
  if (object.kind !== 'ImageRepository') return object.kind === 'ImageUpdateAutomation' ? suspended : [];
  const extra = object.exclusionList.flatMap((pattern, at) =>
    defaultExclusionList.includes(pattern) ? [] : [['spec', 'exclusionList', at]],
  );
  return [...suspended, ...extra];
}

export function pinPath(policy: Parameters<typeof pinOf>[0]): readonly string[] {
  return pinOf(policy)?.version === undefined
    ? ['spec', 'filterTags', 'pattern']
    : ['spec', 'policy', 'semver', 'range'];
}

/** Where the object's own document has the field; undefined where a patch sets it. */
export function lineAt(
  { file, document }: Pick<DeclaredObject, 'file' | 'document'>,
  path: readonly (string | number)[],
  files: RepositoryContent['files'],
): HeldLine | undefined {
  const text = files.get(file);
  const parsed = text === undefined ? undefined : parseDocuments(file, text).documents[document];
  const range = parsed && rangeAt(parsed, path);
  return text === undefined || range === undefined ? undefined : { file, line: lineOf(text, range.start) };
}
