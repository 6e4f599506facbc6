// The Activity view; its badge counts what waits for a person.
import { activityRows, countWaiting } from '../fleet/activity';
import { type RowTree, registerRowTree } from './rowTree';
import type { World } from './world';

export function registerActivityView(world: World): RowTree {
  return registerRowTree({
    id: 'fluxPromote.activity',
    world,
    rows: (now) => activityRows(world.fleet, now),
    decorate: (view, now) => {
      const value = countWaiting(world.fleet, now);
      const tooltip = value === 1 ? '1 thing waits for a person' : `${value} things wait for a person`;
      view.badge = value === 0 ? undefined : { value, tooltip };
    },
  });
}
