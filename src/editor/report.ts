// The only place that shows a message. A message answers something the user did, once: what failed, why, the next step.
import * as vscode from 'vscode';
import type { Logger } from '../base/logger';
import { redact, wordsOf } from '../base/redact';
import type { Refusal } from '../changes/plan';
import { ProblemError } from '../model/problem';

export interface Reporter {
  /** Cancelled passes silently; a problem is said as it is; anything else is a bug and goes to the log with its stack. */
  trouble(action: string, error: unknown): void;
  refused(refusal: Refusal): void;
  done(text: string): void;
  warned(text: string): void;
  /** Says it, and offers one more step: true when the user takes it. */
  offer(text: string, button: string): Promise<boolean>;
  /** Says it, with what can be done with it: the button that was pressed, if any. */
  choose(text: string, buttons: readonly string[]): Promise<string | undefined>;
  /** True when the user agreed. */
  confirm(question: string, detail: readonly string[], button: string): Promise<boolean>;
  /** The button that was pressed; undefined when the user leaves. */
  ask(question: string, detail: readonly string[], buttons: readonly string[]): Promise<string | undefined>;
}

export function isCancelled(error: unknown): boolean {
  return error instanceof vscode.CancellationError || (error instanceof Error && error.name === 'AbortError');
}

/** `titleOf` gives a command's title, for the button that is the next step. */
export function createReporter(log: Logger, titleOf: (command: string) => string): Reporter {
  const showError = async (message: string, remedy: string | undefined): Promise<void> => {
    const command = `fluxPromote.${remedy ?? 'refresh'}`;
    const next = titleOf(command);
    const buttons = remedy === undefined ? ['Show Log'] : [next, 'Show Log'];
    const button = await vscode.window.showErrorMessage(message, ...buttons);
    if (button === next) await vscode.commands.executeCommand(command);
    if (button === 'Show Log') await vscode.commands.executeCommand('fluxPromote.showLog');
  };
  const choose: Reporter['choose'] = async (text, buttons) => {
    log.info(text);
    return await vscode.window.showInformationMessage(text, ...buttons);
  };
  const ask: Reporter['ask'] = async (question, detail, buttons) => {
    const options = { modal: true, detail: detail.join('\n') };
    return await vscode.window.showInformationMessage(question, options, ...buttons);
  };
  return {
    trouble: (action, error) => {
      if (isCancelled(error)) return;
      if (error instanceof ProblemError) {
        const { code, message, cause, remedy } = error.problem;
        log.warn(`${action}: ${code}: ${message}${cause === undefined ? '' : ` (${redact(cause)})`}`);
        void showError(message, remedy);
        return;
      }
      log.error(`${action}: ${wordsOf(error)}`);
      void showError(`${action} stopped on an error of Flux Promote itself. The log has the details.`, undefined);
    },
    refused: ({ reason, wayOut }) => {
      log.info(`Refused: ${reason}`);
      void vscode.window.showWarningMessage(wayOut === undefined ? reason : `${reason} ${wayOut}`);
    },
    done: (text) => {
      log.info(text);
      void vscode.window.showInformationMessage(text);
    },
    warned: (text) => {
      log.warn(text);
      void vscode.window.showWarningMessage(text);
    },
    offer: async (text, button) => (await choose(text, [button])) === button,
    choose,
    confirm: async (question, detail, button) => (await ask(question, detail, [button])) === button,
    ask,
  };
}
