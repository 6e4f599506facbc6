// Composition root of the command line: the same reading and judging as in the editor. It never writes.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { systemClock } from './base/clock';
import { gitReader } from './base/git/reader';
import { gitRun } from './base/git/run';
import { silentLogger } from './base/logger';
import { readManifests } from './manifests/repository';
import { valueOf } from './model/reading';
import { type GitSource, readReference, readRepository } from './sources/git';
import type { Terminal } from './terminal/command';
import { runCommandLine } from './terminal/runCommandLine';

const signal = new AbortController().signal;

function sourceAt(folder: string): GitSource {
  return {
    folder,
    reader: (at) => gitReader(at, gitRun({ folder: at, environment: process.env, logger: silentLogger })),
    readManifests,
    clock: systemClock,
    logger: silentLogger,
  };
}

const terminal: Terminal = {
  folder: process.cwd(),
  print: (output) => void process.stdout.write(output),
  readInput: () => text(process.stdin),
  readFile: (path) => readFile(path, 'utf8'),
  readRepository: async (folder, ref) => {
    const source = sourceAt(resolve(folder));
    if (ref !== undefined) return readReference(source, ref, signal);
    const followed = await readRepository(source, [], undefined, signal);
    const content = valueOf(followed.content);
    return content === undefined ? readReference(source, 'HEAD', signal) : { folder: followed.folder, ...content };
  },
};

async function main(): Promise<void> {
  process.exitCode = await runCommandLine(process.argv.slice(2), terminal, (output) => process.stderr.write(output));
}

void main();
