import * as vscode from 'vscode';
import { type LanguageTools, yamlFiles } from './languageTools';
import { listPolicies, type PolicyForm, previewPolicy } from './selection';

/** Where `fluxPromote.showSelection` finds its policy again: plain identifiers. */
export interface SelectionPlace {
  /** The file, as a URI. */
  readonly file: string;
  /** `namespace/name`. */
  readonly policy: string;
}

class SelectionLens extends vscode.CodeLens {
  constructor(
    range: vscode.Range,
    readonly file: vscode.Uri,
    readonly found: PolicyForm,
  ) {
    super(range);
  }
}

/** Above every ImagePolicy what it selects. The selection runs for the lenses on screen only. */
export function registerSelectionLens({ folders, live, onDidChangeLive }: LanguageTools): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.CodeLensProvider<SelectionLens> = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses: (document) => {
      const checked = folders.fileAt(document.uri);
      if (checked === undefined) return [];
      return listPolicies(checked.repository, checked.path, document.getText()).map((found) => {
        const at = document.positionAt(found.start);
        return new SelectionLens(new vscode.Range(at, at), document.uri, found);
      });
    },
    resolveCodeLens: (lens) => {
      const checked = folders.fileAt(lens.file);
      if (checked === undefined) return lens;
      const { text, selection } = previewPolicy(checked.repository, lens.found.policy, live()?.facts);
      const { key, isOneOfSeveral } = lens.found;
      const place: SelectionPlace = { file: lens.file.toString(), policy: key };
      const title = isOneOfSeveral ? `${key} ${text}` : text;
      lens.command =
        selection === undefined
          ? { title, command: 'fluxPromote.environments.focus' }
          : { title, command: 'fluxPromote.showSelection', arguments: [place] };
      return lens;
    },
  };
  return vscode.Disposable.from(
    changed,
    folders.onDidRead(() => changed.fire()),
    onDidChangeLive(() => changed.fire()),
    vscode.languages.registerCodeLensProvider(yamlFiles, provider),
  );
}
