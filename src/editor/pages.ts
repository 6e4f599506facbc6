// Read-only Markdown pages that live as long as the window: what was proved or checked, to read, keep and attach.
import * as vscode from 'vscode';
import type { Reporter } from './report';

const scheme = 'flux-promote-page';

export interface Pages extends vscode.Disposable {
  show(name: string, markdown: string): Promise<void>;
}

export function registerPages(): Pages {
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
  });
  return {
    show: async (name, markdown) => {
      const uri = vscode.Uri.from({ scheme, path: `/${name}.md` });
      texts.set(uri.toString(), markdown);
      changed.fire(uri);
      await vscode.commands.executeCommand('markdown.showPreview', uri);
    },
    dispose: () => {
      provider.dispose();
      changed.dispose();
    },
  };
}

/** For a change record or a chat: the page as it is written. */
export async function offerCopy(said: string, markdown: string, reporter: Pick<Reporter, 'offer'>): Promise<void> {
  if (await reporter.offer(said, 'Copy as Markdown')) await vscode.env.clipboard.writeText(markdown);
}
