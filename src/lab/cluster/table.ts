// Tables for `kubectl get`: the columns that Kubernetes prints for its kinds and Flux's CRDs declare for theirs.
// Sources: Kubernetes' pkg/printers/internalversion, the `printcolumn` markers of Flux's v1 types.
import { type Json, type JsonObject, listAt, numberAt, objectAt, textAt, valueAt } from './json';
import type { KubeObject } from './object';

interface Column {
  readonly name: string;
  readonly type?: 'string' | 'integer';
  /** `wide`: shown with `-o wide` only. */
  readonly shown?: 'wide';
  readonly cell: (object: KubeObject, now: number) => Json;
}

/** As kubectl writes ages (k8s.io/apimachinery duration.HumanDuration, without its seconds beside minutes). */
export function ageSince(time: string | undefined, now: number): string {
  if (time === undefined) return '<unknown>';
  const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

function path(name: string, ...steps: readonly string[]): Column {
  return { name, cell: (object) => scalarAt(object, ...steps) };
}

function scalarAt(object: KubeObject, ...steps: readonly string[]): Json {
  const value = valueAt(object, ...steps);
  return value === undefined || typeof value === 'object' ? '' : String(value);
}

function count(name: string, ...steps: readonly string[]): Column {
  return { name, type: 'integer', cell: (object) => numberAt(object, ...steps) ?? 0 };
}

function readyCondition(object: KubeObject, field: string): string {
  const ready = listAt(object, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Ready');
  return textAt(ready, field) ?? '';
}

const nameColumn = path('Name', 'metadata', 'name');
const age: Column = { name: 'Age', cell: (object, now) => ageSince(object.metadata.creationTimestamp, now) };
const ready: Column = { name: 'Ready', cell: (object) => readyCondition(object, 'status') };
const status: Column = { name: 'Status', cell: (object) => readyCondition(object, 'message') };

function wide(column: Column): Column {
  return { ...column, shown: 'wide' };
}

function containersOf(object: KubeObject, field: string): string {
  return listAt(object, 'spec', 'template', 'spec', 'containers')
    .map((container) => textAt(container, field) ?? '')
    .join(',');
}

const templateColumns: readonly Column[] = [
  wide({ name: 'Containers', cell: (object) => containersOf(object, 'name') }),
  wide({ name: 'Images', cell: (object) => containersOf(object, 'image') }),
  wide({
    name: 'Selector',
    cell: (object) =>
      Object.entries(objectAt(object, 'spec', 'selector', 'matchLabels'))
        .map(([key, value]) => `${key}=${textAt(value) ?? ''}`)
        .join(','),
  }),
];

/** What a person should know first: the reason why a container waits, or the phase. */
function podStatus(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const reasons = listAt(pod, 'status', 'containerStatuses').map((state) =>
    textAt(state, 'state', 'waiting', 'reason'),
  );
  return reasons.find((reason) => reason !== undefined) ?? textAt(pod, 'status', 'phase') ?? 'Unknown';
}

const podColumns: readonly Column[] = [
  {
    name: 'Ready',
    cell: (pod) => {
      const states = listAt(pod, 'status', 'containerStatuses');
      const good = states.filter((state) => valueAt(state, 'ready') === true).length;
      return `${good}/${listAt(pod, 'spec', 'containers').length}`;
    },
  },
  { name: 'Status', cell: podStatus },
  {
    name: 'Restarts',
    cell: (pod) =>
      String(
        listAt(pod, 'status', 'containerStatuses').reduce<number>(
          (sum, s) => sum + (numberAt(s, 'restartCount') ?? 0),
          0,
        ),
      ),
  },
  age,
  wide({ name: 'IP', cell: (pod) => textAt(pod, 'status', 'podIP') ?? '<none>' }),
  wide({ name: 'Node', cell: (pod) => textAt(pod, 'spec', 'nodeName') ?? '<none>' }),
];

const columns: Readonly<Record<string, readonly Column[]>> = {
  Namespace: [path('Status', 'status', 'phase'), age],
  Pod: podColumns,
  Event: [
    { name: 'Last Seen', cell: (event, now) => ageSince(textAt(event, 'lastTimestamp'), now) },
    path('Type', 'type'),
    path('Reason', 'reason'),
    {
      name: 'Object',
      cell: (event) =>
        `${(textAt(event, 'involvedObject', 'kind') ?? '').toLowerCase()}/${textAt(event, 'involvedObject', 'name') ?? ''}`,
    },
    path('Message', 'message'),
  ],
  ConfigMap: [{ name: 'Data', type: 'integer', cell: (object) => Object.keys(objectAt(object, 'data')).length }, age],
  Secret: [
    path('Type', 'type'),
    { name: 'Data', type: 'integer', cell: (object) => Object.keys(objectAt(object, 'data')).length },
    age,
  ],
  Deployment: [
    {
      name: 'Ready',
      cell: (object) =>
        `${numberAt(object, 'status', 'readyReplicas') ?? 0}/${numberAt(object, 'spec', 'replicas') ?? 0}`,
    },
    count('Up-to-date', 'status', 'updatedReplicas'),
    count('Available', 'status', 'availableReplicas'),
    age,
    ...templateColumns,
  ],
  ReplicaSet: [
    count('Desired', 'spec', 'replicas'),
    count('Current', 'status', 'replicas'),
    count('Ready', 'status', 'readyReplicas'),
    age,
    ...templateColumns,
  ],
  GitRepository: [path('URL', 'spec', 'url'), age, ready, status],
  Kustomization: [age, ready, status],
  ImageRepository: [
    path('Image', 'spec', 'image'),
    path('Tags', 'status', 'lastScanResult', 'tagCount'),
    ready,
    status,
    wide(path('Last scan', 'status', 'lastScanResult', 'scanTime')),
    age,
  ],
  ImagePolicy: [
    path('Image', 'status', 'latestRef', 'name'),
    path('Tag', 'status', 'latestRef', 'tag'),
    ready,
    status,
    age,
  ],
  ImageUpdateAutomation: [ready, status, wide(path('Last run', 'status', 'lastAutomationRunTime')), age],
  CustomResourceDefinition: [path('Created At', 'metadata', 'creationTimestamp')],
};

/** `include`: what each row carries of its object, as the query parameter `includeObject` asks. */
export function formatTable(
  kind: string,
  items: readonly KubeObject[],
  { metadata, include, now }: { readonly metadata: JsonObject; readonly include: string; readonly now: number },
): JsonObject {
  const shown = [nameColumn, ...(columns[kind] ?? [age])];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: shown.map(({ name, type = 'string', shown }) => ({
      name,
      type,
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: shown === 'wide' ? 1 : 0,
    })),
    rows: items.map((item) => ({
      cells: shown.map(({ cell }) => cell(item, now)),
      ...(include === 'None' ? {} : { object: include === 'Object' ? item : partial(item) }),
    })),
  };
}

export function partial(object: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** Whether an answer may be a table or bare metadata, by the request's Accept header. */
export function shapeAsked(accept: string): 'Table' | 'PartialObjectMetadata' | 'object' {
  if (/;as=Table\b/.test(accept)) return 'Table';
  return /;as=PartialObjectMetadata(?:List)?\b/.test(accept) ? 'PartialObjectMetadata' : 'object';
}
