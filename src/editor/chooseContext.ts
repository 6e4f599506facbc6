// Which cluster an environment lives in: chosen once, remembered for the workspace. Only chosen contexts are ever contacted,
// and the kubeconfig's own current context is never changed.
import * as vscode from 'vscode';
import type { Fleet } from '../model/fleet';

const key = 'fluxPromote.contexts';

/** Contexts by environment, as remembered. */
export function rememberedContexts(memory: vscode.Memento): ReadonlyMap<string, string> {
  const stored = memory.get<unknown>(key);
  if (typeof stored !== 'object' || stored === null) return new Map();
  return new Map(Object.entries(stored).filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}

/** Asks for the environment and its context; true when something was chosen. */
export async function chooseContext(
  fleet: Fleet,
  contexts: readonly string[],
  memory: vscode.Memento,
): Promise<boolean> {
  const all = {
    label: 'All environments',
    description: 'one cluster for all',
    names: fleet.environments.map((one) => one.name),
  };
  const each = fleet.environments.map(({ name, context }) => ({
    label: name,
    description: context ?? 'no cluster chosen',
    names: [name],
  }));
  const environment = await vscode.window.showQuickPick([all, ...each], {
    title: 'Choose cluster context: for which environment',
  });
  if (environment === undefined) return false;
  const options = {
    title: `Choose cluster context for ${environment.label}`,
    placeHolder: 'Contexts of the kubeconfig',
  };
  const context = await vscode.window.showQuickPick(byLikelihood(contexts, environment.names), options);
  if (context === undefined) return false;
  const remembered = rememberedContexts(memory);
  const next = [...remembered, ...environment.names.map((name) => [name, context] as const)];
  await memory.update(key, Object.fromEntries(next));
  return true;
}

/** Contexts whose name holds the environment's name come first. */
function byLikelihood(contexts: readonly string[], names: readonly string[]): string[] {
  const fits = (context: string): boolean => names.some((name) => context.includes(name));
  return [...contexts.filter(fits), ...contexts.filter((context) => !fits(context))];
}
