import * as vscode from 'vscode';
import { rangeIn } from '../positions';
import { describeSpot } from './hoverWords';
import { type LanguageTools, yamlFiles } from './languageTools';
import { findSpot } from './spot';

export function registerHovers({ folders, live }: LanguageTools): vscode.Disposable {
  return vscode.languages.registerHoverProvider(yamlFiles, {
    provideHover: (document, position) => {
      const checked = folders.fileAt(document.uri);
      if (checked === undefined) return undefined;
      const { repository, path } = checked;
      const place = { file: path, text: document.getText(), offset: document.offsetAt(position) };
      const spot = findSpot(repository, place);
      if (spot === undefined) return undefined;
      const paragraphs = describeSpot(spot, { repository, live: live(), now: Date.now() });
      if (paragraphs.length === 0) return undefined;
      return new vscode.Hover(new vscode.MarkdownString(paragraphs.join('\n\n')), rangeIn(document, spot.range));
    },
  });
}
