// The practice lab's commands: open it, start it afresh, break it. The lab itself is handed in by the composition root.
import * as vscode from 'vscode';
import { askPick } from './ask';
import type { Reporter } from './report';
import { signalOf } from './signals';

export type Breakage = 'production-does-not-update' | 'wrong-environment' | 'rollout-undo';

/** What the composition root gives: each call runs the lab's own program. Rejects with problems. */
export interface LabControl {
  /** Makes the lab where there is none; the folder to open. */
  create(signal: AbortSignal): Promise<string>;
  /** Stops it, throws it away and makes it anew; the folder to open. */
  reset(signal: AbortSignal): Promise<string>;
  break(breakage: Breakage, signal: AbortSignal): Promise<void>;
  /** Whether this window's workspace is the lab. */
  readonly isOpen: boolean;
}

async function whileWaiting<T>(title: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, (_, token) => run(signalOf(token)));
}

/** The walkthrough over the lab. */
export interface Lesson {
  show(): Promise<void>;
  /** In the window that opens the lab next. */
  showInNextWindow(): Thenable<void>;
}

export async function openPracticeLab(lab: LabControl, lesson: Lesson): Promise<void> {
  if (lab.isOpen) {
    await lesson.show();
    return;
  }
  const folder = await whileWaiting('Making the practice lab', (signal) => lab.create(signal));
  await lesson.showInNextWindow();
  const hasFolder = (vscode.workspace.workspaceFolders ?? []).length > 0;
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), { forceNewWindow: hasFolder });
}

export async function resetPracticeLab(lab: LabControl, lesson: Lesson, reporter: Reporter): Promise<void> {
  const question = 'Reset the practice lab?';
  const detail = ['Its repositories, builds and history are thrown away and made anew.'];
  if (!(await reporter.confirm(question, detail, 'Reset'))) return;
  const folder = await whileWaiting('Resetting the practice lab', (signal) => lab.reset(signal));
  await lesson.showInNextWindow();
  if (lab.isOpen) await vscode.commands.executeCommand('workbench.action.reloadWindow');
  else await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), { forceNewWindow: true });
}

const breakages: readonly (vscode.QuickPickItem & { readonly breakage: Breakage })[] = [
  {
    label: 'Production does not update',
    detail: 'Somebody changes the production policy; the next promotion never arrives.',
    breakage: 'production-does-not-update',
  },
  {
    label: 'The wrong environment is updated',
    detail: 'Somebody lets the production policy take staging tags.',
    breakage: 'wrong-environment',
  },
  {
    label: 'Somebody ran rollout undo',
    detail: 'The production workload goes back to its previous image, past Git.',
    breakage: 'rollout-undo',
  },
];

export async function breakPracticeLab(lab: LabControl, reporter: Reporter): Promise<void> {
  if (!lab.isOpen) {
    reporter.refused({
      kind: 'refusal',
      reason: 'This window is not the practice lab.',
      wayOut: 'Open the practice lab first.',
    });
    return;
  }
  const picked = await askPick(breakages, { title: 'Break the practice lab: what goes wrong' });
  if (picked === undefined) return;
  await whileWaiting(`Breaking: ${picked.label}`, (signal) => lab.break(picked.breakage, signal));
}
