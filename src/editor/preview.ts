// A plan's files beside what stands there now, in the editor's own diff view. The text lives here, never on disk.
import * as vscode from 'vscode';
import type { CommitPlan } from '../changes/plan';

const scheme = 'flux-promote-plan';

export interface Preview extends vscode.Disposable {
  show(plan: CommitPlan): Promise<void>;
  close(): Promise<void>;
}

export function registerPreview(): Preview {
  const texts = new Map<string, string>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
  });
  return {
    show: async (plan) => {
      for (const [index, { file, before, after }] of plan.changes.entries()) {
        const side = (name: string, text: string): vscode.Uri => {
          const uri = vscode.Uri.from({ scheme, path: `/${file}`, query: `${plan.base}-${index}-${name}` });
          texts.set(uri.toString(), text);
          return uri;
        };
        const title = `${file} (${plan.title})`;
        await vscode.commands.executeCommand('vscode.diff', side('before', before), side('after', after), title, {
          // A tab of its own for each of several.
          preview: plan.changes.length === 1,
          preserveFocus: true,
        });
      }
    },
    close: async () => {
      texts.clear();
      const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
      const ours = tabs.filter(
        ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.scheme === scheme,
      );
      await vscode.window.tabGroups.close(ours);
    },
    dispose: () => provider.dispose(),
  };
}
