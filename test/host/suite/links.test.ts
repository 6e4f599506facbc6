import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import {
  type CompletionList,
  commands,
  type Hover,
  type Location,
  MarkdownString,
  type TextDocument,
  workspace,
} from 'vscode';
import { deploymentYaml, imagesYaml, positionIn, sourceYaml, until, writeFolder } from './manifestFolder';

describe('hovers and links', () => {
  let images: TextDocument;
  let deployment: TextDocument;

  before(async () => {
    const documents = await writeFolder({
      'clusters/images.yaml': imagesYaml,
      'clusters/source.yaml': sourceYaml,
      'apps/production/backend.yaml': deploymentYaml,
    });
    const [first, , third] = documents;
    assert.ok(first && third);
    [images, deployment] = [first, third];
  });

  const hover = (document: TextDocument, target: string): Promise<string> =>
    until(async () => {
      const at = positionIn(document, target);
      const found = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', document.uri, at);
      const texts = found.flatMap(({ contents }) =>
        contents.map((one) => (one instanceof MarkdownString ? one.value : '')),
      );
      return texts.find((text) => text.includes('`'));
    });
  const places = (command: string, document: TextDocument, target: string, shift = 1): Promise<readonly string[]> =>
    until(async () => {
      const found = await commands.executeCommand<Location[]>(
        command,
        document.uri,
        positionIn(document, target, shift),
      );
      const lines = await Promise.all(
        found.map(async ({ uri, range }) => {
          const text = (await workspace.openTextDocument(uri)).getText(range);
          return `${workspace.asRelativePath(uri)}:${range.start.line + 1} ${text}`;
        }),
      );
      return lines.length === 0 ? undefined : lines.toSorted();
    });

  it('explain a pattern, a marker and a tag from text alone', async () => {
    assert.match(await hover(images, '^production'), /begins with `production-v`/);
    const marker = await hover(deployment, '# {');
    assert.match(marker, /ImagePolicy `flux-system\/backend-production`, declared in `clusters\/images.yaml`/);
    assert.match(marker, /Written by ImageUpdateAutomation `flux-system\/apps`/);
    assert.match(await hover(deployment, 'ghcr.io'), /`production-v1.0.0-1700000000` of `ghcr.io\/acme\/backend`/);
  });

  it('lead from a marker to its policy, and on to the repository and the source', async () => {
    const definition = 'vscode.executeDefinitionProvider';
    assert.deepEqual(await places(definition, deployment, 'flux-system:backend'), [
      'clusters/images.yaml:13 backend-production',
    ]);
    assert.deepEqual(await places(definition, images, 'imageRepositoryRef:\n    name: b', 30), [
      'clusters/images.yaml:4 backend',
    ]);
    const source = 'kind: GitRepository\n    name: f';
    assert.deepEqual(await places(definition, images, source, source.length), ['clusters/source.yaml:4 flux-system']);
  });

  it('lead from a policy to its markers', async () => {
    assert.deepEqual(await places('vscode.executeReferenceProvider', images, 'backend-production'), [
      'apps/production/backend.yaml:11 flux-system:backend-production',
      'clusters/images.yaml:13 backend-production',
    ]);
  });

  it('are completed from the names that the repository has', async () => {
    const at = positionIn(deployment, 'backend-production"', 0);
    const labels = await until(async () => {
      const provider = 'vscode.executeCompletionItemProvider';
      const { items } = await commands.executeCommand<CompletionList>(provider, deployment.uri, at);
      const own = items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      return own.some((label) => label.includes(':')) ? own : undefined;
    });
    assert.deepEqual(labels, ['flux-system:backend-production']);
  });
});
