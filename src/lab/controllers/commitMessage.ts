// The message of a write-back: Go's template over what was changed. Two fields that Flux 2.7 removed stall the automation, and
// only when there is something to commit. Source: image-automation-controller internal/source, api/v1 (removed fields).
import { parseTemplate, TemplateError } from './templateParse';
import { runTemplate, type Struct, type Value } from './templateRun';

/** One scalar that a setter changed. */
export interface Change {
  /** Relative to the automation's update path. */
  readonly file: string;
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly namespace: string;
  };
  readonly oldValue: string;
  readonly newValue: string;
  /** `namespace:policy` with its part. */
  readonly setter: string;
}

export interface MessageInput {
  readonly automation: { readonly name: string; readonly namespace: string };
  readonly changes: readonly Change[];
  readonly values: Readonly<Record<string, string>>;
}

const removed: readonly (readonly [RegExp, string])[] = [
  [
    /\.Changed\.ImageResult\b/,
    "template uses removed '.Changed.ImageResult' field. Please use '.Changed.FileChanges' or '.Changed.Objects' instead. ",
  ],
  [/\.Updated\b/, "template uses removed '.Updated' field. Please use '.Changed' instead. "],
];

const guide = 'See: https://fluxcd.io/flux/components/image/imageupdateautomations/#message-template';

/** Why the automation stalls over this template, or undefined. */
export function removedField(template: string): string | undefined {
  const found = removed.find(([pattern]) => pattern.test(template));
  return found === undefined ? undefined : `${found[1]}${guide}`;
}

function change({ oldValue, newValue, setter }: Change): Struct {
  const fields = { OldValue: oldValue, NewValue: newValue, Setter: setter };
  return { type: 'update.Change', fields, text: `{${oldValue} ${newValue} ${setter}}` };
}

function objectOf({ object }: Change): Struct {
  const { apiVersion, kind, name, namespace } = object;
  const fields = { APIVersion: apiVersion, Kind: kind, Name: name, Namespace: namespace };
  return { type: 'update.ObjectIdentifier', fields, text: `{{{${apiVersion} ${kind}} {${name} ${namespace}}}}` };
}

function grouped(changes: readonly Change[], keyOf: (change: Change) => Value, sortKey: (change: Change) => string) {
  const groups = new Map<string, Change[]>();
  for (const item of changes) groups.set(sortKey(item), [...(groups.get(sortKey(item)) ?? []), item]);
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, items]) => [items[0] === undefined ? '' : keyOf(items[0]), items] as const);
}

const byObject = (changes: readonly Change[]): Value => ({
  entries: grouped(changes, objectOf, (item) => objectOf(item).text).map(([key, items]) => [key, items.map(change)]),
});

function distinct(changes: readonly Change[]): readonly Value[] {
  const seen = new Map(changes.map((item) => [change(item).text, change(item)]));
  return [...seen.values()];
}

/** The commit message. Throws TemplateError with the controller's words. */
export function formatCommitMessage(template: string | undefined, input: MessageInput): string {
  if (template === undefined || template === '') return 'Update from image update automation';
  const { automation, changes, values } = input;
  const root: Value = {
    type: 'source.TemplateData',
    text: '',
    fields: {
      AutomationObject: {
        type: 'types.NamespacedName',
        fields: { Name: automation.name, Namespace: automation.namespace },
        text: `${automation.namespace}/${automation.name}`,
      },
      Changed: {
        type: 'update.ResultV2',
        text: '',
        fields: {
          FileChanges: {
            entries: grouped(
              changes,
              (item) => item.file,
              (item) => item.file,
            ).map(([file, items]) => [file, byObject(items)]),
          },
          Objects: byObject(changes),
          Changes: distinct(changes),
        },
      },
      Values: { entries: Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)) },
    },
  };
  const nodes = explained('unable to create commit message template from spec', () => parseTemplate(template));
  return explained('failed to run template from spec', () => runTemplate(nodes, root));
}

function explained<T>(step: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError) throw new TemplateError(`${step}: ${error.message}`, { cause: error });
    throw error;
  }
}
