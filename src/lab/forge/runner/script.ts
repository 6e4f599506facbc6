// The shell of the lab's runner: one command a line, words with quotes and variables, `>> file`, and `A || B`.
// It is deliberately not a shell: there are no loops, no substitutions, no programs but those of `programs.ts`.

import type { Names } from './expressions';

export interface Command {
  readonly words: readonly string[];
  /** `>> FILE`: where its output goes. */
  readonly appendTo: string | undefined;
}

/** Alternatives: the next one runs when the one before has failed. */
export type Line = readonly Command[];

export class ScriptError extends Error {}

/** Comments and empty lines are left out. */
export function splitScript(script: string): readonly string[] {
  return script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Throws `ScriptError` for a quote that does not end. */
export function parseLine(line: string, variables: Names): Line {
  const tokens = readTokens(line, variables);
  const commands: Command[] = [];
  let words: string[] = [];
  let appendTo: string | undefined;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token?.isOperator && token.text === '||') {
      commands.push({ words, appendTo });
      words = [];
      appendTo = undefined;
    } else if (token?.isOperator) {
      index += 1;
      appendTo = tokens[index]?.text;
    } else if (token) {
      words.push(token.text);
    }
  }
  return [...commands, { words, appendTo }];
}

interface Token {
  readonly text: string;
  readonly isOperator: boolean;
}

function readTokens(line: string, variables: Names): readonly Token[] {
  const pattern = /\s+|(?<operator>\|\||>>)|(?<word>(?:'[^']*'|"[^"]*"|[^\s'"|>]+)+)|(?<rest>.)/gy;
  const tokens: Token[] = [];
  for (const match of line.matchAll(pattern)) {
    const { operator, word, rest } = match.groups ?? {};
    if (rest !== undefined) {
      throw new ScriptError(`syntax error near \`${rest}'`);
    }
    if (operator !== undefined) {
      tokens.push({ text: operator, isOperator: true });
    } else if (word !== undefined) {
      tokens.push({ text: expandWord(word, variables), isOperator: false });
    }
  }
  return tokens;
}

function expandWord(word: string, variables: Names): string {
  return word.replace(/'([^']*)'|"([^"]*)"|([^'"]+)/g, (_, single?: string, double?: string, bare?: string) =>
    single === undefined ? expandVariables(double ?? bare ?? '', variables) : single,
  );
}

/** `$NAME`, `${NAME}` and `${NAME#prefix}`. */
function expandVariables(text: string, variables: Names): string {
  return text.replace(/\$(?:\{(\w+)(?:#([^}]*))?\}|(\w+))/g, (_, braced?: string, prefix?: string, plain?: string) => {
    const name = braced ?? plain ?? '';
    const value = (Object.hasOwn(variables, name) ? variables[name] : undefined) ?? '';
    return prefix !== undefined && value.startsWith(prefix) ? value.slice(prefix.length) : value;
  });
}
