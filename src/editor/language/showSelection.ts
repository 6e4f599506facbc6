import * as vscode from 'vscode';
import { listSelection } from '../../fleet/selectionPreview';
import { ProblemError } from '../../model/problem';
import { askPick } from '../ask';
import type { LanguageTools } from './languageTools';
import { listPolicies, type PolicyForm, previewPolicy } from './selection';
import type { SelectionPlace } from './selectionLens';

/** Every tag of a policy's image and what became of it, the selected one first. Without an argument: the open file's policy. */
export async function showSelection({ folders, live }: LanguageTools, argument: unknown): Promise<void> {
  const place = readPlace(argument);
  const uri = place === undefined ? vscode.window.activeTextEditor?.document.uri : vscode.Uri.parse(place.file);
  const checked = uri === undefined ? undefined : folders.fileAt(uri);
  if (uri === undefined || checked === undefined) throw nothingToShow();
  const document = await vscode.workspace.openTextDocument(uri);
  const policies = listPolicies(checked.repository, checked.path, document.getText());
  const found =
    place === undefined ? await choosePolicy(document, policies) : policies.find(({ key }) => key === place.policy);
  if (found === undefined) {
    if (policies.length === 0) throw nothingToShow();
    return;
  }
  const { namespace, name } = found.policy.meta;
  const title = namespace === '' ? name : found.key;
  const { text, selection } = previewPolicy(checked.repository, found.policy, live()?.facts);
  if (selection === undefined) {
    throw new ProblemError({ code: 'not-read-yet', message: `ImagePolicy ${title}: ${text}.` });
  }
  const items = listSelection(selection).map(({ tag, key, words, isSelected }) => ({
    label: isSelected ? `$(check) ${tag}` : tag,
    description: key === '' ? '' : `key ${key}`,
    detail: words,
  }));
  await askPick(items, {
    title: `ImagePolicy ${title} ${text}`,
    placeHolder: 'Every known tag, and why it is selected or not',
    matchOnDescription: true,
    matchOnDetail: true,
  });
}

function nothingToShow(): ProblemError {
  const message =
    'No ImagePolicy is open. Open the file of an ImagePolicy in a folder of this workspace and try again.';
  return new ProblemError({ code: 'not-flux', message });
}

function readPlace(argument: unknown): SelectionPlace | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { file, policy } = argument as Partial<SelectionPlace>;
  return typeof file === 'string' && typeof policy === 'string' ? { file, policy } : undefined;
}

/** The one at the cursor, the only one, or the user's choice. */
async function choosePolicy(
  document: vscode.TextDocument,
  policies: readonly PolicyForm[],
): Promise<PolicyForm | undefined> {
  if (policies.length < 2) return policies[0];
  const editor = vscode.window.activeTextEditor;
  const offset = editor?.document === document ? document.offsetAt(editor.selection.active) : -1;
  const items = policies.map((found) => ({ label: found.policy.meta.name, description: found.key, found }));
  const here = policies.findLastIndex(({ start }) => start <= offset);
  const first = items[Math.max(here, 0)];
  const sorted = first === undefined ? items : [first, ...items.filter((item) => item !== first)];
  return (await askPick(sorted, { title: 'Show Selection', placeHolder: 'ImagePolicy' }))?.found;
}
