// The entry: registers, and loads the rest on first use. Nothing heavy may be imported here; the build
// refuses this bundle above some kilobytes.
import { commands, type ExtensionContext, window } from 'vscode';

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Flux Promote', { log: true });
  context.subscriptions.push(
    log,
    commands.registerCommand('fluxPromote.showLog', () => log.show()),
  );
}
