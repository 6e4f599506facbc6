// Which cluster an environment lives in: chosen once, remembered for the workspace. Only chosen contexts are ever contacted,
// and the kubeconfig's own current context is never changed.
import type * as vscode from 'vscode';
import { type ContextChoice, rankContexts } from '../fleet/rankContexts';
import type { Fleet } from '../model/fleet';
import { askPick } from './ask';

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
  contexts: readonly ContextChoice[],
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
  const environment = await askPick([all, ...each], { title: 'Choose cluster context: for which environment' });
  if (environment === undefined) return false;
  const options = {
    title: `Choose cluster context for ${environment.label}`,
    placeHolder: 'Contexts of the kubeconfig, the likeliest first',
  };
  const chosen = fleet.environments.filter(({ name }) => environment.names.includes(name));
  const picked = await askPick(
    rankContexts(contexts, chosen).map(({ name, cluster, namespace, isUnchecked }) => ({
      label: name,
      description: [
        cluster === name ? undefined : cluster,
        namespace,
        isUnchecked === true ? '$(warning) its certificate is not checked' : undefined,
      ]
        .filter((one) => one !== undefined)
        .join(' · '),
    })),
    options,
  );
  if (picked === undefined) return false;
  const context = picked.label;
  const remembered = rememberedContexts(memory);
  const next = [...remembered, ...environment.names.map((name) => [name, context] as const)];
  await memory.update(key, Object.fromEntries(next));
  return true;
}
