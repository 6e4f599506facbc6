// A rollback stays, on the real Flux: five intervals of the automation later it is still in place, by every way that holds, for
// every kind of policy, with one automation for each environment and with one for all. A plain revert does not stay.
// How fast it is: `npm run bench rollback`.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { WayName } from '../../src/changes/plan';
import type { Placement } from '../../src/model/fleet';
import { valueOf } from '../../src/model/reading';
import { makeTemporaryFolder, removeTemporaryFolder } from '../lab/temporaryFolder';
import { until } from '../lab/until';
import { type OpenedStack, openStack } from '../live/stack/openStack';
import { closeShops, isRunning, openShops, release, rollBack, rollBackStuck, tagsIn } from './play';
import { type Automations, automationIntervalMs, bot, type Order, openShop, type Shop } from './shop';
import type { Team } from './team';

interface Case {
  readonly way: WayName;
  readonly order: Order;
  readonly automations: Automations;
}

const cases = (['exclude', 'pin', 'suspend'] as const).flatMap((way) =>
  (['timestamp', 'semver', 'alphabetical'] as const).flatMap((order) =>
    (['each', 'all'] as const).map((automations): Case => ({ way, order, automations })),
  ),
);

const holdOf: Partial<Readonly<Record<WayName, string>>> = {
  exclude: 'excluded',
  pin: 'pinned',
  suspend: 'suspended',
};

describe('a rollback on the real Flux', function () {
  this.timeout(600_000);
  let folder = '';
  let stack: OpenedStack;
  let team: Team;
  let stuck: Shop;
  let reverted: Shop;
  const shops = new Map<Case, Shop>();
  const all = (): readonly Shop[] => [stuck, reverted, ...shops.values()];

  before(async () => {
    stack = await openStack();
    folder = await makeTemporaryFolder();
    const run = Date.now().toString(36).slice(-4);
    const open = async (name: string, order: Order, automations: Automations, isBroken = false): Promise<Shop> =>
      await openShop(stack, { name: `rb-${run}-${name}`, order, automations, folder, isBroken });
    stuck = await open('stuck', 'timestamp', 'each', true);
    reverted = await open('reverted', 'timestamp', 'each');
    for (const one of cases)
      shops.set(one, await open(`${one.way}-${one.order}-${one.automations}`, one.order, one.automations));
    team = await openShops(stack, all());
  });
  after(async () => {
    await closeShops(stack, all());
    team.close();
    await removeTemporaryFolder(folder);
    await stack.close();
  });

  it('with the emergency undo beside it does not wait for the health check of the bad version', async () => {
    await release(stack, team, stuck, ({ blockage }) => blockage !== undefined);
    const { blockage } = team.look(stuck);
    const left = (blockage?.until ?? 0) - Date.now();
    assert.ok(left > 0 && left <= 120_000, `${left} ms left`);
    await rollBackStuck(team, stuck);
    assert.deepEqual(
      (await tagsIn(stuck)).map((line) => line.split(' ')[0]),
      [stuck.older, stuck.newer, stuck.newer, stuck.older],
    );
  });

  it('shows a plain revert to be undone', async () => {
    await release(stack, team, reverted);
    const plan = team.plan(reverted, 'write');
    assert.ok(plan.kind === 'commit');
    assert.match(plan.summary.join('\n'), /Flux writes .* again at its automation's next run \(every 10 s\)/);
    await team.write(reverted, plan, () => team.plan(reverted, 'write'));
    await until(async () => (await tagsIn(reverted))[0] === `${reverted.newer} ${bot}`, {
      timeoutMs: 12 * automationIntervalMs,
      what: 'the automation to undo the revert',
    });
    await team.waitFor(reverted, 'the undone revert', ({ undone }) => undone?.tag === reverted.newer);
  });

  it(`is still in place after five intervals of the automation: ${cases.length} of them side by side`, async () => {
    await Promise.all(
      [...shops].map(async ([{ way }, shop]) => {
        await release(stack, team, shop);
        await rollBack(team, shop, way);
        await team.waitFor(shop, 'the older version again', isRunning(shop.older));
      }),
    );
    const since = Date.now();
    const active = [...shops].filter(([{ way }]) => way !== 'suspend').map(([, shop]) => shop);
    await until(() => active.every((shop) => (team.lastRunOf(shop) ?? 0) - since >= 5 * automationIntervalMs), {
      timeoutMs: 30 * automationIntervalMs,
      what: 'every automation to have run for five of its intervals',
    });
    await team.refresh();
    const failures: string[] = [];
    for (const [{ way }, shop] of shops) {
      const placement = team.look(shop);
      const told = await tagsIn(shop);
      // Ada's first commit made the repository; her next one began the rollback.
      const pushed = told.slice(0, -1).findLastIndex((line) => line.endsWith(' Ada'));
      const isClean = told.slice(0, pushed).every((line) => line.startsWith(`${shop.older} `));
      if (!isInPlace(placement, way, shop) || !isClean)
        failures.push(`${shop.name}: ${describePlacement(placement)}, ${told.join(' < ')}`);
    }
    assert.deepEqual(failures, []);
  });
});

function isInPlace({ written, running, selected, holds }: Placement, way: WayName, { older }: Shop): boolean {
  // A suspended automation writes nothing, whatever is selected.
  const told = way === 'suspend' ? [written, running] : [written, running, selected];
  return told.every((reading) => valueOf(reading)?.tag === older) && holds.some(({ kind }) => kind === holdOf[way]);
}

function describePlacement({ written, running, selected, holds }: Placement): string {
  const tags = Object.entries({ written, running, selected }).map(
    ([name, reading]) => `${name} ${valueOf(reading)?.tag}`,
  );
  return [...tags, ...holds.map(({ text }) => text)].join(', ');
}
