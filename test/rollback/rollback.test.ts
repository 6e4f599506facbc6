// A rollback stays, on the real Flux: five intervals of the automation later it is still in place, by every way that holds, for
// every kind of policy, with one automation for each environment and with one for all. A plain revert does not stay.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { WayName } from '../../src/changes/plan';
import { runGit } from '../../src/lab/git/labGit';
import type { Placement } from '../../src/model/fleet';
import { valueOf } from '../../src/model/reading';
import { makeTemporaryFolder, removeTemporaryFolder } from '../lab/temporaryFolder';
import { until } from '../lab/until';
import { type OpenedStack, openStack } from '../live/stack/openStack';
import {
  type Automations,
  automationIntervalMs,
  bootstrap,
  bot,
  type Order,
  openShop,
  pushBuild,
  type Shop,
} from './shop';
import { gatherTeam, type Team } from './team';

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

/** On a machine that is busy with other things all of it takes longer: a rollback is two commits and a scan. */
const busy = 5;

const isRunning =
  (tag: string) =>
  ({ running, chain }: Placement): boolean =>
    valueOf(running)?.tag === tag && chain.find(({ name }) => name === 'rolled out')?.link.state === 'done';

const isWritten =
  (tag: string) =>
  ({ written }: Placement): boolean =>
    valueOf(written)?.tag === tag;

describe('a rollback on the real Flux', function () {
  this.timeout(900_000);
  let folder = '';
  let stack: OpenedStack;
  let team: Team;
  let quick: Shop;
  let stuck: Shop;
  let reverted: Shop;
  const shops = new Map<Case, Shop>();

  before(async () => {
    stack = await openStack();
    folder = await makeTemporaryFolder();
    const run = Date.now().toString(36).slice(-4);
    const open = async (name: string, order: Order, automations: Automations, isBroken = false): Promise<Shop> =>
      await openShop(stack, { name: `rb-${run}-${name}`, order, automations, folder, isBroken });
    quick = await open('quick', 'timestamp', 'each');
    stuck = await open('stuck', 'timestamp', 'each', true);
    reverted = await open('reverted', 'timestamp', 'each');
    for (const one of cases)
      shops.set(one, await open(`${one.way}-${one.order}-${one.automations}`, one.order, one.automations));
    const all = [quick, stuck, reverted, ...shops.values()];
    for (const shop of all) await stack.kubectl(['apply', '--server-side', '-f', '-'], bootstrap(shop));
    team = await gatherTeam(stack, all);
    await team.refresh();
    await Promise.all(all.map(async (shop) => await team.waitFor(shop, 'the older version', isRunning(shop.older))));
  });
  after(async () => {
    const all = [quick, stuck, reverted, ...shops.values()];
    await stack.kubectl(['delete', 'namespace', '--wait=false', ...all.map(({ name }) => name)]);
    team.close();
    await removeTemporaryFolder(folder);
    await stack.close();
  });

  /** A newer build, taken up by Flux as it does; how long one commit takes to be fetched and applied, in milliseconds. */
  async function release(
    shop: Shop,
    isTaken: (placement: Placement) => boolean = isRunning(shop.newer),
  ): Promise<number> {
    await pushBuild(stack, shop, shop.newer);
    await team.nudge(shop, 'ImageRepository');
    await team.waitFor(shop, 'the newer tag in Git', isWritten(shop.newer));
    await team.nudge(shop, 'GitRepository');
    const writtenAt = Date.now();
    await team.waitFor(shop, 'the newer version', isTaken);
    const took = Date.now() - writtenAt;
    await team.refresh();
    return took;
  }

  async function rollBack(shop: Shop, way: WayName): Promise<number> {
    const plan = team.plan(shop, way);
    assert.ok(plan.kind === 'commit', `${shop.name}: ${JSON.stringify(plan)}`);
    await team.write(shop, plan, () => team.plan(shop, way));
    const pushedAt = Date.now();
    await team.nudge(shop, 'GitRepository');
    if (plan.second === undefined) {
      await team.waitFor(shop, 'the older tag in Git', isWritten(shop.older));
      await team.nudge(shop, 'GitRepository');
      return pushedAt;
    }
    await team.waitFor(shop, `it ${plan.second}`, ({ selected, holds }) =>
      plan.second === 'selected'
        ? valueOf(selected)?.tag === shop.older
        : holds.some(({ kind }) => kind === 'suspended'),
    );
    const back = team.planMarkersBack(shop);
    assert.ok(back.kind === 'commit', `${shop.name}: ${JSON.stringify(back)}`);
    await team.write(shop, back, () => team.planMarkersBack(shop));
    await team.nudge(shop, 'GitRepository');
    return pushedAt;
  }

  /** What the branch has said of production's tag, newest first, with who said it. */
  async function tagsIn({ repository, image }: Shop): Promise<readonly string[]> {
    const file = 'apps/production/kustomization.yaml';
    const log = await runGit(['log', '--format=%H %an', 'main'], { cwd: repository });
    const told: string[] = [];
    for (const line of log.trim().split('\n')) {
      const [hash = '', author = ''] = line.split(' ');
      const text = await runGit(['show', `${hash}:${file}`], { cwd: repository });
      assert.ok(text.includes(image));
      told.push(`${/newTag: (\S+)/.exec(text)?.[1] ?? ''} ${author}`);
    }
    return told;
  }

  it('runs the older version within 10 seconds of the push', async () => {
    const hop = await release(quick);
    const pushedAt = await rollBack(quick, 'exclude');
    await team.waitFor(quick, 'the older version again', isRunning(quick.older));
    const took = Date.now() - pushedAt;
    process.stdout.write(`    old version running ${took} ms after the push; one commit takes ${hop} ms\n`);
    assert.ok(took < Math.max(10_000, busy * hop), `${took} ms`);
  });

  it('with the emergency undo within 20 seconds, where the bad version fails its health check', async () => {
    const hop = await release(stuck, ({ blockage }) => blockage !== undefined);
    const { blockage } = team.look(stuck);
    const left = (blockage?.until ?? 0) - Date.now();
    assert.ok(left > 0 && left <= 120_000, `${left} ms left`);
    const plan = team.plan(stuck, 'exclude');
    assert.ok(
      plan.kind === 'commit' && plan.summary.some((line) => /waits for the health of what it has applied/.test(line)),
    );
    const writing = rollBack(stuck, 'exclude');
    await team.undo(stuck);
    const pushedAt = await writing;
    await team.waitFor(
      stuck,
      'the older version again',
      ({ chain }) => chain.every(({ link }) => link.state === 'done'),
      60_000,
    );
    const took = Date.now() - pushedAt;
    process.stdout.write(`    old version applied and healthy ${took} ms after the push; one commit takes ${hop} ms\n`);
    assert.ok(took < Math.max(20_000, 2 * busy * hop), `${took} ms`);
  });

  it('shows a plain revert to be undone', async () => {
    await release(reverted);
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
        await release(shop);
        await rollBack(shop, way);
        await team.waitFor(shop, 'the older version again', isRunning(shop.older));
      }),
    );
    const since = Date.now();
    const running = [...shops].filter(([{ way }]) => way !== 'suspend').map(([, shop]) => shop);
    await until(() => running.every((shop) => (team.lastRunOf(shop) ?? 0) - since >= 5 * automationIntervalMs), {
      timeoutMs: 30 * automationIntervalMs,
      what: 'every automation to have run for five of its intervals',
    });
    await team.refresh();
    const failures: string[] = [];
    for (const [{ way }, shop] of shops) {
      const { written, running, selected, holds } = team.look(shop);
      const told = await tagsIn(shop);
      const pushed = told.findIndex((line) => line.endsWith(' Ada'));
      const tags = [written, running].map((reading) => valueOf(reading)?.tag);
      const isKept = tags.every((tag) => tag === shop.older);
      const isRight = way === 'suspend' || valueOf(selected)?.tag === shop.older;
      const isHeld = holds.some(
        ({ kind }) => kind === (way === 'exclude' ? 'excluded' : way === 'pin' ? 'pinned' : 'suspended'),
      );
      const afterwards = told.slice(0, pushed);
      const isClean = afterwards.every((line) => line.startsWith(shop.older));
      if (!isKept || !isRight || !isHeld || !isClean) {
        failures.push(
          `${shop.name}: ${JSON.stringify({ tags, selected: valueOf(selected)?.tag, holds: holds.map(({ text }) => text), told })}`,
        );
      }
    }
    assert.deepEqual(failures, []);
  });
});
