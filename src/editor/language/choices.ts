// What may be typed at the cursor: setter names in a marker, names of repositories in a reference, groups in `extract`.
// The line tells which; only then is the file parsed, with a letter at the cursor so that an empty value is one too.
import type { CheckedRepository } from '../../checks/rule';
import { createSubject } from '../../checks/subject';
import { findScalar } from '../../manifests/cursor';
import { referenceOf } from '../../manifests/links';
import type { FluxKind, ObjectReference } from '../../model/flux';
import type { TextRange } from '../../model/text';
import { formsOf } from './selection';

export interface Choice {
  readonly text: string;
  /** One line behind it. */
  readonly detail: string;
}

export interface Choices {
  /** What a choice replaces. */
  readonly range: TextRange;
  readonly kind: 'reference' | 'group';
  /** The most likely first. */
  readonly choices: readonly Choice[];
}

interface Cursor {
  readonly file: string;
  readonly text: string;
  readonly offset: number;
}

export function findChoices(repository: CheckedRepository, cursor: Cursor): Choices | undefined {
  const { text, offset } = cursor;
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const setter = /#.*\$imagepolicy"\s*:\s*"([^"]*)$/.exec(line)?.[1];
  if (setter !== undefined) return setterChoices(repository, cursor, { line, typed: setter });
  const comment = /:\s+\S.*?\s(#\s*(?:\{\s*"?(?:\$[a-z]*)?)?)$/.exec(line)?.[1];
  if (comment !== undefined) return markerChoices(repository, cursor, { line, typed: comment });
  const name = /^\s*(?:-\s+)?name:\s+["']?([\w.-]*)$/.exec(line)?.[1];
  if (name !== undefined) return nameChoices(repository, cursor, name);
  const group = /^\s*extract:\s+["']?(?:[^"'#]*?)(\$?\{?\w*)$/.exec(line)?.[1];
  return group === undefined ? undefined : groupChoices(repository, cursor, group);
}

interface Typed {
  /** Up to the cursor. */
  readonly line: string;
  readonly typed: string;
}

function setterChoices(repository: CheckedRepository, { file, text, offset }: Cursor, { line, typed }: Typed): Choices {
  const rest = /^[^"}\s]*/.exec(text.slice(offset))?.[0] ?? '';
  const suffix = suffixFor(line);
  const choices = listPolicyNames(repository, file, text.slice(0, offset)).flatMap(({ setter, detail }) => {
    const others = ['', ':tag', ':name', ':digest'].filter((one) => one !== suffix);
    const shown = typed.startsWith(`${setter}:`) ? [suffix, ...others] : [suffix];
    return shown.map((part) => ({ text: setter + part, detail }));
  });
  return { range: { start: offset - typed.length, end: offset + rest.length }, kind: 'reference', choices };
}

/** The whole comment, where no more than its beginning stands there. */
function markerChoices(repository: CheckedRepository, { file, text, offset }: Cursor, { line, typed }: Typed): Choices {
  const rest = /^["}]*/.exec(text.slice(offset))?.[0] ?? '';
  const suffix = suffixFor(line);
  return {
    range: { start: offset - typed.length, end: offset + rest.length },
    kind: 'reference',
    choices: listPolicyNames(repository, file, text.slice(0, offset)).map(({ setter, detail }) => ({
      text: `# {"$imagepolicy": "${setter}${suffix}"}`,
      detail,
    })),
  };
}

/** What Flux would have to write, by the key of the line. */
function suffixFor(line: string): string {
  const key = /^\s*(?:-\s+)?["']?([\w.-]+)["']?\s*:/.exec(line)?.[1] ?? '';
  if (/^(?:newTag|tag)$/i.test(key)) return ':tag';
  if (/^(?:newName|name|repository)$/i.test(key)) return ':name';
  return /^digest$/i.test(key) ? ':digest' : '';
}

interface PolicyName {
  readonly setter: string;
  readonly detail: string;
}

const nearbyLines = 6;

/** Policies of an image that is named just above come first, and of these the one of the file's own environment. */
function listPolicyNames(repository: CheckedRepository, file: string, before: string): readonly PolicyName[] {
  const nearby = before.split('\n').slice(-nearbyLines).join('\n');
  const own = new Set(
    repository.placements.filter(({ origin }) => origin?.file === file).map((one) => one.environment),
  );
  const names = repository.policies().all.map(({ object, image, environment }) => ({
    setter: `${object.meta.namespace}:${object.meta.name}`,
    detail: [image, environment].filter((one) => one !== undefined).join(' · '),
    weight:
      (image !== undefined && nearby.includes(image) ? 2 : 0) +
      (environment !== undefined && own.has(environment) ? 1 : 0),
  }));
  const unique = new Map(names.map((one) => [one.setter, one]));
  return [...unique.values()].toSorted((a, b) => b.weight - a.weight);
}

/** The object and the path of the value at the cursor. */
function fieldAt(repository: CheckedRepository, { file, text, offset }: Cursor) {
  const subject = createSubject(repository, file, `${text.slice(0, offset)}x${text.slice(offset)}`);
  const at = findScalar(subject.parsed.documents, offset);
  const described = subject.documents.find(({ document }) => document === at?.document);
  return at === undefined || described === undefined
    ? undefined
    : { path: at.path.join('.'), own: described.own, forms: formsOf(described) };
}

function nameChoices(repository: CheckedRepository, cursor: Cursor, typed: string): Choices | undefined {
  const field = fieldAt(repository, cursor);
  if (field?.path !== 'spec.imageRepositoryRef.name' && field?.path !== 'spec.sourceRef.name') return undefined;
  const wanted = field.forms.flatMap((form) => referenceOf(form) ?? []);
  const found = repository.manifests.objects.filter(({ object }) => wanted.some((one) => isOfferedFor(object, one)));
  const names = new Map(found.map(({ object, file }) => [object.meta.name, { object, file }]));
  const rest = /^[\w.-]*/.exec(cursor.text.slice(cursor.offset))?.[0] ?? '';
  return {
    range: { start: cursor.offset - typed.length, end: cursor.offset + rest.length },
    kind: 'reference',
    choices: [...names].map(([text, { object, file }]) => ({
      text,
      detail: object.kind === 'ImageRepository' ? object.image : file,
    })),
  };
}

/** A namespace that only an overlay elsewhere knows hides nothing. */
function isOfferedFor(object: FluxKind, { kind, namespace }: ObjectReference): boolean {
  if (object.kind !== kind) return false;
  return namespace === '' || object.meta.namespace === '' || object.meta.namespace === namespace;
}

function groupChoices(repository: CheckedRepository, cursor: Cursor, typed: string): Choices | undefined {
  const field = fieldAt(repository, cursor);
  if (field?.path !== 'spec.filterTags.extract' || field.own.kind !== 'ImagePolicy') return undefined;
  const pattern = repository.compile(field.own.spec.filterTags?.pattern ?? '');
  if (pattern.kind !== 'pattern') return undefined;
  const rest = /^\w*\}?/.exec(cursor.text.slice(cursor.offset))?.[0] ?? '';
  const hasBrace = typed.includes('{');
  const groups = pattern.groupNames.slice(1).map((name, index) => (name === '' ? String(index + 1) : name));
  return {
    range: {
      start: cursor.offset - typed.length,
      end: cursor.offset + (hasBrace ? rest : rest.replace('}', '')).length,
    },
    kind: 'group',
    choices: [...new Set(groups)].map((name) => ({
      text: hasBrace ? `\${${name}}` : `$${name}`,
      detail: /^\d/.test(name) ? 'group without a name' : 'group of the pattern',
    })),
  };
}
