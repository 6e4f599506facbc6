// Draws rows in a native tree, live. Rows are data: this adapter is the only thing that knows tree items.
import * as vscode from 'vscode';
import type { Row, RowState } from '../fleet/rows';
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

export interface RowTree extends vscode.Disposable {
  readonly isVisible: boolean;
  readonly onDidChangeVisibility: vscode.Event<unknown>;
  draw(): void;
}

export interface RowTreeOptions {
  readonly id: string;
  readonly world: World;
  /** The top rows. `now` is milliseconds since the epoch. */
  readonly rows: (now: number) => readonly Row[];
  /** What stands beside the rows: a message above, a badge on the container. */
  readonly decorate: (view: vscode.TreeView<Row>, now: number) => void;
}

export function registerRowTree({ id, world, rows, decorate }: RowTreeOptions): RowTree {
  const changed = new vscode.EventEmitter<undefined>();
  const view = vscode.window.createTreeView<Row>(id, {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (row) => [...(row?.children ?? rows(Date.now()))],
      getTreeItem: drawRow,
      resolveTreeItem: (item, row) => {
        item.tooltip = new vscode.MarkdownString(row.tooltip.map(escapeMarkdown).join('\n\n'));
        return item;
      },
    },
    showCollapseAll: true,
  });
  const draw = (): void => {
    changed.fire(undefined);
    decorate(view, Date.now());
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
    draw,
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
  const item = new vscode.TreeItem(row.label, collapsibleState(row));
  const [icon, colour] = icons[row.state];
  item.id = row.id;
  item.description = row.description;
  item.iconPath = new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
  item.accessibilityInformation = { label: row.spoken };
  item.contextValue = [row.kind, ...row.traits].join(' ');
  if (row.opens !== undefined && row.kind === 'detail') {
    item.command = { command: 'fluxPromote.openFile', title: 'Open File', arguments: [row] };
  }
  return item;
}

function collapsibleState(row: Row): vscode.TreeItemCollapsibleState {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  if (row.isClosed === true) return Collapsed;
  if (row.children.length === 0) return None;
  return row.kind === 'detail' ? Collapsed : Expanded;
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~]/g, '\\$&');
}
