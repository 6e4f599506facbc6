// The YAML files of a workspace folder as a synchronous tree: what is on disk, with what is typed laid over it.
// Reads text only, so it works in Restricted Mode too.
import * as vscode from 'vscode';
import { maximumFileSize } from '../manifests/documents';
import type { Tree } from '../manifests/tree';

const pattern = '**/{*.yaml,*.yml,Kustomization}';
const excluded = '**/{node_modules,.git}/**';
const mostFiles = 20_000;
/** Files that are read at the same time. */
const batch = 64;

export interface WorkTree {
  readonly root: vscode.Uri;
  readonly tree: Tree;
}

/** The repository that a folder is in, found without Git: the nearest folder upward that holds `.git`, else itself. */
export async function findRoot(folder: vscode.Uri): Promise<vscode.Uri> {
  for (let at = folder; ; at = vscode.Uri.joinPath(at, '..')) {
    if (await exists(vscode.Uri.joinPath(at, '.git'))) return at;
    if (vscode.Uri.joinPath(at, '..').path === at.path) return folder;
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (error instanceof vscode.FileSystemError) return false;
    throw error;
  }
}

/** Relative to the root, with forward slashes; undefined for what lies elsewhere. */
export function pathIn(root: vscode.Uri, uri: vscode.Uri): string | undefined {
  const prefix = root.path.endsWith('/') ? root.path : `${root.path}/`;
  return uri.scheme === root.scheme && uri.path.startsWith(prefix) ? uri.path.slice(prefix.length) : undefined;
}

export async function readWorkTree(root: vscode.Uri): Promise<WorkTree> {
  const uris = await vscode.workspace.findFiles(new vscode.RelativePattern(root, pattern), excluded, mostFiles);
  const texts = new Map<string, string>();
  for (let start = 0; start < uris.length; start += batch) {
    const part = uris.slice(start, start + batch);
    const read = await Promise.all(part.map(readText));
    for (const [index, uri] of part.entries()) {
      const path = pathIn(root, uri);
      const text = read[index];
      if (path !== undefined && text !== undefined) texts.set(path, text);
    }
  }
  for (const document of vscode.workspace.textDocuments) {
    const path = pathIn(root, document.uri);
    if (path !== undefined && texts.has(path)) texts.set(path, document.getText());
  }
  return { root, tree: { list: () => [...texts.keys()], read: (path) => texts.get(path) } };
}

/** Undefined for a file that vanished meanwhile, or that is too large to be a manifest. */
async function readText(uri: vscode.Uri): Promise<string | undefined> {
  try {
    const bytes = await vscode.workspace.fs.readFile(uri);
    return bytes.length > maximumFileSize ? undefined : new TextDecoder().decode(bytes);
  } catch (error) {
    if (error instanceof vscode.FileSystemError) return undefined;
    throw error;
  }
}
