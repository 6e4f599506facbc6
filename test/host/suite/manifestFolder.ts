// A small GitOps repository in the suite's own workspace, and the editor's answers about it.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Position, Range, type TextDocument, Uri, WorkspaceEdit, workspace } from 'vscode';

export const imagesYaml = `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata:
  name: backend
  namespace: flux-system
spec:
  image: ghcr.io/acme/backend
  interval: 5m
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: backend-production
  namespace: flux-system
spec:
  imageRepositoryRef:
    name: backend
  filterTags:
    pattern: '^production-v[0-9.]+-(?P<ts>[0-9]+)$'
    extract: '$ts'
  policy:
    numerical:
      order: asc
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata:
  name: apps
  namespace: flux-system
spec:
  interval: 5m
  sourceRef:
    kind: GitRepository
    name: flux-system
  git:
    checkout:
      ref:
        branch: main
    commit:
      author:
        email: flux@example.com
  update:
    path: ./apps
`;

export const sourceYaml = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  url: https://github.com/acme/flux
  interval: 1m
`;

export const deploymentYaml = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: backend
  namespace: production
spec:
  template:
    spec:
      containers:
        - name: app
          image: ghcr.io/acme/backend:production-v1.0.0-1700000000 # {"$imagepolicy": "flux-system:backend-production"}
`;

/** Everything there is in the folder, opened. */
export async function writeFolder(files: Readonly<Record<string, string>>): Promise<readonly TextDocument[]> {
  const documents: TextDocument[] = [];
  for (const [path, text] of Object.entries(files)) {
    await workspace.fs.writeFile(uriOf(path), Buffer.from(text));
    documents.push(await workspace.openTextDocument(uriOf(path)));
  }
  return documents;
}

export function uriOf(path: string): Uri {
  const [folder] = workspace.workspaceFolders ?? [];
  if (folder === undefined) throw new Error('The suite runs in a folder.');
  return Uri.joinPath(folder.uri, path);
}

/** Just behind the start of a text in a document. */
export function positionIn(document: TextDocument, text: string, shift = 1): Position {
  const at = document.getText().indexOf(text);
  if (at < 0) throw new Error(`${document.fileName} does not hold ${text}`);
  return document.positionAt(at + shift);
}

/** Replaces a document's whole text without saving it. */
export async function type(document: TextDocument, text: string): Promise<void> {
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, document.validateRange(new Range(0, 0, 100_000, 0)), text);
  await workspace.applyEdit(edit);
}

/** Asks again until the answer is there: readings follow the files a moment later. */
export async function until<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error('Nothing came within 30 seconds.');
    await sleep(100);
  }
}
