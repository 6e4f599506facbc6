// Findings where they are written: as somebody types, and for the whole folder in the background. What is typed is checked
// against the last reading of the repository, which follows a moment later. A result for an older version is dropped.
import * as vscode from 'vscode';
import { createCheckedRepository } from '../checks/checkedRepository';
import { checkFile, concerns, type Severities } from '../checks/checkFile';
import type { CheckedRepository } from '../checks/rule';
import { isRelevant } from '../manifests/documents';
import { readManifests } from '../manifests/repository';
import { treeOf } from '../manifests/tree';
import type { Finding, RuleId, Severity } from '../model/finding';
import type { Settings } from '../model/settings';
import { typingBudget } from '../policy/prove';
import type { CheckedFolders } from './checkedFolders';
import { lineStarts, rangeFrom } from './positions';

const typingPauseMs = 150;
/** The tags of many images come one after the other. */
const tagsPauseMs = 500;
/** Work in the background gives the editor its turn after so long. */
const sliceMs = 15;

const severities: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

export interface DiagnosticsTools {
  readonly folders: CheckedFolders;
  readonly settings: () => Settings;
  readonly severities: () => Severities;
  readonly onTrouble: (error: unknown) => void;
  /** The registry's tags are others now. */
  readonly onDidChangeTags: vscode.Event<void>;
  /** Where the pages of the rules lie. */
  readonly pages: vscode.Uri;
}

interface CheckedVersion {
  readonly document: vscode.TextDocument;
  readonly version: number;
  readonly repository: CheckedRepository | undefined;
  readonly findings: readonly Finding[];
}

export class FolderDiagnostics implements vscode.Disposable {
  readonly #tools: DiagnosticsTools;
  readonly #collection = vscode.languages.createDiagnosticCollection('fluxPromote');
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #subscriptions: readonly vscode.Disposable[];
  readonly #published = new Set<string>();
  #last: CheckedVersion | undefined;
  #pass = 0;

  constructor(tools: DiagnosticsTools) {
    this.#tools = tools;
    this.#subscriptions = [
      this.#collection,
      tools.folders.onDidRead(() => this.#checkAllSoon(0)),
      tools.onDidChangeTags(() => this.#checkAllSoon(tagsPauseMs)),
      vscode.workspace.onDidOpenTextDocument((document) => this.#checkSoon(document, 0)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#checkSoon(document, typingPauseMs)),
    ];
    for (const document of vscode.workspace.textDocuments) this.#checkSoon(document, 0);
  }

  /** The findings of a document as it is now. */
  findingsOf(document: vscode.TextDocument): readonly Finding[] {
    const repository = this.#tools.folders.fileAt(document.uri)?.repository;
    const { version } = document;
    const last = this.#last;
    if (last?.document === document && last.version === version && last.repository === repository) return last.findings;
    const findings = this.#check(document);
    this.#last = { document, version, repository, findings };
    return findings;
  }

  #check(document: vscode.TextDocument): readonly Finding[] {
    const text = document.getText();
    const chosen = this.#tools.severities();
    const file = this.#tools.folders.fileAt(document.uri);
    if (file !== undefined) return checkFile({ ...file.repository, budget: typingBudget }, file.path, text, chosen);
    if (!isRelevant(text)) return [];
    // Nothing has been read yet, or the file lies elsewhere: the file alone, and only what it says by itself.
    const tree = treeOf({ [document.fileName]: text });
    const alone = createCheckedRepository(tree, readManifests(tree), this.#tools.settings(), {
      compile: this.#tools.folders.compile,
      budget: typingBudget,
    });
    return checkFile(alone, document.fileName, text, chosen).filter(({ rule }) => ownRules.has(rule));
  }

  #checkSoon(document: vscode.TextDocument, ms: number): void {
    if (document.languageId !== 'yaml' || document.uri.scheme !== 'file') return;
    this.#later(document.uri.toString(), ms, () => {
      if (!document.isClosed) this.#publish(document.uri, this.findingsOf(document), document.getText());
    });
  }

  #checkAllSoon(ms: number): void {
    this.#later('', ms, () => {
      this.#checkAll().catch(this.#tools.onTrouble);
    });
  }

  #later(key: string, ms: number, run: () => void): void {
    clearTimeout(this.#timers.get(key));
    const finish = (): void => {
      this.#timers.delete(key);
      run();
    };
    this.#timers.set(key, setTimeout(finish, ms));
  }

  async #checkAll(): Promise<void> {
    this.#pass += 1;
    this.#last = undefined;
    const pass = this.#pass;
    const chosen = this.#tools.severities();
    const seen = new Set<string>();
    let turn = performance.now();
    for (const { workTree, repository } of this.#tools.folders.all) {
      for (const path of workTree.tree.list()) {
        const text = workTree.tree.read(path);
        if (text === undefined || !concerns(repository, path, text)) continue;
        const uri = vscode.Uri.joinPath(workTree.root, path);
        seen.add(uri.toString());
        this.#publish(uri, checkFile(repository, path, text, chosen), text);
        if (performance.now() - turn > sliceMs) {
          await new Promise((resolve) => setImmediate(resolve));
          if (pass !== this.#pass) return;
          turn = performance.now();
        }
      }
    }
    for (const key of this.#published) {
      const uri = vscode.Uri.parse(key);
      const liesElsewhere = this.#tools.folders.fileAt(uri) === undefined;
      if (!seen.has(key) && !(liesElsewhere && openDocument(uri) !== undefined)) this.#clear(uri);
    }
  }

  #clear(uri: vscode.Uri): void {
    this.#published.delete(uri.toString());
    this.#collection.delete(uri);
  }

  #publish(uri: vscode.Uri, findings: readonly Finding[], text: string): void {
    const document = openDocument(uri);
    // A newer version has its own check under way.
    if (document !== undefined && document.getText() !== text) return;
    if (findings.length === 0) {
      this.#clear(uri);
      return;
    }
    this.#published.add(uri.toString());
    const positions = lineStarts(text);
    this.#collection.set(
      uri,
      findings.map((finding) => this.#draw(uri, finding, positions)),
    );
  }

  #draw(uri: vscode.Uri, finding: Finding, starts: readonly number[]): vscode.Diagnostic {
    const drawn = new vscode.Diagnostic(
      rangeFrom(starts, finding.range),
      wordsOf(finding),
      severities[finding.severity],
    );
    drawn.source = 'Flux Promote';
    drawn.code = { value: finding.rule, target: vscode.Uri.joinPath(this.#tools.pages, `${finding.rule}.md`) };
    const folder = this.#tools.folders.fileAt(uri);
    if (folder === undefined || finding.related.length === 0) return drawn;
    drawn.relatedInformation = finding.related.map(({ file, range, message }) => {
      const text = lineStarts(folder.repository.tree.read(file) ?? '');
      const place = new vscode.Location(vscode.Uri.joinPath(folder.workTree.root, file), rangeFrom(text, range));
      return new vscode.DiagnosticRelatedInformation(place, message);
    });
    return drawn;
  }

  dispose(): void {
    this.#pass += 1;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}

function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
}

function wordsOf({ message, evidence }: Finding): string {
  return evidence.length === 0 ? message : `${message}\nTags: ${evidence.join(', ')}`;
}

/** Rules that are certain of a file by its own text, before anything else has been read. */
const ownRules: ReadonlySet<RuleId> = new Set<RuleId>([
  'automation-declares-suspend-false',
  'extract-unknown-group',
  'marker-dead-place',
  'marker-malformed',
  'pattern-refused',
  'pattern-yaml-escape',
  'semver-range-refused',
]);
