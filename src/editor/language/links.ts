// From a name to what it names and back, across files.
import * as vscode from 'vscode';
import { findDeclarations, findUses, type LinkPlace } from '../../manifests/links';
import type { ObjectReference } from '../../model/flux';
import type { CheckedFile } from '../checkedFolders';
import { lineStarts, rangeFrom } from '../positions';
import { type LanguageTools, yamlFiles } from './languageTools';
import { findSpot } from './spot';

export function registerLinks({ folders }: LanguageTools): vscode.Disposable {
  const namedAt = (document: vscode.TextDocument, position: vscode.Position) => {
    const checked = folders.fileAt(document.uri);
    if (checked === undefined) return undefined;
    const place = { file: checked.path, text: document.getText(), offset: document.offsetAt(position) };
    const spot = findSpot(checked.repository, place);
    if (spot?.kind === 'name') return { checked, objects: spot.objects };
    if (spot?.kind !== 'marker') return undefined;
    const { namespace, policy: name } = spot.marker;
    return { checked, objects: [{ kind: 'ImagePolicy', namespace, name }] };
  };
  return vscode.Disposable.from(
    vscode.languages.registerDefinitionProvider(yamlFiles, {
      provideDefinition: (document, position) => {
        const named = namedAt(document, position);
        return named && locate(named.checked, named.objects, [findDeclarations]);
      },
    }),
    vscode.languages.registerReferenceProvider(yamlFiles, {
      provideReferences: (document, position, { includeDeclaration }) => {
        const named = namedAt(document, position);
        return (
          named && locate(named.checked, named.objects, includeDeclaration ? [findDeclarations, findUses] : [findUses])
        );
      },
    }),
  );
}

type Find = (repository: CheckedFile['repository'], wanted: ObjectReference) => readonly LinkPlace[];

function locate(
  { repository, workTree }: CheckedFile,
  objects: readonly ObjectReference[],
  finds: readonly Find[],
): vscode.Location[] {
  const places = finds.flatMap((find) => objects.flatMap((wanted) => find(repository, wanted)));
  const unique = new Map(places.map((place) => [`${place.file}\n${place.range.start}`, place]));
  return [...unique.values()].map(({ file, range }) => {
    const starts = lineStarts(repository.tree.read(file) ?? '');
    return new vscode.Location(vscode.Uri.joinPath(workTree.root, file), rangeFrom(starts, range));
  });
}
