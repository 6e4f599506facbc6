// What an empty view says instead of rows. Each state has its own welcome content in the manifest, with the next step.
import type { Facts } from '../model/facts';
import type { Fleet } from '../model/fleet';
import type { ProblemCode } from '../model/problem';
import { problemOf, valueOf } from '../model/reading';

/** The trouble that has welcome content of its own. */
const welcomed = [
  'git-missing',
  'git-not-a-repository',
  'git-no-remote',
  'git-detached',
  'git-unborn',
  'git-ref-missing',
] as const satisfies readonly ProblemCode[];

/** `unreadable`: files that could have shown something were left out. `failed`: only the log can say more. */
export type ViewState = 'loading' | 'ready' | 'not-flux' | 'unreadable' | 'failed' | (typeof welcomed)[number];

export function deriveViewState(facts: Facts, fleet: Fleet): ViewState {
  if (fleet.environments.length > 0) return 'ready';
  const contents = facts.repositories.map(({ content }) => content);
  const isLoading = contents.some((content) => problemOf(content)?.code === 'not-read-yet');
  if (contents.length === 0 || isLoading) return 'loading';
  const read = contents.flatMap((content) => valueOf(content) ?? []);
  if (read.some(({ manifests }) => manifests.problems.length > 0)) return 'unreadable';
  if (read.length > 0) return 'not-flux';
  const code = problemOf(contents[0])?.code;
  return welcomed.find((one) => one === code) ?? 'failed';
}
