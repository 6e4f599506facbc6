import type { KubeReader } from '../base/kubernetes/client';
import { decodePod } from '../manifests/workloads';
import type { Pod } from '../model/flux';
import { ProblemError } from '../model/problem';

const pods = { group: '', version: 'v1', plural: 'pods' };
const most = 50;
/** Where `flux install` puts its controllers. */
const usualNamespace = 'flux-system';

/**
 * The pods of one of Flux's controllers, by the label of Flux's own manifests: in the whole cluster, or where that is not
 * allowed in Flux's usual namespace. Rejects with a problem.
 */
export async function readControllerPods(
  reader: Pick<KubeReader, 'list'>,
  controller: string,
  signal: AbortSignal,
): Promise<readonly Pod[]> {
  const part = { labelSelector: `app=${controller}`, limit: most };
  const list = async (namespace?: string): Promise<readonly Pod[]> => {
    const where = namespace === undefined ? part : { ...part, namespace };
    const { items } = await reader.list(pods, where, signal);
    return items.flatMap((item) => decodePod(item) ?? []).filter(({ meta }) => meta.deletion === undefined);
  };
  try {
    return await list();
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== 'cluster-forbidden') throw error;
    return await list(usualNamespace);
  }
}
