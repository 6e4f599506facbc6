// The Environments view the other way round: services, and under each the environments that it runs in.
import { groupBy } from '../model/collections';
import type { Fleet } from '../model/fleet';
import { servicesBefore } from './promotionSource';
import { type Row, RowMemory, worstState } from './rows';

/** Hand in one `memory` where rows are drawn again and again. */
export function rowsByService(fleet: Fleet, now: number, memory: RowMemory = new RowMemory()): readonly Row[] {
  memory.now = now;
  const promotable = new Map(fleet.environments.map(({ name }) => [name, servicesBefore(fleet, name)]));
  const all = fleet.environments.flatMap(({ placements }) => placements);
  return [...groupBy(all, ({ service }) => service)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, members]) => {
      const children = memory.draw(
        service,
        members,
        ({ environment }) => environment,
        ({ environment }) => promotable.get(environment)?.has(service) === true,
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
