// The context keys that welcome content and menus look at; setting one to what it is does nothing.
import * as vscode from 'vscode';
import type { Facts } from '../model/facts';
import type { Fleet } from '../model/fleet';

export type ViewState =
  | 'loading'
  | 'ready'
  | 'git-missing'
  | 'git-not-a-repository'
  | 'git-no-remote'
  | 'not-flux'
  | 'failed';

export function deriveViewState(facts: Facts, fleet: Fleet): ViewState {
  if (fleet.environments.length > 0) return 'ready';
  const [repository] = facts.repositories;
  if (repository === undefined) return 'loading';
  if (repository.content.state !== 'unknown') return 'not-flux';
  const { code } = repository.content.problem;
  switch (code) {
    case 'not-read-yet':
      return 'loading';
    case 'git-missing':
    case 'git-not-a-repository':
    case 'git-no-remote':
      return code;
    default:
      return 'failed';
  }
}

export class ContextKeys {
  readonly #values = new Map<string, unknown>();

  async set(key: 'fluxPromote.state' | 'fluxPromote.isLab', value: string | boolean): Promise<void> {
    if (this.#values.get(key) === value) return;
    this.#values.set(key, value);
    await vscode.commands.executeCommand('setContext', key, value);
  }
}
