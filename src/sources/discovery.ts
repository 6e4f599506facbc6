// In which version a cluster serves a kind. Asked once per group for all its kinds; asked again after a while, for kinds come
// and go with Flux's upgrades. Versions are never assumed: Flux 2.9 serves only v1, Flux 2.0 only betas of some kinds.
import { type Clock, elapsed } from '../base/clock';
import type { KubeReader, ServedResource } from '../base/kubernetes/client';
import { type Problem, ProblemError } from '../model/problem';

export interface WantedKind {
  readonly group: string;
  readonly kind: string;
}

/** Newest first; what a later Flux may add is not known to the decoders. */
const readableVersions: readonly string[] = ['v1', 'v1beta2', 'v1beta1'];
const rememberedMs = 10_000;

export interface Discovery {
  /** Rejects with a `kind-not-served` problem, or with the cluster's own trouble. */
  find(wanted: WantedKind, signal: AbortSignal): Promise<ServedResource>;
  /** Its versions are asked for again at once: a kind of it is served no more. */
  forget(group: string): void;
}

export function discovery(
  reader: Pick<KubeReader, 'context' | 'servedVersions' | 'servedResources'>,
  clock: Clock,
): Discovery {
  const remembered = new Map<string, { readonly at: number; readonly answer: Promise<readonly ServedResource[]> }>();

  const ask = async (group: string, signal: AbortSignal): Promise<readonly ServedResource[]> => {
    const versions = await reader.servedVersions(group, signal);
    const found: ServedResource[] = [];
    for (const version of readableVersions.filter((candidate) => versions.includes(candidate))) {
      const resources = await reader.servedResources(group, version, signal);
      found.push(...resources.filter(({ kind }) => !found.some((known) => known.kind === kind)));
    }
    return found;
  };

  return {
    forget: (group) => remembered.delete(group),
    find: async ({ group, kind }, signal) => {
      let entry = remembered.get(group);
      if (entry === undefined || elapsed(clock, entry.at) > rememberedMs) {
        entry = { at: clock.now(), answer: ask(group, signal) };
        remembered.set(group, entry);
        // A failure is not worth remembering; whoever waits for the answer sees it.
        entry.answer.catch(() => remembered.delete(group));
      }
      const resource = (await entry.answer).find((candidate) => candidate.kind === kind);
      if (resource === undefined) throw new ProblemError(notServed(reader.context, group, kind));
      return resource;
    },
  };
}

function notServed(context: string, group: string, kind: string): Problem {
  const isImageGroup = group === 'image.toolkit.fluxcd.io';
  const next = isImageGroup
    ? "Install Flux's image controllers there (flux install --components-extra=image-reflector-controller,image-automation-controller), or choose another context."
    : 'Install Flux there (flux check --pre), or choose another context.';
  return { code: 'kind-not-served', message: `The cluster ${context} has no ${kind} (${group}). ${next}` };
}
