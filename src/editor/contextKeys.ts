// The context keys that welcome content and menus look at; setting one to what it is does nothing.
import * as vscode from 'vscode';
import type { LessonStep } from '../fleet/lesson';

export type ContextKey =
  | 'fluxPromote.state'
  | 'fluxPromote.isPartlySeen'
  | 'fluxPromote.isLab'
  | 'fluxPromote.grouping'
  | `fluxPromote.lesson.${LessonStep}`;

export class ContextKeys {
  readonly #values = new Map<string, unknown>();

  async set(key: ContextKey, value: string | boolean): Promise<void> {
    if (this.#values.get(key) === value) return;
    this.#values.set(key, value);
    await vscode.commands.executeCommand('setContext', key, value);
  }
}
