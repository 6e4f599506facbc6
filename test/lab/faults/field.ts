// A world in which many deliveries stand side by side, each in a namespace and a repository of its own: the practice lab's
// parts, or a real control plane. Both are asked over their API alone.
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/base/clock';
import { kubeReader } from '../../../src/base/kubernetes/client';
import { connectCluster } from '../../../src/base/kubernetes/connection';
import type { ClusterFacts } from '../../../src/model/facts';
import { readClusterOnce } from '../../../src/sources/clusterOnce';
import type { Access, KubeApi } from '../../live/stack/kubeApi';

export interface Field {
  /** Begins every name that is made here: others may be at work in the same world. */
  readonly prefix: string;
  readonly api: KubeApi;
  readonly registry: { readonly host: string; readonly url: string };
  readonly git: { readonly baseUrl: string; readonly root: string };
  /** As it is after the question; many who ask at once are answered by one look. */
  cluster(): Promise<ClusterFacts>;
  close(): Promise<void>;
}

export interface Lookout {
  readonly look: () => Promise<ClusterFacts>;
  dispose(): void;
}

/** What one context shows; it looks again no sooner than `restMs` after it has looked. */
export function lookAt({ server, certificate, token }: Access, restMs: number): Lookout {
  const connection = connectCluster({
    context: 'field',
    server,
    sign: () =>
      Promise.resolve({
        ...(certificate === undefined ? {} : { ca: certificate }),
        headers: { authorization: `Bearer ${token ?? ''}` },
      }),
    renew: () => false,
  });
  const reader = kubeReader(connection);
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<ClusterFacts> | undefined;
  const lookOnce = async (before: Promise<unknown>): Promise<ClusterFacts> => {
    await before.catch(() => {});
    await sleep(restMs);
    last = next ?? last;
    next = undefined;
    return await readClusterOnce(reader, systemClock, AbortSignal.timeout(60_000));
  };
  return {
    look: () => (next ??= lookOnce(last)),
    dispose: () => connection.dispose(),
  };
}
