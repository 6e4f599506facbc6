// What a learner has shown in a lab, kept beside it: it goes with the lab when that is reset. The lab itself does not look at it.
import { readFile } from 'node:fs/promises';
import { parseJson } from '../base/json';
import { labPaths } from './state';
import { writeAtomically } from './writeAtomically';

/** JSON as it was written; undefined where there is none, or none that can be read. */
export async function readLesson(folder: string): Promise<unknown> {
  try {
    return parseJson(await readFile(labPaths(folder).lesson, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeLesson(folder: string, record: object): Promise<void> {
  await writeAtomically(labPaths(folder).lesson, `${JSON.stringify(record, undefined, 2)}\n`);
}
