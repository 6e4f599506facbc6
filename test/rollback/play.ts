// What a team does with a shop, one act after another: a newer build goes out, and it is rolled back. Every act ends with what is
// seen, however long the machine takes for it.
import assert from 'node:assert/strict';
import type { WayName } from '../../src/changes/plan';
import { runGit } from '../../src/lab/git/labGit';
import type { Placement } from '../../src/model/fleet';
import { valueOf } from '../../src/model/reading';
import type { OpenedStack } from '../live/stack/openStack';
import { bootstrap, pushBuild, type Shop } from './shop';
import { gatherTeam, type Team } from './team';

export const isRunning =
  (tag: string) =>
  ({ running, chain }: Placement): boolean =>
    valueOf(running)?.tag === tag && chain.find(({ name }) => name === 'rolled out')?.link.state === 'done';

const isWritten =
  (tag: string) =>
  ({ written }: Placement): boolean =>
    valueOf(written)?.tag === tag;

/** Flux has all of them, and each runs its older version. */
export async function openShops(stack: OpenedStack, shops: readonly Shop[]): Promise<Team> {
  for (const shop of shops) await stack.kubectl(['apply', '--server-side', '-f', '-'], bootstrap(shop));
  const team = await gatherTeam(stack, shops);
  await team.refresh();
  await Promise.all(shops.map(async (shop) => await team.waitFor(shop, 'the older version', isRunning(shop.older))));
  return team;
}

export async function closeShops(stack: OpenedStack, shops: readonly Shop[]): Promise<void> {
  await stack.kubectl(['delete', 'namespace', '--wait=false', ...shops.map(({ name }) => name)]);
}

/** A newer build, taken up by Flux as it does; how long it takes from its tag in Git until `isTaken`, in milliseconds. */
export async function release(
  stack: OpenedStack,
  team: Team,
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

/** One commit or two, Flux asked to fetch each that it must see; when the first was pushed. */
export async function rollBack(team: Team, shop: Shop, way: WayName): Promise<number> {
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
    plan.second === 'selected' ? valueOf(selected)?.tag === shop.older : holds.some(({ kind }) => kind === 'suspended'),
  );
  const back = team.planMarkersBack(shop);
  assert.ok(back.kind === 'commit', `${shop.name}: ${JSON.stringify(back)}`);
  await team.write(shop, back, () => team.planMarkersBack(shop));
  await team.nudge(shop, 'GitRepository');
  return pushedAt;
}

/** The bad version fails its health check: rolled back in Git, and undone in the cluster beside it. */
export async function rollBackStuck(team: Team, shop: Shop): Promise<number> {
  const plan = team.plan(shop, 'exclude');
  assert.ok(plan.kind === 'commit', JSON.stringify(plan));
  assert.match(plan.summary.join('\n'), /waits for the health of what it has applied/);
  const writing = rollBack(team, shop, 'exclude');
  await team.undo(shop);
  const pushedAt = await writing;
  await team.waitFor(shop, 'the older version again', ({ chain }) => chain.every(({ link }) => link.state === 'done'));
  return Date.now() - pushedAt;
}

/** What the branch has said of production's tag, newest first, each with who said it. */
export async function tagsIn({ repository }: Shop): Promise<readonly string[]> {
  const log = await runGit(['log', '--format=%H %an', 'main'], { cwd: repository });
  const told: string[] = [];
  for (const line of log.trim().split('\n')) {
    const [hash = '', author = ''] = line.split(' ');
    const text = await runGit(['show', `${hash}:apps/production/kustomization.yaml`], { cwd: repository });
    told.push(`${/newTag: (\S+)/.exec(text)?.[1] ?? ''} ${author}`);
  }
  return told;
}
