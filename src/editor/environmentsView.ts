// Draws the fleet's rows in the native tree. Rows are data: this adapter is the only thing that knows tree items.
import * as vscode from 'vscode';
import { type Row, type RowState, rowsByEnvironment } from '../fleet/rows';
import type { World } from './world';

const icons: Readonly<Record<RowState, readonly [icon: string, colour?: string]>> = {
  done: ['pass', 'testing.iconPassed'],
  waiting: ['sync', 'charts.blue'],
  failed: ['error', 'testing.iconFailed'],
  unknown: ['question', 'disabledForeground'],
  drifted: ['git-compare', 'charts.orange'],
  held: ['lock', 'charts.yellow'],
  plain: ['circle-small'],
};

export interface EnvironmentsView extends vscode.Disposable {
  readonly isVisible: boolean;
  readonly onDidChangeVisibility: vscode.Event<unknown>;
}

export function registerEnvironmentsView(world: World): EnvironmentsView {
  const changed = new vscode.EventEmitter<undefined>();
  const view = vscode.window.createTreeView<Row>('fluxPromote.environments', {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (row) => (row === undefined ? [...rowsByEnvironment(world.fleet, Date.now())] : [...row.children]),
      getTreeItem: drawRow,
    },
    showCollapseAll: true,
  });
  const subscription = world.onDidChange(() => changed.fire(undefined));
  // Ages move on by themselves, slowly, and only where somebody looks.
  const clock = setInterval(() => {
    if (view.visible) changed.fire(undefined);
  }, 30_000);
  return {
    get isVisible() {
      return view.visible;
    },
    onDidChangeVisibility: view.onDidChangeVisibility,
    dispose: () => {
      clearInterval(clock);
      subscription.dispose();
      view.dispose();
      changed.dispose();
    },
  };
}

function drawRow(row: Row): vscode.TreeItem {
  const collapsed =
    row.children.length === 0
      ? vscode.TreeItemCollapsibleState.None
      : row.kind === 'environment'
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed;
  const item = new vscode.TreeItem(row.label, collapsed);
  const [icon, colour] = icons[row.state];
  item.id = row.id;
  item.description = row.description;
  item.iconPath = new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
  item.tooltip = new vscode.MarkdownString(row.tooltip.map(escapeMarkdown).join('\n\n'));
  item.accessibilityInformation = { label: row.spoken };
  item.contextValue = [row.kind, ...row.traits].join(' ');
  if (row.opens !== undefined && row.kind === 'detail') {
    item.command = { command: 'fluxPromote.openFile', title: 'Open File', arguments: [row] };
  }
  return item;
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~]/g, '\\$&');
}
