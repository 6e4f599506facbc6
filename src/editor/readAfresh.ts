import * as vscode from 'vscode';
import { ProblemError } from '../model/problem';
import { signalOf } from './signals';
import type { World } from './world';

/** Verdicts and plans are about now: everything is asked again, and what the tag is. Silence is a verdict of its own. */
export async function readAfresh(
  world: World,
  title: string,
  { image, tag }: { readonly image: string; readonly tag: string },
): Promise<void> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  await vscode.window.withProgress(options, async (_, token) => {
    const signal = signalOf(token);
    await world.refresh(signal);
    await readDigest(world, image, tag, signal);
  });
}

/** Silence stands among the facts. Rejects only when cancelled. */
export async function readDigest(world: World, image: string, tag: string, signal: AbortSignal): Promise<void> {
  try {
    await world.readDigest(image, tag, signal);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
  }
}
