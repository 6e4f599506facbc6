import { asObject, asString } from '../base/json';
import type { KubeReader } from '../base/kubernetes/client';

const namespaces = { group: '', version: 'v1', plural: 'namespaces' };

/** The names of all namespaces. Rejects with a problem, `cluster-forbidden` where they may not be listed. */
export async function readNamespaces(reader: KubeReader, signal: AbortSignal): Promise<readonly string[]> {
  const names: string[] = [];
  let next: string | undefined;
  do {
    const page = await reader.list(namespaces, { limit: 500, next }, signal);
    names.push(...page.items.flatMap((item) => asString(asObject(asObject(item)?.['metadata'])?.['name']) ?? []));
    next = page.next;
  } while (next !== undefined);
  return names;
}
