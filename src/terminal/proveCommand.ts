import { parseArgs } from 'node:util';
import { createPatternCache } from '../policy/pattern';
import { answerLines, LineError } from './batch';
import { type Command, type ExitCode, UsageError } from './command';
import { formatJson, required, takesNothing } from './options';
import { answerProof, formatProof, type Proof, prove } from './proveLine';

export const proveCommand: Command = {
  name: 'prove',
  usage: 'prove --pattern PATTERN --within PATTERN [--json] | prove --overlap A B [--json] | prove [--overlap] --batch',
  summary: 'whether one pattern takes only tags of another, with a shortest tag that shows the opposite',
  run: async (given, terminal) => {
    const { values, positionals } = parseArgs({
      args: [...given],
      options: {
        pattern: { type: 'string' },
        within: { type: 'string' },
        overlap: { type: 'boolean' },
        json: { type: 'boolean' },
        batch: { type: 'boolean' },
      },
      allowPositionals: true,
    });
    const proof: Proof = values.overlap === true ? 'overlap' : 'inclusion';
    const compile = createPatternCache(1000);
    if (values.batch === true) {
      takesNothing('prove --batch', positionals);
      await answerLines(terminal, (line) => answerProof(proof, line, compile));
      return 0;
    }
    const [one, other] = proof === 'overlap' ? twoPatterns(positionals) : included(values, positionals);
    const answer = proveOrRefuse(proof, one, other);
    await terminal.print(values.json === true ? formatJson(answer) : `${formatProof(answer)}\n`);
    return exitCodeOf(answer);
  },
};

function twoPatterns(positionals: readonly string[]): readonly [string, string] {
  const [one, other] = positionals;
  if (one === undefined || other === undefined || positionals.length > 2) {
    throw new UsageError('--overlap takes two patterns; put -- before one that begins with a dash.');
  }
  return [one, other];
}

function included(
  { pattern, within }: { readonly pattern?: string | undefined; readonly within?: string | undefined },
  positionals: readonly string[],
): readonly [string, string] {
  takesNothing('prove', positionals);
  return [required('--pattern', pattern), required('--within', within)];
}

function proveOrRefuse(proof: Proof, one: string, other: string): ReturnType<typeof prove> {
  try {
    return prove(proof, one, other, createPatternCache(2));
  } catch (error) {
    if (error instanceof LineError) throw new UsageError(error.message);
    throw error;
  }
}

function exitCodeOf(answer: object): ExitCode {
  if ('undecided' in answer) return 2;
  return 'witness' in answer ? 1 : 0;
}
