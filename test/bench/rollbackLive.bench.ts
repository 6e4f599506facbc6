// A rollback on the real Flux, asked to look at Git after each commit: from the push until the older version runs.
import { makeTemporaryFolder, removeTemporaryFolder } from '../lab/temporaryFolder';
import { openStack } from '../live/stack/openStack';
import { StackUnavailable } from '../live/stack/stackUnavailable';
import { closeShops, isRunning, openShops, release, rollBack, rollBackStuck } from '../rollback/play';
import { openShop } from '../rollback/shop';
import { printFigure } from './figure';

async function measure(): Promise<void> {
  const stack = await openStack();
  const folder = await makeTemporaryFolder();
  try {
    const run = Date.now().toString(36).slice(-4);
    const open = async (name: string, isBroken: boolean) =>
      await openShop(stack, { name: `rb-${run}-${name}`, order: 'timestamp', automations: 'each', folder, isBroken });
    const [quick, stuck] = [await open('quick', false), await open('stuck', true)];
    const team = await openShops(stack, [quick, stuck]);
    try {
      const baseline = {
        name: 'one commit of the automation, until it runs',
        value: await release(stack, team, quick),
      };
      const pushedAt = await rollBack(team, quick, 'exclude');
      await team.waitFor(quick, 'the older version again', isRunning(quick.older));
      const value = Date.now() - pushedAt;
      printFigure({ name: 'old version running after the push', value, unit: 'ms', baseline, limit: 10_000 });
      await release(stack, team, stuck, ({ blockage }) => blockage !== undefined);
      printFigure({
        name: 'old version applied and healthy in spite of a failing health check, with the emergency undo',
        value: await rollBackStuck(team, stuck),
        unit: 'ms',
        baseline,
        limit: 20_000,
      });
    } finally {
      await closeShops(stack, [quick, stuck]);
      team.close();
    }
  } finally {
    await removeTemporaryFolder(folder);
    await stack.close();
  }
}

measure().catch((error: unknown) => {
  if (!(error instanceof StackUnavailable)) throw error;
  process.stdout.write(`Not measured: ${error.message}\n`);
});
