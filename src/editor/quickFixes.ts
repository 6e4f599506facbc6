// Repairs of findings, made for the document as it is now: a finding of an older version is checked again, never reused.
import * as vscode from 'vscode';
import { editSilence } from '../checks/silence';
import type { Finding, Fix } from '../model/finding';
import type { TextEdit } from '../model/text';
import type { CheckedFolders } from './checkedFolders';
import { yamlFiles } from './language/languageTools';
import { rangeIn } from './positions';

const fixAllKind = vscode.CodeActionKind.SourceFixAll.append('fluxPromote');

export interface QuickFixTools {
  readonly folders: CheckedFolders;
  readonly findingsOf: (document: vscode.TextDocument) => readonly Finding[];
}

export function registerQuickFixes({ folders, findingsOf }: QuickFixTools): vscode.Disposable {
  const provideCodeActions = (
    document: vscode.TextDocument,
    range: vscode.Range,
    { only }: vscode.CodeActionContext,
  ): vscode.CodeAction[] => {
    const findings = findingsOf(document);
    const wants = (kind: vscode.CodeActionKind): boolean => only === undefined || only.contains(kind);
    const root = folders.fileAt(document.uri)?.workTree.root;
    const near = findings.filter((finding) => rangeIn(document, finding.range).intersection(range) !== undefined);
    return [
      ...(wants(vscode.CodeActionKind.QuickFix) ? near.flatMap((finding) => actionsOf(document, finding, root)) : []),
      ...(wants(fixAllKind) ? fixAll(document, findings) : []),
    ];
  };
  return vscode.languages.registerCodeActionsProvider(
    yamlFiles,
    { provideCodeActions },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, fixAllKind] },
  );
}

function actionsOf(
  document: vscode.TextDocument,
  finding: Finding,
  root: vscode.Uri | undefined,
): readonly vscode.CodeAction[] {
  const place = rangeIn(document, finding.range);
  const drawn = vscode.languages
    .getDiagnostics(document.uri)
    .filter((one) => one.source === 'Flux Promote' && ruleOf(one) === finding.rule && one.range.isEqual(place));
  const fixes = finding.fixes.flatMap((fix, index) => {
    const edit = editOf(document, finding, fix, root);
    if (edit === undefined) return [];
    const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
    action.isPreferred = index === 0 && fix.isSafe;
    action.edit = edit;
    return [action];
  });
  return [...fixes, ...silence(document, finding)].map((action) => Object.assign(action, { diagnostics: drawn }));
}

function ruleOf({ code }: vscode.Diagnostic): unknown {
  return typeof code === 'object' ? code.value : code;
}

/** Undefined where it changes a file that is not open: that file's text may have moved on since it was read. */
function editOf(
  document: vscode.TextDocument,
  finding: Finding,
  fix: Fix,
  root: vscode.Uri | undefined,
): vscode.WorkspaceEdit | undefined {
  const edit = new vscode.WorkspaceEdit();
  for (const { file, edits } of fix.edits) {
    if (file !== finding.file && root === undefined) return undefined;
    const uri = file === finding.file || root === undefined ? document.uri : vscode.Uri.joinPath(root, file);
    const target = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
    if (target === undefined) return undefined;
    for (const change of edits) edit.replace(uri, rangeIn(target, change.range), change.text);
  }
  return edit;
}

function silence(document: vscode.TextDocument, finding: Finding): readonly vscode.CodeAction[] {
  const change = editSilence(finding.file, document.getText(), finding);
  if (change === undefined) return [];
  const action = new vscode.CodeAction(`Silence ${finding.rule} on this line`, vscode.CodeActionKind.QuickFix);
  action.edit = new vscode.WorkspaceEdit();
  action.edit.replace(document.uri, rangeIn(document, change.range), change.text);
  return [action];
}

/** The safe fixes that stay in this file. Of those that meet in one place the first counts; the others come next time. */
function fixAll(document: vscode.TextDocument, findings: readonly Finding[]): readonly vscode.CodeAction[] {
  const taken: TextEdit[] = [];
  for (const { file, fixes } of findings) {
    const fix = fixes.find(({ isSafe }) => isSafe);
    if (fix === undefined || fix.edits.some((change) => change.file !== file)) continue;
    const edits = fix.edits.flatMap((change) => change.edits);
    if (!edits.some((edit) => taken.some((other) => meet(edit, other)))) taken.push(...edits);
  }
  if (taken.length === 0) return [];
  const action = new vscode.CodeAction('Fix all safe Flux findings in file', fixAllKind);
  action.edit = new vscode.WorkspaceEdit();
  for (const { range, text } of taken) action.edit.replace(document.uri, rangeIn(document, range), text);
  return [action];
}

function meet({ range: a }: TextEdit, { range: b }: TextEdit): boolean {
  return a.start <= b.end && b.start <= a.end;
}
