// What one context shows, asked once: for whoever does not stay to watch. Eight lists, and as few other requests as
// discovery needs: workloads have had one version since Kubernetes 1.9 and are not looked up.
import type { Clock } from '../base/clock';
import { asObject, type JsonObject } from '../base/json';
import type { KubeReader, Resource } from '../base/kubernetes/client';
import { decodeFluxObject } from '../manifests/fluxObjects';
import { decodeDeployment, decodePod, decodeReplicaSet } from '../manifests/workloads';
import type { ClusterFacts } from '../model/facts';
import type { FluxKind } from '../model/flux';
import { ProblemError } from '../model/problem';
import { known, type Reading, unknown } from '../model/reading';
import { discovery } from './discovery';

const pageSize = 500;

/** A kind that cannot be read is an unknown reading of its own; rejects only when cancelled, or on a bug. */
export async function readClusterOnce(reader: KubeReader, clock: Clock, signal: AbortSignal): Promise<ClusterFacts> {
  const found = discovery(reader, clock);
  const read = async <T>(
    find: () => Promise<Resource>,
    type: { readonly kind: string },
    decode: (object: JsonObject) => T | undefined,
  ): Promise<Reading<readonly T[]>> => {
    try {
      const resource = await find();
      const { group, version } = resource;
      const apiVersion = group === '' ? version : `${group}/${version}`;
      return known(
        await readAll(reader, resource, (item) => decode({ ...item, apiVersion, ...type }), signal),
        clock.now(),
      );
    } catch (error) {
      if (signal.aborted || !(error instanceof ProblemError)) throw error;
      return unknown(error.problem);
    }
  };
  const flux = <K extends FluxKind['kind']>(group: string, kind: K) =>
    read(
      () => found.find({ group, kind }, signal),
      { kind },
      (object): Extract<FluxKind, { kind: K }> | undefined => {
        const decoded = decodeFluxObject(object);
        return decoded !== undefined && isKind(decoded, kind) ? decoded : undefined;
      },
    );
  const plain = <T>(group: string, plural: string, kind: string, decode: (object: JsonObject) => T | undefined) =>
    read(() => Promise.resolve({ group, version: 'v1', plural }), { kind }, decode);
  const [gitRepositories, kustomizations, imageRepositories, imagePolicies, imageUpdateAutomations] = await Promise.all(
    [
      flux('source.toolkit.fluxcd.io', 'GitRepository'),
      flux('kustomize.toolkit.fluxcd.io', 'Kustomization'),
      flux('image.toolkit.fluxcd.io', 'ImageRepository'),
      flux('image.toolkit.fluxcd.io', 'ImagePolicy'),
      flux('image.toolkit.fluxcd.io', 'ImageUpdateAutomation'),
    ],
  );
  const [deployments, replicaSets, pods] = await Promise.all([
    plain('apps', 'deployments', 'Deployment', decodeDeployment),
    plain('apps', 'replicasets', 'ReplicaSet', decodeReplicaSet),
    plain('', 'pods', 'Pod', decodePod),
  ]);
  return {
    context: reader.context,
    gitRepositories,
    kustomizations,
    imageRepositories,
    imagePolicies,
    imageUpdateAutomations,
    deployments,
    replicaSets,
    pods,
  };
}

async function readAll<T>(
  reader: KubeReader,
  resource: Resource,
  decode: (item: JsonObject) => T | undefined,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const all: T[] = [];
  let next: string | undefined;
  do {
    const page = await reader.list(resource, { limit: pageSize, next }, signal);
    for (const item of page.items) {
      const object = asObject(item);
      const decoded = object && decode(object);
      if (decoded !== undefined) all.push(decoded);
    }
    next = page.next;
  } while (next !== undefined);
  return all;
}

function isKind<K extends FluxKind['kind']>(object: FluxKind, kind: K): object is Extract<FluxKind, { kind: K }> {
  return object.kind === kind;
}
