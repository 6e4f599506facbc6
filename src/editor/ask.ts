// The questions that come before something is done. They stay open until they are answered or left: a webview, a terminal or
// another window takes the focus at any time, and half of a promotion must not be lost with it.
import * as vscode from 'vscode';

/** Undefined when the user leaves. */
export function askPick<T extends vscode.QuickPickItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions,
): Thenable<T | undefined> {
  return vscode.window.showQuickPick(items, { ...options, ignoreFocusOut: true });
}

/** One or several; undefined when the user leaves. */
export function askPicks<T extends vscode.QuickPickItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions,
): Thenable<T[] | undefined> {
  return vscode.window.showQuickPick(items, { ...options, canPickMany: true, ignoreFocusOut: true });
}

/** May be empty; undefined when the user leaves. */
export function askText(options: vscode.InputBoxOptions): Thenable<string | undefined> {
  return vscode.window.showInputBox({ ...options, ignoreFocusOut: true });
}
