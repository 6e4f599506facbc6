// What a controller says of a look that has found nothing new. The scenarios of the two worlds leave it out, because how often one
// looks is chance; so it is held here.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { textAt } from '../../../src/lab/cluster/json';
import { conditionOf } from '../../../src/lab/controllers/conditions';
import { patience, startWorld, type World } from './world';

const tag = 'production-v0.0.1-100';

describe('a look that finds nothing new', function () {
  this.timeout(patience.testMs);
  let world: World;
  const told: string[] = [];

  before(async () => {
    world = await startWorld({
      tags: [tag],
      observer: {
        kinds: ['Event'],
        see: (_kind, event) => {
          told.push(`${textAt(event, 'involvedObject', 'kind')} ${textAt(event, 'type')} ${textAt(event, 'message')}`);
        },
      },
    });
    await world.wait('a rest', () => {
      const automation = world.get('ImageUpdateAutomation');
      return automation !== undefined && conditionOf(automation, 'Ready')?.status === 'True';
    });
  });
  after(() => world.stop());

  const looks: readonly (readonly [kind: string, name: string, namespace: string, words: RegExp])[] = [
    [
      'GitRepository',
      'flux-system',
      'flux-system',
      /^Normal no changes since last reconciliation: observed revision 'main@sha1:[0-9a-f]{40}'$/,
    ],
    ['ImageRepository', 'backend', 'flux-system', /^Normal tags did not change, next scan in \S+$/],
    ['ImageUpdateAutomation', 'backend', 'production', /^Normal no change since last reconciliation$/],
  ];
  for (const [kind, name, namespace, words] of looks) {
    it(`is told of a ${kind}`, async () => {
      const ready = () => {
        const object = world.get(kind, name, namespace);
        return object === undefined ? undefined : conditionOf(object, 'Ready');
      };
      const before = ready();
      await world.nudge(kind, name, namespace);
      await world.wait(`${kind} to say so`, () =>
        told.some((line) => line.startsWith(`${kind} `) && words.test(line.slice(kind.length + 1))),
      );
      assert.deepEqual(ready(), before);
      assert.deepEqual(world.bugs, []);
    });
  }
});
