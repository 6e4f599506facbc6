// The workloads that Flux rolls out, from plain JSON of the API or of a manifest.
import type { Container, Deployment, Pod, ReplicaSet } from '../model/flux';
import { optional } from '../model/optional';
import { at, filledTextAt, listAt, numberAt, textAt } from './fields';
import { decodeConditions, decodeMeta } from './metadata';

/** Takes items of a list answer too, which have no kind of their own. */
export function decodeDeployment(value: unknown): Deployment | undefined {
  const meta = decodeMeta(value);
  if (meta === undefined) return undefined;
  return {
    kind: 'Deployment',
    meta,
    containers: decodeContainers(at(value, 'spec', 'template', 'spec')),
    replicas: numberAt(value, 'spec', 'replicas') ?? 1,
    ...optional('matchLabels', decodeMatchLabels(value)),
    ...optional('progressDeadlineSeconds', numberAt(value, 'spec', 'progressDeadlineSeconds')),
    status: {
      observedGeneration: numberAt(value, 'status', 'observedGeneration') ?? -1,
      replicas: numberAt(value, 'status', 'replicas') ?? 0,
      updatedReplicas: numberAt(value, 'status', 'updatedReplicas') ?? 0,
      readyReplicas: numberAt(value, 'status', 'readyReplicas') ?? 0,
      availableReplicas: numberAt(value, 'status', 'availableReplicas') ?? 0,
    },
    conditions: decodeConditions(value),
  };
}

export function decodeReplicaSet(value: unknown): ReplicaSet | undefined {
  const meta = decodeMeta(value);
  if (meta === undefined) return undefined;
  return {
    kind: 'ReplicaSet',
    meta,
    containers: decodeContainers(at(value, 'spec', 'template', 'spec')),
    replicas: numberAt(value, 'spec', 'replicas') ?? 1,
    readyReplicas: numberAt(value, 'status', 'readyReplicas') ?? 0,
  };
}

export function decodePod(value: unknown): Pod | undefined {
  const meta = decodeMeta(value);
  if (meta === undefined) return undefined;
  const statuses = new Map(
    [...listAt(value, 'status', 'initContainerStatuses'), ...listAt(value, 'status', 'containerStatuses')].map(
      (status) => [textAt(status, 'name'), status],
    ),
  );
  return {
    kind: 'Pod',
    meta,
    phase: textAt(value, 'status', 'phase') ?? 'Unknown',
    ...optional('trouble', troubleOf(value)),
    ...optional('unschedulable', unschedulableOf(value)),
    containers: decodeContainers(at(value, 'spec')).map((container) => {
      const status = statuses.get(container.name);
      const reason = textAt(status, 'state', 'waiting', 'reason');
      return {
        ...container,
        imageId: textAt(status, 'imageID') ?? '',
        isReady: at(status, 'ready') === true,
        isRunning: at(status, 'state', 'running') !== undefined,
        ...optional(
          'waiting',
          reason === undefined ? undefined : { reason, message: textAt(status, 'state', 'waiting', 'message') ?? '' },
        ),
        ...optional('lastExit', lastExitOf(status)),
        restarts: numberAt(status, 'restartCount') ?? 0,
      };
    }),
  };
}

function unschedulableOf(pod: unknown): string | undefined {
  const scheduled = decodeConditions(pod).find(({ type }) => type === 'PodScheduled');
  return scheduled?.status === 'False' ? scheduled.message || scheduled.reason : undefined;
}

function troubleOf(pod: unknown): string | undefined {
  const isSo = (type: string, status: string): boolean =>
    decodeConditions(pod).some((one) => one.type === type && one.status === status);
  const parts = [filledTextAt(pod, 'status', 'reason'), filledTextAt(pod, 'status', 'message')];
  const said = parts.filter((part) => part !== undefined).join(': ');
  if (said !== '') return said;
  return isSo('ContainersReady', 'True') && isSo('Ready', 'False')
    ? 'its containers are ready and it is not: its node may be lost, or a readiness gate waits'
    : undefined;
}

function lastExitOf(status: unknown): string | undefined {
  const ended = at(status, 'state', 'terminated') ?? at(status, 'lastState', 'terminated');
  const code = numberAt(ended, 'exitCode');
  if (code === undefined) return undefined;
  // The end of its log, where its `terminationMessagePolicy` asks for that.
  const said = textAt(ended, 'message')?.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  return `${filledTextAt(ended, 'reason') ?? 'ended'}, exit code ${code}${said === '' ? '' : `: ${said}`}`;
}

function decodeMatchLabels(value: unknown): Readonly<Record<string, string>> | undefined {
  if (listAt(value, 'spec', 'selector', 'matchExpressions').length > 0) return undefined;
  const labels = Object.entries(at(value, 'spec', 'selector', 'matchLabels') ?? {});
  return labels.length === 0
    ? undefined
    : Object.fromEntries(labels.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}

/** Containers first, then init containers: the order in which `kubectl` shows them. */
function decodeContainers(podSpec: unknown): readonly Container[] {
  return [...listAt(podSpec, 'containers'), ...listAt(podSpec, 'initContainers')].flatMap((container) => {
    const name = textAt(container, 'name');
    return name === undefined ? [] : [{ name, image: textAt(container, 'image') ?? '' }];
  });
}
