import { numberAt, textAt } from '../cluster/json';
import type { Store } from '../cluster/store';

/**
 * Why no more pods may be made in a namespace, in the API server's words; undefined where they may. Of a ResourceQuota the lab
 * knows the number of pods alone. Source: Kubernetes' pkg/quota, apiserver/pkg/admission/plugin/resourcequota.
 */
export function quotaRefusal(store: Store, namespace: string): string | undefined {
  const used = store.list('Pod', { namespace }).items.length;
  for (const quota of store.list('ResourceQuota', { namespace }).items) {
    const hard = numberAt(quota, 'spec', 'hard', 'pods') ?? Number(textAt(quota, 'spec', 'hard', 'pods'));
    if (used + 1 <= hard || Number.isNaN(hard)) continue;
    return `exceeded quota: ${quota.metadata.name}, requested: pods=1, used: pods=${used}, limited: pods=${hard}`;
  }
  return undefined;
}
