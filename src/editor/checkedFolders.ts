// The latest reading of every repository in the workspace: files as text, with what is typed laid over them. Everything in
// the editor that needs more than one file looks here. Reads text only, so it works in Restricted Mode too.
import * as vscode from 'vscode';
import { createCheckedRepository } from '../checks/checkedRepository';
import type { CheckedRepository } from '../checks/rule';
import { readManifests } from '../manifests/repository';
import type { Settings } from '../model/settings';
import { createPatternCache } from '../policy/pattern';
import { findRoot, pathIn, readWorkTree, type WorkTree } from './workTree';

const readingPauseMs = 500;

export interface CheckedFoldersTools {
  readonly settings: () => Settings;
  /** The registry's tags of an image, where they are known. */
  readonly knownTags: (image: string) => readonly string[] | undefined;
  readonly onTrouble: (error: unknown) => void;
}

export interface CheckedFolder {
  readonly workTree: WorkTree;
  readonly repository: CheckedRepository;
}

export interface CheckedFile extends CheckedFolder {
  /** Relative to the repository's root. */
  readonly path: string;
}

export class CheckedFolders implements vscode.Disposable {
  readonly compile = createPatternCache(2000);
  readonly #tools: CheckedFoldersTools;
  readonly #didRead = new vscode.EventEmitter<void>();
  readonly #subscriptions: readonly vscode.Disposable[];
  #all: readonly CheckedFolder[] = [];
  #reading = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Fires after every reading, also where nothing changed. */
  readonly onDidRead = this.#didRead.event;

  constructor(tools: CheckedFoldersTools) {
    this.#tools = tools;
    const watcher = vscode.workspace.createFileSystemWatcher('**/{*.yaml,*.yml,Kustomization}');
    const again = (): void => this.#readSoon(readingPauseMs);
    this.#subscriptions = [
      this.#didRead,
      watcher,
      watcher.onDidChange(again),
      watcher.onDidCreate(again),
      watcher.onDidDelete(again),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.languageId === 'yaml' && document.uri.scheme === 'file' && document.isDirty) again();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#readSoon(0)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('fluxPromote')) this.#readSoon(0);
      }),
    ];
    this.#readSoon(0);
  }

  get all(): readonly CheckedFolder[] {
    return this.#all;
  }

  /** Undefined for what lies elsewhere, and before the first reading. */
  fileAt(uri: vscode.Uri): CheckedFile | undefined {
    for (const folder of this.#all) {
      const path = pathIn(folder.workTree.root, uri);
      if (path !== undefined) return { ...folder, path };
    }
    return undefined;
  }

  #readSoon(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#readAll().catch(this.#tools.onTrouble);
    }, ms);
  }

  async #readAll(): Promise<void> {
    this.#reading += 1;
    const reading = this.#reading;
    const all: CheckedFolder[] = [];
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const workTree = await readWorkTree(await findRoot(folder.uri));
      if (reading !== this.#reading) return;
      const options = { knownTags: this.#tools.knownTags, compile: this.compile };
      const manifests = readManifests(workTree.tree);
      const repository = createCheckedRepository(workTree.tree, manifests, this.#tools.settings(), options);
      all.push({ workTree, repository });
    }
    this.#all = all;
    this.#didRead.fire();
  }

  dispose(): void {
    this.#reading += 1;
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
