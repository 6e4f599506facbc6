import * as vscode from 'vscode';
import { rangeIn } from '../positions';
import { findChoices } from './choices';
import { type LanguageTools, yamlFiles } from './languageTools';

const kinds = {
  reference: vscode.CompletionItemKind.Reference,
  group: vscode.CompletionItemKind.Variable,
} as const;

export function registerCompletion({ folders }: LanguageTools): vscode.Disposable {
  const provideCompletionItems = (
    document: vscode.TextDocument,
    position: vscode.Position,
  ): vscode.CompletionItem[] | undefined => {
    const checked = folders.fileAt(document.uri);
    if (checked === undefined) return undefined;
    const cursor = { file: checked.path, text: document.getText(), offset: document.offsetAt(position) };
    const found = findChoices(checked.repository, cursor);
    return found?.choices.map(({ text, detail }, index) => {
      const item = new vscode.CompletionItem(text, kinds[found.kind]);
      item.detail = detail;
      item.range = rangeIn(document, found.range);
      item.sortText = String(index).padStart(5, '0');
      return item;
    });
  };
  return vscode.languages.registerCompletionItemProvider(yamlFiles, { provideCompletionItems }, '"', ':', '$', '{');
}
