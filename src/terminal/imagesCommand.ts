import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { manifestReader } from '../manifests/manifestReader';
import type { Tree } from '../manifests/tree';
import { answerLines } from './batch';
import { type Command, type Terminal, UsageError } from './command';
import { answerImages, listImages } from './imagesLine';
import { checkedRef, repositoryFolder, repositoryOptions, takesNothing } from './options';
import { pathIn } from './subject';
import { treeOfDisk, treeOfRepository } from './trees';

export const imagesCommand: Command = {
  name: 'images',
  usage: 'images DIR… [--repo PATH] [--ref REF] | images --batch',
  summary: 'what the containers of built overlays run, one line of JSON a folder; from the disk, or at REF',
  run: async (given, terminal) => {
    const { values, positionals } = parseArgs({
      args: [...given],
      options: { ...repositoryOptions, batch: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (values.batch === true) {
      takesNothing('images --batch', positionals);
      await answerLines(terminal, answerImages);
      return 0;
    }
    if (positionals.length === 0) throw new UsageError('images takes at least one folder.');
    const { tree, folders } = await readTrees(
      positionals,
      repositoryFolder(values, terminal),
      checkedRef(values),
      terminal,
    );
    const reader = manifestReader(tree);
    const answers = positionals.map((dir, index) => listImages(tree, reader, dir, folders[index] ?? dir));
    for (const answer of answers) await terminal.print(`${JSON.stringify(answer)}\n`);
    return answers.some((answer) => !('images' in answer)) ? 2 : 0;
  },
};

async function readTrees(
  dirs: readonly string[],
  folder: string,
  ref: string | undefined,
  terminal: Terminal,
): Promise<{ readonly tree: Tree; readonly folders: readonly string[] }> {
  const absolute = dirs.map((dir) => resolve(folder, dir));
  if (ref === undefined) {
    const disk = await terminal.readFolders(absolute);
    return { tree: treeOfDisk(disk), folders: disk.asked };
  }
  const content = await terminal.readRepository(folder, ref);
  const folders = absolute.map((path) => pathIn(content.facts.folder, path));
  return { tree: treeOfRepository(content), folders };
}
