// The entry: registers the commands and loads the rest on first use. Nothing heavy may be imported here; the build refuses
// this bundle above some kilobytes.
import { commands, type ExtensionContext, window, workspace } from 'vscode';
import { commandNames } from './editor/commandNames';
import type { Application } from './main';

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Flux Promote', { log: true });
  let loaded: Promise<Application> | undefined;
  const load = (): Promise<Application> => {
    loaded ??= import('./main').then(({ start }) => start(context, log));
    return loaded;
  };
  context.subscriptions.push(
    log,
    commands.registerCommand('fluxPromote.showLog', () => log.show()),
    ...commandNames.map((name) =>
      commands.registerCommand(name, async (argument: unknown) => (await load()).run(name, argument)),
    ),
  );
  if ((workspace.workspaceFolders ?? []).length === 0) return;
  setImmediate(() => {
    load().catch((error: unknown) => log.error(error instanceof Error ? error : String(error)));
  });
}
