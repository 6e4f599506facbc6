import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import {
  type CodeAction,
  CodeActionKind,
  type CodeLens,
  ConfigurationTarget,
  commands,
  DiagnosticSeverity,
  languages,
  Range,
  type TextDocument,
  workspace,
} from 'vscode';
import { deploymentYaml, imagesYaml, positionIn, sourceYaml, type, until, writeFolder } from './manifestFolder';

const loose = imagesYaml.replace('(?P<ts>[0-9]+)$', '(?P<ts>[0-9]+)');

describe('findings in the editor', () => {
  let images: TextDocument;

  const found = (rule: string) =>
    languages.getDiagnostics(images.uri).find(({ code }) => typeof code === 'object' && code.value === rule);
  const actions = async (kind: CodeActionKind): Promise<readonly CodeAction[]> => {
    const at = images.validateRange(new Range(0, 0, 1000, 0));
    return commands.executeCommand<CodeAction[]>('vscode.executeCodeActionProvider', images.uri, at, kind.value);
  };
  const perform = async (title: RegExp, kind: CodeActionKind): Promise<void> => {
    const action = (await actions(kind)).find((one) => title.test(one.title));
    assert.ok(action?.edit, `${title}`);
    await workspace.applyEdit(action.edit);
  };

  before(async () => {
    const files = { 'clusters/images.yaml': imagesYaml, 'clusters/source.yaml': sourceYaml };
    const documents = await writeFolder({ ...files, 'apps/production/backend.yaml': deploymentYaml });
    assert.ok(documents[0]);
    [images] = [documents[0]];
  });

  after(async () => {
    await workspace.getConfiguration('fluxPromote').update('rules', undefined, ConfigurationTarget.Workspace);
    await images.save();
  });

  it('are gone once a file is repaired, and come as it is typed', async () => {
    await type(images, loose);
    await until(() => found('pattern-unanchored'));
    await type(images, imagesYaml);
    await until(() => (found('pattern-unanchored') === undefined ? true : undefined));
  });

  it('weigh what the setting says', async () => {
    await type(images, loose);
    await until(() => found('pattern-unanchored'));
    const settings = workspace.getConfiguration('fluxPromote');
    await settings.update('rules', { 'pattern-unanchored': 'hint' }, ConfigurationTarget.Workspace);
    await until(() => (found('pattern-unanchored')?.severity === DiagnosticSeverity.Hint ? true : undefined));
    await settings.update('rules', { 'pattern-unanchored': 'off' }, ConfigurationTarget.Workspace);
    await until(() => (found('pattern-unanchored') === undefined ? true : undefined));
    await settings.update('rules', undefined, ConfigurationTarget.Workspace);
    await until(() => found('pattern-unanchored'));
  });

  it('offer their repair, and for the safe ones all at once', async () => {
    await type(images, loose.replace('image: ghcr', 'image: https://ghcr'));
    await perform(/^Fix all safe Flux findings in file$/, CodeActionKind.SourceFixAll);
    assert.equal(images.getText(), loose, 'to anchor a pattern is not for all');
    const titles = (await actions(CodeActionKind.QuickFix)).map(({ title }) => title);
    assert.ok(titles.includes('Silence pattern-unanchored on this line'), titles.join('\n'));
  });

  it('are silenced by a comment on the line above', async () => {
    await type(images, loose);
    await until(() => found('pattern-unanchored'));
    await perform(/^Silence pattern-unanchored/, CodeActionKind.QuickFix);
    assert.match(images.getText(), /\n {4}# flux-promote-disable-next-line pattern-unanchored\n {4}pattern:/);
    await until(() => (found('pattern-unanchored') === undefined ? true : undefined));
    await type(images, imagesYaml);
  });

  it('stand below a lens that says what the policy selects', async () => {
    const lenses = await until(async () => {
      const all = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', images.uri, 10);
      return all.length > 0 ? all : undefined;
    });
    assert.deepEqual(
      lenses.map(({ command, range }) => [command?.title, command?.command, range.start.line]),
      [
        [
          'no tags known: open the Environments view',
          'fluxPromote.environments.focus',
          positionIn(images, 'kind: ImagePolicy').line - 1,
        ],
      ],
    );
  });

  it('lead to the other place that they speak of', async () => {
    const overlay = 'namespace: production\nresources:\n  - ../base\n';
    const base = deploymentYaml
      .replace(/image: .*/, 'image: ghcr.io/acme/web:latest')
      .replace(/ {2}namespace: .*\n/, '');
    const [first] = await writeFolder({
      'apps/web/production/kustomization.yaml': overlay,
      'apps/web/base/kustomization.yaml': 'resources:\n  - deployment.yaml\n',
      'apps/web/base/deployment.yaml': base,
    });
    assert.ok(first);
    const related = await until(() => {
      const all = languages.getDiagnostics(first.uri).flatMap(({ relatedInformation }) => relatedInformation ?? []);
      return all.length > 0 ? all : undefined;
    });
    assert.deepEqual(
      related.map(({ location }) => `${workspace.asRelativePath(location.uri)}:${location.range.start.line + 1}`),
      ['apps/web/base/deployment.yaml:10'],
    );
  });
});
