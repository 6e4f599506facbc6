import { describe } from 'mocha';
import { goThroughCalmly } from '../lab/explain/soundChanges';
import { openPracticeWorld } from './practiceWorld';
import { startStack } from './stack/stack';

describe('sound changes on the real Flux', function () {
  this.timeout(600_000);
  goThroughCalmly(async () => {
    const stack = await startStack();
    const practice = await openPracticeWorld(stack);
    return {
      ...practice,
      kubeconfig: stack.kubeconfig,
      context: stack.context,
      registryUrl: stack.registry.url,
      gitUrl: `${stack.git.baseUrl}/flux.git`,
      patienceMs: 180_000,
      stop: async () => {
        await practice.stop();
        await stack.stop();
      },
    };
  });
});
