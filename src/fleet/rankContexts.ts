// Which context of a kubeconfig an environment most likely lives in, from names alone: nothing is asked before it is chosen.
import type { Environment } from '../model/fleet';
import { environmentWordsOf, isOtherEnvironment } from './environments';

export interface ContextChoice {
  readonly name: string;
  readonly cluster?: string;
  /** The one that the context names for commands without. */
  readonly namespace?: string;
  /** Its server's certificate is not checked. */
  readonly isUnchecked?: boolean;
}

/** Likeliest first for all the environments together; as in the kubeconfig where nothing tells them apart. */
export function rankContexts<T extends ContextChoice>(
  contexts: readonly T[],
  environments: readonly Pick<Environment, 'name' | 'placements'>[],
): readonly T[] {
  const likelihood = (context: T): number => environments.reduce((sum, one) => sum + likelihoodOf(context, one), 0);
  return contexts
    .map((context) => ({ context, likelihood: likelihood(context) }))
    .toSorted((one, other) => other.likelihood - one.likelihood)
    .map(({ context }) => context);
}

function likelihoodOf(
  { name, cluster = '', namespace }: ContextChoice,
  environment: Pick<Environment, 'name' | 'placements'>,
): number {
  const [own, ...aliases] = environmentWordsOf(environment.name);
  const namespaces = environment.placements.flatMap(({ workload }) => workload?.namespace ?? []);
  const speaksOf = (word: string): boolean => [name, cluster].some((text) => hasWord(text, word));
  return (
    (own !== undefined && speaksOf(own) ? 4 : 0) +
    (aliases.some(speaksOf) ? 2 : 0) +
    (namespace !== undefined && namespaces.includes(namespace) ? 3 : 0) -
    (isOtherEnvironment(name, environment.name) ? 4 : 0)
  );
}

/** As a part between separators: `prod` is none of `reproduction`. */
function hasWord(text: string, word: string): boolean {
  return `-${text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-`.includes(`-${word.toLowerCase()}-`);
}
