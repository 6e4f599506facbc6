// One line for the worst thing that matters; silent when all is well.
import * as vscode from 'vscode';
import { worstLine } from '../fleet/rows';
import type { World } from './world';

export function registerStatusLine(world: World): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('fluxPromote.status', vscode.StatusBarAlignment.Left, 10);
  item.name = 'Flux Promote';
  item.command = 'fluxPromote.environments.focus';
  const draw = (): void => {
    const text = worstLine(world.fleet);
    if (text === undefined) {
      item.hide();
      return;
    }
    // What to do next is said by the tooltip and by the view.
    item.text = `$(rocket) ${text.split('. ', 1)[0] ?? text}`;
    item.tooltip = `Flux Promote: ${text}`;
    item.show();
  };
  const subscription = world.onDidChange(draw);
  draw();
  return {
    dispose: () => {
      subscription.dispose();
      item.dispose();
    },
  };
}
