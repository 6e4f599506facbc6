// The Environments view the other way round: services, and under each the environments that it runs in.
import { groupBy } from '../model/collections';
import type { Fleet } from '../model/fleet';
import { placementRow, type Row, worstState } from './rows';

export function rowsByService(fleet: Fleet, now: number): readonly Row[] {
  const all = fleet.environments.flatMap((environment) =>
    environment.placements.map((placement) => ({ environment, placement })),
  );
  return [...groupBy(all, ({ placement }) => placement.service)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, members]) => {
      const children = members.map(({ environment, placement }) =>
        placementRow(placement, fleet, now, environment.name),
      );
      const state = worstState(children);
      const count = children.length === 1 ? '1 environment' : `${children.length} environments`;
      return {
        id: `service:${service}`,
        kind: 'service',
        label: service,
        description: count,
        state,
        tooltip: [`Service ${service}`],
        spoken: `${service}, ${count}, ${state}`,
        children,
        traits: [],
      };
    });
}
