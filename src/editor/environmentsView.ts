// The Environments view: by environment, or by service.
import type * as vscode from 'vscode';
import { RowMemory, rowsByEnvironment } from '../fleet/rows';
import { rowsByService } from '../fleet/rowsByService';
import { deriveViewMessage } from '../fleet/viewMessage';
import { type RowTree, registerRowTree } from './rowTree';
import type { World } from './world';

export type Grouping = 'environment' | 'service';

const key = 'fluxPromote.grouping';

export function rememberedGrouping(state: vscode.Memento): Grouping {
  return state.get(key) === 'service' ? 'service' : 'environment';
}

export async function rememberGrouping(state: vscode.Memento, grouping: Grouping): Promise<void> {
  await state.update(key, grouping);
}

export function registerEnvironmentsView(world: World, grouping: () => Grouping): RowTree {
  const memories: Readonly<Record<Grouping, RowMemory>> = {
    environment: new RowMemory(),
    service: new RowMemory(),
  };
  return registerRowTree({
    id: 'fluxPromote.environments',
    world,
    rows: (now) =>
      grouping() === 'service'
        ? rowsByService(world.fleet, now, memories.service)
        : rowsByEnvironment(world.fleet, now, memories.environment),
    decorate: (view, now) => {
      // An empty line is none.
      view.message = deriveViewMessage(world.facts, world.fleet, now) ?? '';
    },
  });
}
