import * as vscode from 'vscode';
import { ProblemError } from '../model/problem';
import { findPlacement, placementOf } from './choose';
import type { World } from './world';

/** Opens the line in the user's clone where a placement's tag is written. */
export async function openFile(world: World, argument: unknown): Promise<void> {
  const id = placementOf(argument);
  const place = id && findPlacement(world.fleet, id)?.writtenAt;
  if (place === undefined) return;
  await showLine(place.folder, place.origin.file, place.origin.line);
}

/** `line` is one-based. */
export async function showLine(folder: string, file: string, line: number): Promise<void> {
  const uri = vscode.Uri.joinPath(vscode.Uri.file(folder), file);
  await assertThere(uri, file);
  const position = new vscode.Position(line - 1, 0);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(position, position) });
}

/** The followed branch may have files that the user's own does not. */
async function assertThere(uri: vscode.Uri, file: string): Promise<void> {
  try {
    await vscode.workspace.fs.stat(uri);
  } catch (error) {
    if (!(error instanceof vscode.FileSystemError)) throw error;
    const message = `${file} is on the branch that Flux follows, and not in your work tree. Pull, then open it.`;
    throw new ProblemError({ code: 'file-vanished', message });
  }
}
