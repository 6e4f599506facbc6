// Waiting for what was applied: looked at once and then at every poll, until all is Current, something has failed for good, or the
// time is over. Nothing else is looked at meanwhile. Source: fluxcd/pkg ssa/manager_wait.go (fail fast, as kustomize-controller sets).
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject, Ref } from '../cluster/object';
import type { Store } from '../cluster/store';
import { kstatusOf } from './kstatus';

export interface HealthWait {
  readonly store: Store;
  readonly refs: readonly Ref[];
  readonly pollMs: number;
  readonly timeoutMs: number;
}

interface Seen {
  readonly ref: Ref;
  readonly status: string;
}

/** Undefined when all is well, else what the condition says. Rejects when the signal fires. */
export async function awaitHealth(wait: HealthWait, signal: AbortSignal): Promise<string | undefined> {
  const deadline = Date.now() + wait.timeoutMs;
  for (;;) {
    const seen = wait.refs.map((ref) => look(wait.store, ref));
    const failed = seen.filter(({ status }) => status === 'Failed');
    if (failed.length > 0) return `failed early due to stalled resources: ${formatSeen(failed)}`;
    const pending = seen.filter(({ status }) => status !== 'Current');
    if (pending.length === 0) return undefined;
    const left = deadline - Date.now();
    if (left <= 0) return `timeout waiting for: ${formatSeen(pending)}`;
    await sleep(Math.min(left, wait.pollMs), undefined, { signal });
  }
}

function look(store: Store, ref: Ref): Seen {
  const object: KubeObject | undefined = store.get(ref);
  return { ref, status: object === undefined ? 'NotFound' : kstatusOf(object) };
}

function formatSeen(seen: readonly Seen[]): string {
  const texts = seen.map(({ ref, status }) => {
    const subject = [ref.kind, ref.namespace, ref.name].filter((part) => part !== undefined).join('/');
    return `${subject} status: '${status}'`;
  });
  return `[${texts.join(', ')}]`;
}
