// What the editor does with manifests as text: findings, repairs, lenses, hovers, links and completion, all from one reading
// of the workspace's repositories. Nothing here starts a program or reaches a host; what the sources have seen is shown.
import * as vscode from 'vscode';
import type { Severities } from '../checks/checkFile';
import { canonicalImage } from '../model/image';
import { valueOf } from '../model/reading';
import type { Settings } from '../model/settings';
import { CheckedFolders } from './checkedFolders';
import { FolderDiagnostics } from './diagnostics';
import { registerCompletion } from './language/completion';
import { registerHovers } from './language/hovers';
import type { LanguageTools, Live } from './language/languageTools';
import { registerLinks } from './language/links';
import { registerSelectionLens } from './language/selectionLens';
import { registerQuickFixes } from './quickFixes';

export interface EditingOptions {
  readonly settings: () => Settings;
  readonly severities: () => Severities;
  /** Undefined before the first session. */
  readonly live: () => Live | undefined;
  readonly onDidChangeLive: vscode.Event<void>;
  readonly onTrouble: (error: unknown) => void;
  /** Where the pages of the rules lie. */
  readonly pages: vscode.Uri;
}

export type Editing = LanguageTools & vscode.Disposable;

export function registerEditing({ live, onDidChangeLive, ...options }: EditingOptions): Editing {
  const folders = new CheckedFolders({
    settings: options.settings,
    knownTags: (image) => valueOf(live()?.facts.registry.get(canonicalImage(image)))?.tags,
    onTrouble: options.onTrouble,
  });
  const diagnostics = new FolderDiagnostics({ folders, ...options });
  const tools: LanguageTools = { folders, live, onDidChangeLive };
  const all = vscode.Disposable.from(
    folders,
    diagnostics,
    registerQuickFixes({ folders, findingsOf: (document) => diagnostics.findingsOf(document) }),
    registerSelectionLens(tools),
    registerHovers(tools),
    registerLinks(tools),
    registerCompletion(tools),
  );
  return { ...tools, dispose: () => all.dispose() };
}
