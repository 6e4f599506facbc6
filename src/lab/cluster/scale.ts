// The scale subresource: a workload's replica count as an object of its own. Source: autoscaling/v1 Scale.
import { type Json, type JsonObject, numberAt, objectAt } from './json';
import { asObject, type KubeObject } from './object';
import { badRequest } from './status';

export function scaleOf(workload: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  const labels = Object.entries(objectAt(workload, 'spec', 'selector', 'matchLabels'));
  const metadata: JsonObject = { name, namespace, uid, resourceVersion, creationTimestamp };
  return asObject({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: { replicas: numberAt(workload, 'spec', 'replicas') ?? 0 },
    status: {
      replicas: numberAt(workload, 'status', 'replicas') ?? 0,
      selector: labels.map(([key, value]) => `${key}=${JSON.stringify(value).slice(1, -1)}`).join(','),
    },
  });
}

/** The workload with the scale's replica count. */
export function withScale(workload: KubeObject, scale: Json): KubeObject {
  const { metadata } = asObject(scale);
  const replicas = numberAt(scale, 'spec', 'replicas') ?? 0;
  if (!Number.isInteger(replicas) || replicas < 0) throw badRequest('spec.replicas must be 0 or more');
  const version = metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion };
  return {
    ...workload,
    metadata: { ...workload.metadata, ...version },
    spec: { ...workload.spec, replicas },
  };
}
