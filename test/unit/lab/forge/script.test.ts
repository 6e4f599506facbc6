import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { fillExpressions } from '../../../../src/lab/forge/runner/expressions';
import { parseLine, ScriptError, splitScript } from '../../../../src/lab/forge/runner/script';

const variables = { TAG: 'staging-v1', NAME: 'a b', EMPTY: '' };

describe("the script of the lab's runner", () => {
  const lines: readonly { readonly line: string; readonly words: readonly (readonly string[])[] }[] = [
    { line: 'crane tag a b', words: [['crane', 'tag', 'a', 'b']] },
    { line: 'echo "$TAG"', words: [['echo', 'staging-v1']] },
    { line: 'echo ${TAG#staging-}', words: [['echo', 'v1']] },
    { line: 'echo ${TAG#production-}', words: [['echo', 'staging-v1']] },
    { line: "echo '$TAG'", words: [['echo', '$TAG']] },
    { line: 'echo "$NAME" x"$EMPTY"y', words: [['echo', 'a b', 'xy']] },
    { line: 'echo "production-${TAG#staging-}:$NAME"', words: [['echo', 'production-v1:a b']] },
    { line: 'echo $NOBODY end', words: [['echo', '', 'end']] },
    {
      line: 'gh view "$TAG" || gh create "$TAG"',
      words: [
        ['gh', 'view', 'staging-v1'],
        ['gh', 'create', 'staging-v1'],
      ],
    },
    { line: 'echo "a || b" "c >> d"', words: [['echo', 'a || b', 'c >> d']] },
  ];
  for (const { line, words } of lines) {
    it(line, () => {
      assert.deepEqual(
        parseLine(line, variables).map((command) => command.words),
        words,
      );
    });
  }

  it('knows where output goes', () => {
    const [command] = parseLine('echo "A=$TAG" >> "$GITHUB_ENV"', { ...variables, GITHUB_ENV: 'file' });
    assert.deepEqual(command, { words: ['echo', 'A=staging-v1'], appendTo: 'file' });
  });

  it('refuses what it does not understand', () => {
    for (const line of ['echo "open', 'a | b', 'a > b']) {
      assert.throws(() => parseLine(line, {}), ScriptError, line);
    }
  });

  it('a value never becomes more than one word, and is never read again', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        assert.deepEqual(parseLine('run "$VALUE" ${VALUE}', { VALUE: value })[0]?.words, ['run', value, value]);
      }),
    );
  });

  it('leaves out comments and empty lines', () => {
    assert.deepEqual(splitScript('\n# why\n  a b  \n\nc\n'), ['a b', 'c']);
  });

  it('fills in expressions by name, unknown ones with nothing', () => {
    const names = { 'inputs.tag': 'x', 'vars.REGISTRY': 'host:1' };
    assert.equal(fillExpressions('${{ vars.REGISTRY }}/a:${{inputs.tag}}${{ secrets.NONE }}', names), 'host:1/a:x');
    assert.equal(fillExpressions('${{ constructor }}', names), '');
  });
});
