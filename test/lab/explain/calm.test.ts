import assert from 'node:assert/strict';
import { describe } from 'mocha';
import { realConstants } from '../../../src/lab/controllers/constants';
import { contextName, createLab, startLab } from '../../../src/lab/lab';
import { goThroughCalmly } from './soundChanges';

describe('sound changes in the practice lab', function () {
  this.timeout(120_000);
  goThroughCalmly(async (folder) => {
    const bugs: unknown[] = [];
    await createLab(folder, { seed: 'test' });
    const constants = { ...realConstants, healthPollMs: 200 };
    const lab = await startLab(folder, { constants, onBug: (error) => bugs.push(error) });
    const { paths, urls, state } = lab;
    return {
      ...paths,
      context: contextName,
      forge: { api: urls.forge, token: state.tokens.forge },
      registryUrl: urls.registry,
      gitUrl: `${urls.git}/flux.git`,
      patienceMs: 60_000,
      stop: async () => {
        await lab.stop();
        assert.deepEqual(bugs, []);
      },
    };
  });
});
