// Draws the fleet's rows in the native tree. Rows are data: this adapter is the only thing that knows tree items.
import * as vscode from 'vscode';
import { type Row, type RowState, rowsByEnvironment } from '../fleet/rows';
import { deriveViewMessage } from '../fleet/viewMessage';
import type { World } from './world';

const icons: Readonly<Record<RowState, readonly [icon: string, colour?: string]>> = {
  done: ['pass', 'testing.iconPassed'],
  waiting: ['sync', 'charts.blue'],
  failed: ['error', 'testing.iconFailed'],
  unknown: ['question', 'disabledForeground'],
  drifted: ['git-compare', 'charts.orange'],
  undone: ['warning', 'charts.orange'],
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
  const draw = (): void => {
    changed.fire(undefined);
    // An empty line is none.
    view.message = deriveViewMessage(world.facts, world.fleet, Date.now()) ?? '';
  };
  const subscription = world.onDidChange(draw);
  // Ages move on by themselves, slowly, and only where somebody looks.
  let clock: NodeJS.Timeout | undefined;
  const look = (): void => {
    clearInterval(clock);
    clock = view.visible ? setInterval(draw, 30_000) : undefined;
  };
  const looking = view.onDidChangeVisibility(look);
  look();
  return {
    get isVisible() {
      return view.visible;
    },
    onDidChangeVisibility: view.onDidChangeVisibility,
    dispose: () => {
      clearInterval(clock);
      looking.dispose();
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
