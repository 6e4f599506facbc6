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
  const tagsChanged = new vscode.EventEmitter<void>();
  let tags = knownTags(live());
  const compareTags = (): void => {
    const before = tags;
    tags = knownTags(live());
    if (!isSame(before, tags)) tagsChanged.fire();
  };
  const diagnostics = new FolderDiagnostics({ folders, onDidChangeTags: tagsChanged.event, ...options });
  const tools: LanguageTools = { folders, live, onDidChangeLive };
  const all = vscode.Disposable.from(
    folders,
    diagnostics,
    tagsChanged,
    onDidChangeLive(compareTags),
    registerQuickFixes({ folders, findingsOf: (document) => diagnostics.findingsOf(document) }),
    registerSelectionLens(tools),
    registerHovers(tools),
    registerLinks(tools),
    registerCompletion(tools),
  );
  return { ...tools, dispose: () => all.dispose() };
}

type TagsByImage = ReadonlyMap<string, readonly string[]>;

function knownTags(live: Live | undefined): TagsByImage {
  const images = [...(live?.facts.registry ?? [])];
  return new Map(images.map(([image, reading]) => [image, valueOf(reading)?.tags ?? []]));
}

function isSame(one: TagsByImage, other: TagsByImage): boolean {
  return (
    one.size === other.size &&
    [...one].every(([image, tags]) => {
      const others = other.get(image) ?? [];
      return tags === others || (tags.length === others.length && tags.every((tag, at) => tag === others[at]));
    })
  );
}
