// The pen of one cluster: merge patches under our own field manager, as Flux's own command line makes them.
import { asArray, asNumber, asObject, asString, type JsonObject } from '../base/json';
import type { KubeReader, KubeWriter, Resource } from '../base/kubernetes/client';
import { ClusterError } from '../base/kubernetes/clusterProblem';
import type { ClusterPen, RolloutUndo } from '../changes/applyCluster';
import type { ObjectReference } from '../model/flux';
import { ProblemError } from '../model/problem';

export interface PenTools {
  readonly reader: Pick<KubeReader, 'context' | 'servedVersions' | 'get' | 'isAllowed'>;
  readonly writer: KubeWriter;
}

/** What `run` needs is open while it runs. Rejects before anything is opened where nothing may be written. */
export type WithCluster = <T>(run: (tools: PenTools) => Promise<T>) => Promise<T>;

const groups: Readonly<Record<string, readonly [group: string, plural: string]>> = {
  GitRepository: ['source.toolkit.fluxcd.io', 'gitrepositories'],
  OCIRepository: ['source.toolkit.fluxcd.io', 'ocirepositories'],
  Bucket: ['source.toolkit.fluxcd.io', 'buckets'],
  Kustomization: ['kustomize.toolkit.fluxcd.io', 'kustomizations'],
  ImageRepository: ['image.toolkit.fluxcd.io', 'imagerepositories'],
  ImagePolicy: ['image.toolkit.fluxcd.io', 'imagepolicies'],
  ImageUpdateAutomation: ['image.toolkit.fluxcd.io', 'imageupdateautomations'],
};
const deployments: Resource = { group: 'apps', version: 'v1', plural: 'deployments' };
/** Its status may be written between our reading and our writing, again and again while pods come and go. */
const maximumAttempts = 5;

export function clusterPen(withCluster: WithCluster): ClusterPen {
  const patch = async (object: ObjectReference, change: JsonObject, signal: AbortSignal): Promise<void> =>
    await withCluster(async ({ reader, writer }) => {
      const resource = await resourceOf(reader, object, signal);
      await writer.patch(resource, object.namespace, object.name, change, signal);
    });
  return {
    requestReconcile: async (object, token, signal) =>
      await patch(object, { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } }, signal),
    setSuspension: async (object, suspension, signal) =>
      await patch(object, { spec: { suspend: suspension === 'suspended' } }, signal),
    mayChange: async ({ kind, namespace }, signal) => {
      const [group, plural] = kind === 'Deployment' ? [deployments.group, deployments.plural] : (groups[kind] ?? []);
      if (group === undefined || plural === undefined) return false;
      return await withCluster(
        async ({ reader }) => await reader.isAllowed({ verb: 'patch', group, plural, namespace }, signal),
      );
    },
    undoRollout: async (undo, signal) => await withCluster(async (tools) => await undoRollout(tools, undo, signal)),
  };
}

async function undoRollout({ reader, writer }: PenTools, undo: RolloutUndo, signal: AbortSignal): Promise<void> {
  const { namespace, name } = undo.deployment;
  for (let attempt = 1; ; attempt += 1) {
    const live = await reader.get(deployments, namespace, name, signal);
    const change = undoOf(live, undo);
    try {
      await writer.patch(deployments, namespace, name, change, signal);
      return;
    } catch (error) {
      const isConflict = error instanceof ClusterError && error.status === 409;
      if (!isConflict || attempt === maximumAttempts) throw error;
    }
  }
}

/** A merge patch replaces lists whole, so it holds the containers as they are, and names the version it was made from. */
function undoOf(live: JsonObject, { deployment, images, generation }: RolloutUndo): JsonObject {
  const meta = asObject(live['metadata']);
  const podSpec = asObject(asObject(asObject(live['spec'])?.['template'])?.['spec']);
  const missing = new Set(images.keys());
  const withImages = (containers: unknown): readonly JsonObject[] =>
    asArray(containers).flatMap((item) => {
      const container = asObject(item) ?? {};
      const containerName = asString(container['name']) ?? '';
      const image = images.get(containerName);
      missing.delete(containerName);
      return [image === undefined ? container : { ...container, image }];
    });
  const lists = Object.fromEntries(
    ['containers', 'initContainers']
      .filter((list) => podSpec?.[list] !== undefined)
      .map((list) => [list, withImages(podSpec?.[list])]),
  );
  if (asNumber(meta?.['generation']) !== generation || missing.size > 0) {
    throw new ProblemError({
      code: 'base-moved',
      message: `The Deployment ${deployment.namespace}/${deployment.name} was changed meanwhile. Look at it again and repeat the command.`,
    });
  }
  return { metadata: { resourceVersion: meta?.['resourceVersion'] }, spec: { template: { spec: lists } } };
}

async function resourceOf(
  reader: Pick<KubeReader, 'context' | 'servedVersions'>,
  { kind, namespace, name }: ObjectReference,
  signal: AbortSignal,
): Promise<Resource> {
  const [group, plural] = groups[kind] ?? [];
  if (group === undefined || plural === undefined) {
    throw new ProblemError({
      code: 'kind-not-read',
      message: `${kind} ${namespace}/${name} cannot be changed from here. Wait for its interval.`,
    });
  }
  const [version] = await reader.servedVersions(group, signal);
  if (version !== undefined) return { group, plural, version };
  throw new ProblemError({
    code: 'kind-not-served',
    message: `The cluster ${reader.context} does not serve ${group}: this part of Flux is not installed there.`,
  });
}
