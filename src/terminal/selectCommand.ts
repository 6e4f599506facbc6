import { parseArgs } from 'node:util';
import type { PolicyChoice, PolicySpec } from '../model/flux';
import { optional } from '../model/optional';
import { createPatternCache } from '../policy/pattern';
import { select } from '../policy/select';
import { answerLines } from './batch';
import { type Command, type Terminal, UsageError } from './command';
import { formatJson, required, takesNothing } from './options';
import { answerSelect, formatSelection, formatTrace, isFluxVersion } from './selectLine';

export const selectCommand: Command = {
  name: 'select',
  usage:
    'select [--pattern PATTERN] [--extract TEMPLATE] (--semver RANGE | --alphabetical [asc|desc] | --numerical [asc|desc])\n' +
    '         [--exclude PATTERN]… --tags FILE|- [--flux VERSION] [--json] | select --batch',
  summary: 'which tag an ImagePolicy takes from a list, and why',
  run: async (given, terminal) => {
    const { values, positionals } = parseArgs({
      args: joinOrders(given),
      options: {
        pattern: { type: 'string' },
        extract: { type: 'string' },
        semver: { type: 'string' },
        alphabetical: { type: 'string' },
        numerical: { type: 'string' },
        exclude: { type: 'string', multiple: true },
        tags: { type: 'string' },
        flux: { type: 'string' },
        json: { type: 'boolean' },
        batch: { type: 'boolean' },
      },
      allowPositionals: true,
    });
    takesNothing('select', positionals);
    if (values.batch === true) {
      const compile = createPatternCache(1000);
      await answerLines(terminal, (line) => answerSelect(line, compile));
      return 0;
    }
    const { pattern, extract, flux } = values;
    if (flux !== undefined && !isFluxVersion(flux)) {
      throw new UsageError(`--flux is a version such as 2.9, not "${flux}".`);
    }
    const spec: PolicySpec = { ...filterOf(pattern, extract), policy: choiceOf(values) };
    const tags = await readTags(terminal, required('--tags', values.tags));
    const selection = select(spec, tags, { ...optional('exclude', values.exclude), ...optional('flux', flux) });
    const answer = formatSelection(selection);
    if (values.json === true) await terminal.print(formatJson({ ...answer, trace: formatTrace(selection.trace()) }));
    else if ('tag' in answer) await terminal.print(`${answer.tag}\n`);
    else await terminal.print(`${'tags' in answer ? answer.tags.join('\n') : answer.error}\n`);
    return selection.kind === 'error' ? 1 : 0;
  },
};

/** `--alphabetical desc`, and `--alphabetical` alone: node's parser knows no option with a value that may be left out. */
function joinOrders(given: readonly string[]): string[] {
  const joined: string[] = [];
  for (let index = 0; index < given.length; index += 1) {
    const argument = given[index] ?? '';
    const isOrdered = argument === '--alphabetical' || argument === '--numerical';
    const next = given[index + 1] ?? '';
    if (!isOrdered) joined.push(argument);
    else if (/^(?:asc|desc)$/i.test(next)) {
      joined.push(`${argument}=${next}`);
      index += 1;
    } else joined.push(`${argument}=asc`);
  }
  return joined;
}

function filterOf(pattern: string | undefined, extract: string | undefined): Pick<PolicySpec, 'filterTags'> {
  if (pattern === undefined && extract === undefined) return {};
  return { filterTags: { ...optional('pattern', pattern), ...optional('extract', extract) } };
}

function choiceOf(values: {
  readonly semver?: string | undefined;
  readonly alphabetical?: string | undefined;
  readonly numerical?: string | undefined;
}): PolicyChoice {
  const { semver, alphabetical, numerical } = values;
  const choices = [semver, alphabetical, numerical].filter((choice) => choice !== undefined);
  if (choices.length !== 1) throw new UsageError('Give one of --semver, --alphabetical and --numerical.');
  if (semver !== undefined) return { semver: { range: semver } };
  return alphabetical === undefined
    ? { numerical: optional('order', numerical) }
    : { alphabetical: { order: alphabetical } };
}

async function readTags(terminal: Terminal, source: string): Promise<readonly string[]> {
  const lines: string[] = [];
  if (source === '-') for await (const line of terminal.inputLines()) lines.push(line);
  else lines.push(...(await terminal.readFile(source)).split('\n'));
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}
