import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { conditionsOf } from '../../../src/lab/controllers/conditions';
import { patience, startWorld } from './world';

const others = ['one', 'two', 'three'];

describe('automations that push to one branch', function () {
  this.timeout(patience.testMs);

  it('race; the loser says so, tries again, and every line ends up right', async () => {
    const world = await startWorld({
      tags: ['production-v0.0.1-100'],
      files: (files) => {
        const automation = files['apps/production/automation.yaml'] ?? '';
        const all = { ...files };
        for (const name of others) {
          all[`apps/${name}/values.yaml`] = 'tag: production-v0.0.1-100 # {"$imagepolicy": "production:backend:tag"}\n';
          all[`apps/production/${name}.yaml`] = automation
            .replace('name: backend', `name: ${name}`)
            .replace('./apps/production', `./apps/${name}`);
        }
        all['apps/production/kustomization.yaml'] = (files['apps/production/kustomization.yaml'] ?? '').replace(
          '  - automation.yaml\n',
          ['automation', ...others].map((name) => `  - ${name}.yaml\n`).join(''),
        );
        return all;
      },
    });
    try {
      const failures = new Set<string>();
      const unwatch = world.watch('ImageUpdateAutomation', (object) => {
        const [ready, reconciling] = conditionsOf(object);
        if (ready?.status === 'False') failures.add(`${ready.reason}: ${ready.message} (${reconciling?.reason})`);
      });
      await world.wait('all automations', () =>
        ['backend', ...others].every((name) => {
          const object = world.get('ImageUpdateAutomation', name);
          return object !== undefined && conditionsOf(object)[0]?.status === 'True';
        }),
      );
      for (let round = 2; failures.size === 0 && round < 8; round += 1) {
        const tag = `production-v0.0.${round}-${round}00`;
        await world.pushTag(tag);
        await world.wait(`${tag} in every file`, async () => {
          const texts = await Promise.all(others.map((name) => world.remoteText(`apps/${name}/values.yaml`)));
          return (await world.writtenTag()) === tag && texts.every((text) => text.startsWith(`tag: ${tag} `));
        });
      }
      unwatch();
      const why =
        'failed to update source: failed to push to remote: command error on refs/heads/main: failed to update ref';
      assert.deepEqual([...failures], [`GitOperationFailed: ${why} (ProgressingWithRetry)`]);
      assert.deepEqual(world.bugs, []);
    } finally {
      await world.stop();
    }
  });
});
