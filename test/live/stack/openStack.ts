import { join } from 'node:path';
import { workFolder } from '../../../scripts/paths';
import { isServing } from './reach';
import { startStack } from './stack';
import { readStackState, type Stack, stackOf, stateFile } from './stackState';

/** Names the state file of the stack that `npm run test:live` has started for all test files. */
export const stackVariable = 'FLUX_PROMOTE_LIVE_STACK';
/** The stack of `npm run live:up`. */
export const liveFolder = join(workFolder, 'live');

export interface OpenedStack extends Stack {
  /** Lets go of it; a stack that was started here ends. */
  close(): Promise<void>;
}

/**
 * The stack that runs already, of `npm run test:live` or `npm run live:up`; else one of its own. It is shared: take namespaces,
 * repositories and images of your own, and leave its processes alone. Who must kill one takes `startStack`.
 */
export async function openStack(): Promise<OpenedStack> {
  const state = await readStackState(process.env[stackVariable] ?? stateFile(liveFolder));
  if (state !== undefined && (await isServing(`${state.registry.url}/v2/`))) {
    return { ...stackOf(state), close: () => Promise.resolve() };
  }
  const own = await startStack();
  return { ...own, close: own.stop };
}
