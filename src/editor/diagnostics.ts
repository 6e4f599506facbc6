// Findings where they are written: as somebody types, and for the whole folder in the background. What is typed is checked
// against the last reading of the repository, which follows a moment later. A result for an older version is dropped.
import * as vscode from 'vscode';
import { createCheckedRepository } from '../checks/checkedRepository';
import { checkFile } from '../checks/checkFile';
import type { CheckedRepository } from '../checks/rule';
import { isRelevant } from '../manifests/documents';
import { isMarkerFile } from '../manifests/markerFile';
import { readManifests } from '../manifests/repository';
import { treeOf } from '../manifests/tree';
import type { Finding, Severity } from '../model/finding';
import type { Settings } from '../model/settings';
import { createPatternCache } from '../policy/pattern';
import { typingBudget } from '../policy/prove';
import { findRoot, pathIn, readWorkTree, type WorkTree } from './workTree';

const typingPauseMs = 150;
const repositoryPauseMs = 500;
/** Work in the background gives the editor its turn after so long. */
const sliceMs = 15;

const severities: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

export interface DiagnosticsTools {
  readonly settings: () => Settings;
  /** The registry's tags of an image, where they are known. */
  readonly knownTags: (image: string) => readonly string[] | undefined;
  readonly onTrouble: (error: unknown) => void;
  /** Where the pages of the rules lie. */
  readonly pages: vscode.Uri;
}

export function registerDiagnostics(tools: DiagnosticsTools): vscode.Disposable {
  const diagnostics = new FolderDiagnostics(tools);
  const selector = { language: 'yaml' };
  const kinds = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
  return vscode.Disposable.from(
    diagnostics,
    vscode.languages.registerCodeActionsProvider(selector, diagnostics, kinds),
    vscode.workspace.onDidOpenTextDocument((document) => diagnostics.checkSoon(document, 0)),
    vscode.workspace.onDidChangeTextDocument(({ document }) => diagnostics.checkSoon(document, typingPauseMs)),
    vscode.workspace.onDidChangeWorkspaceFolders(() => diagnostics.readSoon(0)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('fluxPromote')) diagnostics.readSoon(0);
    }),
  );
}

interface Checked {
  readonly workTree: WorkTree;
  readonly repository: CheckedRepository;
}

class FolderDiagnostics implements vscode.CodeActionProvider, vscode.Disposable {
  readonly #tools: DiagnosticsTools;
  readonly #collection = vscode.languages.createDiagnosticCollection('fluxPromote');
  readonly #compile = createPatternCache(2000);
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #watcher = vscode.workspace.createFileSystemWatcher('**/{*.yaml,*.yml,Kustomization}');
  readonly #findings = new Map<string, readonly Finding[]>();
  #checked: readonly Checked[] = [];
  #reading = 0;

  constructor(tools: DiagnosticsTools) {
    this.#tools = tools;
    const again = (): void => this.readSoon(repositoryPauseMs);
    this.#watcher.onDidChange(again);
    this.#watcher.onDidCreate(again);
    this.#watcher.onDidDelete(again);
    for (const document of vscode.workspace.textDocuments) this.checkSoon(document, 0);
    this.readSoon(0);
  }

  checkSoon(document: vscode.TextDocument, ms: number): void {
    if (document.languageId !== 'yaml' || document.uri.scheme !== 'file') return;
    this.#later(document.uri.toString(), ms, () => this.#checkDocument(document));
    if (document.isDirty) this.readSoon(repositoryPauseMs);
  }

  readSoon(ms: number): void {
    this.#later('', ms, () => {
      this.#readAll().catch(this.#tools.onTrouble);
    });
  }

  #later(key: string, ms: number, run: () => void): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        run();
      }, ms),
    );
  }

  #checkDocument(document: vscode.TextDocument): void {
    if (document.isClosed) return;
    const text = document.getText();
    for (const { workTree, repository } of this.#checked) {
      const path = pathIn(workTree.root, document.uri);
      if (path === undefined) continue;
      this.#publish(document.uri, checkFile({ ...repository, budget: typingBudget }, path, text), text);
      return;
    }
    if (!isRelevant(text)) return;
    // Nothing has been read yet: the file alone, and only what it says by itself.
    const tree = treeOf({ [document.fileName]: text });
    const alone = createCheckedRepository(tree, readManifests(tree), this.#tools.settings(), {
      compile: this.#compile,
      budget: typingBudget,
    });
    const own = checkFile(alone, document.fileName, text).filter(({ rule }) => ownRules.has(rule));
    this.#publish(document.uri, own, text);
  }

  async #readAll(): Promise<void> {
    this.#reading += 1;
    const reading = this.#reading;
    const checked: Checked[] = [];
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const workTree = await readWorkTree(await findRoot(folder.uri));
      if (reading !== this.#reading) return;
      const { knownTags } = this.#tools;
      const options = { knownTags, compile: this.#compile };
      const manifests = readManifests(workTree.tree);
      checked.push({
        workTree,
        repository: createCheckedRepository(workTree.tree, manifests, this.#tools.settings(), options),
      });
    }
    this.#checked = checked;
    await this.#checkAll(reading);
  }

  async #checkAll(reading: number): Promise<void> {
    const seen = new Set<string>();
    let turn = performance.now();
    for (const { workTree, repository } of this.#checked) {
      for (const path of workTree.tree.list()) {
        const text = workTree.tree.read(path);
        if (text === undefined || !isMarkerFile(path)) continue;
        if (!isRelevant(text) && !repository.mutableImages().has(path)) continue;
        const uri = vscode.Uri.joinPath(workTree.root, path);
        seen.add(uri.toString());
        this.#publish(uri, checkFile(repository, path, text), text);
        if (performance.now() - turn > sliceMs) {
          await new Promise((resolve) => setImmediate(resolve));
          if (reading !== this.#reading) return;
          turn = performance.now();
        }
      }
    }
    for (const key of this.#findings.keys()) if (!seen.has(key)) this.#publish(vscode.Uri.parse(key), [], '');
  }

  #publish(uri: vscode.Uri, findings: readonly Finding[], text: string): void {
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
    // A newer version has its own check under way.
    if (document !== undefined && document.getText() !== text) return;
    if (findings.length === 0) {
      this.#findings.delete(uri.toString());
      this.#collection.delete(uri);
      return;
    }
    this.#findings.set(uri.toString(), findings);
    const positions = lineStarts(text);
    this.#collection.set(
      uri,
      findings.map((finding) => this.#draw(finding, positions)),
    );
  }

  #draw(finding: Finding, starts: readonly number[]): vscode.Diagnostic {
    const range = new vscode.Range(positionAt(starts, finding.range.start), positionAt(starts, finding.range.end));
    const evidence = finding.evidence.length === 0 ? '' : `\nTags: ${finding.evidence.join(', ')}`;
    const drawn = new vscode.Diagnostic(range, finding.message + evidence, severities[finding.severity]);
    drawn.source = 'Flux Promote';
    drawn.code = { value: finding.rule, target: vscode.Uri.joinPath(this.#tools.pages, `${finding.rule}.md`) };
    return drawn;
  }

  provideCodeActions(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
    const findings = this.#findings.get(document.uri.toString()) ?? [];
    const root = this.#checked.find(({ workTree }) => pathIn(workTree.root, document.uri) !== undefined)?.workTree.root;
    return findings.flatMap((finding) => {
      const place = rangeIn(document, finding.range);
      if (place.intersection(range) === undefined) return [];
      return finding.fixes.flatMap((fix, index) => {
        const edit = new vscode.WorkspaceEdit();
        for (const { file, edits } of fix.edits) {
          // Edits of other files are left to their own findings: their open text may have moved on.
          if (file !== finding.file && root === undefined) return [];
          const uri = file === finding.file || root === undefined ? document.uri : vscode.Uri.joinPath(root, file);
          const target = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
          if (target === undefined) return [];
          for (const change of edits) edit.replace(uri, rangeIn(target, change.range), change.text);
        }
        const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
        action.edit = edit;
        action.isPreferred = index === 0 && fix.isSafe;
        action.diagnostics = vscode.languages
          .getDiagnostics(document.uri)
          .filter((one) => one.source === 'Flux Promote' && one.range.isEqual(place));
        return [action];
      });
    });
  }

  dispose(): void {
    this.#reading += 1;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#watcher.dispose();
    this.#collection.dispose();
  }
}

/** Rules that judge a file by its own text. */
const ownRules: ReadonlySet<string> = new Set(['pattern-refused', 'extract-unknown-group']);

function rangeIn(document: vscode.TextDocument, { start, end }: Finding['range']): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function positionAt(starts: readonly number[], offset: number): vscode.Position {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return new vscode.Position(low, offset - (starts[low] ?? 0));
}
