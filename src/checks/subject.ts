import { findDeadMarkers } from '../manifests/deadMarkers';
import { type ParsedDocument, type ParsedFile, parseDocuments } from '../manifests/documents';
import { decodeFluxObject } from '../manifests/fluxObjects';
import { findMarkers, type Marker } from '../manifests/markers';
import type { FluxKind } from '../model/flux';
import type { TextRange } from '../model/text';
import type { CheckedRepository, CheckSubject, FluxDocument } from './rule';

/** `text` may be newer than what the repository was read from, as it is while somebody types. */
export function createSubject(repository: CheckedRepository, file: string, text: string): CheckSubject {
  const parsed = parseDocuments(file, text);
  const plain = parsed.documents.flatMap((document) => document.plain ?? []);
  const markers = findMarkers(file, text, plain.length > 0 ? plain : undefined);
  const readText = repository.tree.read(file);
  const readBefore = readText === undefined || readText === text ? undefined : parseDocuments(file, readText);
  return {
    file,
    text,
    parsed,
    documents: parsed.documents.flatMap((document) => describeObject(repository, file, { document, readBefore }) ?? []),
    markers,
    deadMarkers: mayHaveDead(text, markers) ? findDeadMarkers(file, text) : [],
    repository,
    rangeNow: readText === undefined || readText === text ? (range) => range : createMapping(readText, text),
  };
}

/** Most files have none, and to find out which are dead costs two more parses. */
function mayHaveDead(text: string, markers: readonly Marker[]): boolean {
  const suspects = text.match(/image-?policy["']?\s*[:=]/gi) ?? [];
  return suspects.length !== markers.length || markers.some(({ isStray }) => isStray);
}

interface DocumentNow {
  readonly document: ParsedDocument;
  /** The file as the repository was read, where it differs. */
  readonly readBefore: ParsedFile | undefined;
}

function describeObject(
  repository: CheckedRepository,
  file: string,
  { document, readBefore }: DocumentNow,
): FluxDocument | undefined {
  const own = decodeFluxObject(document.value);
  if (own === undefined) return undefined;
  const declared = repository.formsOf(file, document.index).filter(({ object }) => object.kind === own.kind);
  if (declared.length === 0) return { document, own, forms: [own], isBuilt: false };
  const isBuilt = declared.some((form) => form.isBuilt);
  const forms = declared.map(({ object }) => object);
  if (readBefore === undefined) return { document, own, forms, isBuilt };
  const before = readBefore.documents[document.index]?.value;
  return { document, own, forms: forms.flatMap((form) => formNow(form, before, document.value) ?? []), isBuilt };
}

/** A form that nothing had changed before is what the file says now, in the place where it is built. */
function formNow(form: FluxKind, before: unknown, now: unknown): FluxKind | undefined {
  const { namespace } = form.meta;
  const old = decodeFluxObject(before, namespace);
  const own = decodeFluxObject(now, namespace);
  if (old === undefined || own === undefined || contentOf(form) !== contentOf(old)) return undefined;
  return { ...own, meta: { ...own.meta, namespace } };
}

/** All but the metadata, which kustomize completes. */
function contentOf(object: FluxKind): string {
  const { meta: _, ...content } = object;
  return JSON.stringify(content);
}

/** For one region that was edited: what stands before it stays, what stands behind it moves. */
function createMapping(before: string, now: string): (range: TextRange) => TextRange | undefined {
  const shortest = Math.min(before.length, now.length);
  let head = 0;
  while (head < shortest && before.charCodeAt(head) === now.charCodeAt(head)) head += 1;
  let tail = 0;
  while (
    tail < shortest - head &&
    before.charCodeAt(before.length - 1 - tail) === now.charCodeAt(now.length - 1 - tail)
  ) {
    tail += 1;
  }
  const shift = now.length - before.length;
  return ({ start, end }) => {
    if (end <= head) return { start, end };
    return start >= before.length - tail ? { start: start + shift, end: end + shift } : undefined;
  };
}

/** The documents of one kind that are known well enough to be judged. */
export function documentsOfKind<T extends FluxKind>(
  subject: CheckSubject,
  kind: T['kind'],
): readonly FluxDocument<T>[] {
  return subject.documents.filter((one): one is FluxDocument<T> => one.own.kind === kind && one.forms.length > 0);
}
