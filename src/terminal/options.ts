// Options that all commands share, and checks of what they were given.
import { resolve } from 'node:path';
import { type Terminal, UsageError } from './command';

export const repositoryOptions = {
  repo: { type: 'string' },
  ref: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Where the repository is looked for. */
export function repositoryFolder({ repo }: { readonly repo?: string | undefined }, { folder }: Terminal): string {
  return resolve(folder, repo ?? '.');
}

/** No reference begins with a dash or is empty; Git would take the one for an option and the other for HEAD. */
export function checkedRef({ ref }: { readonly ref?: string | undefined }): string | undefined {
  if (ref !== undefined && !/^[^-\s][^\r\n]*$/.test(ref))
    throw new UsageError(`--ref is a branch, tag or commit, not "${ref}".`);
  return ref;
}

export function takesNothing(command: string, [first]: readonly string[]): void {
  if (first !== undefined) throw new UsageError(`${command} takes no argument "${first}".`);
}

export function oneOf<T extends string>(option: string, given: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === given);
  if (choice === undefined) throw new UsageError(`${option} is one of ${choices.join(', ')}, not "${given}".`);
  return choice;
}

export function required(option: string, given: string | undefined): string {
  if (given === undefined) throw new UsageError(`${option} is missing.`);
  return given;
}

export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** A text for a terminal: control characters, which could do anything to it, are shown as escapes. Line feeds stay. */
export function formatVisible(text: string): string {
  return text.replace(/[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
