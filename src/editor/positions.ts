import * as vscode from 'vscode';
import type { TextRange } from '../model/text';

export function rangeIn(document: vscode.TextDocument, { start, end }: TextRange): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

/** Offsets of the lines of a text that no document need hold, for `rangeFrom`. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

export function rangeFrom(starts: readonly number[], { start, end }: TextRange): vscode.Range {
  return new vscode.Range(positionAt(starts, start), positionAt(starts, end));
}

function positionAt(starts: readonly number[], offset: number): vscode.Position {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return new vscode.Position(low, offset - (starts[low] ?? 0));
}
