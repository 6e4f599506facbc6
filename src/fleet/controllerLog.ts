// Which of Flux's controllers speaks about an object, and which of its log's lines do.
// Source: fluxcd/pkg runtime/logger (zap's JSON), controller-runtime's logger values.
import { textAt } from '../manifests/fields';
import type { ObjectReference } from '../model/flux';
import type { JournalEntry } from '../model/journal';
import { optional } from '../model/optional';

const controllers: Readonly<Record<string, string>> = {
  GitRepository: 'source-controller',
  OCIRepository: 'source-controller',
  Bucket: 'source-controller',
  Kustomization: 'kustomize-controller',
  ImageRepository: 'image-reflector-controller',
  ImagePolicy: 'image-reflector-controller',
  ImageUpdateAutomation: 'image-automation-controller',
};

/** Undefined for what no controller of Flux reconciles. */
export function controllerOf(kind: string): string | undefined {
  return controllers[kind];
}

/** What a line says, when it is about the object; a line that is no JSON must name its kind and its name. */
export function parseLogLine(line: string, pod: string, object: ObjectReference): JournalEntry | undefined {
  const entry = parseJson(line);
  if (entry === undefined) {
    const isAbout = [object.kind, object.name, object.namespace].every((word) => line.includes(word));
    return isAbout ? { level: 'info', source: pod, text: line } : undefined;
  }
  const kind = textAt(entry, 'controllerKind') ?? textAt(entry, 'reconciler kind');
  const isName = textAt(entry, 'name') === object.name && textAt(entry, 'namespace') === object.namespace;
  if (kind !== object.kind || !isName) return undefined;
  const at = Date.parse(textAt(entry, 'ts') ?? '');
  return {
    ...optional('at', Number.isNaN(at) ? undefined : at),
    level: textAt(entry, 'level') === 'error' ? 'error' : 'info',
    source: pod,
    text: [textAt(entry, 'msg') ?? '', textAt(entry, 'error')].filter((part) => part !== undefined).join(': '),
  };
}

/** Undefined for what is no JSON. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
