import type * as vscode from 'vscode';
import type { Facts } from '../../model/facts';
import type { Fleet } from '../../model/fleet';
import type { CheckedFolders } from '../checkedFolders';

/** What the sources have seen. Nothing is fetched for a hover or a lens. */
export interface Live {
  readonly facts: Facts;
  readonly fleet: Fleet;
}

export interface LanguageTools {
  readonly folders: CheckedFolders;
  /** Undefined before the first session. */
  readonly live: () => Live | undefined;
  readonly onDidChangeLive: vscode.Event<void>;
}

export const yamlFiles: vscode.DocumentFilter = { language: 'yaml', scheme: 'file' };
