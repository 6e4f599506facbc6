import { randomBytes } from 'node:crypto';
import { openStack } from '../../live/stack/openStack';
import { type Field, lookAt } from './field';

/** A look costs the API server eight lists, and it has two cores to share with Flux. */
const restMs = 500;

export async function openLiveField(): Promise<Field> {
  const stack = await openStack();
  const lookout = lookAt(stack.access, restMs);
  return {
    prefix: `f${randomBytes(3).toString('hex')}`,
    api: stack.api,
    registry: stack.registry,
    git: stack.git,
    cluster: lookout.look,
    close: async () => {
      lookout.dispose();
      await stack.close();
    },
  };
}
