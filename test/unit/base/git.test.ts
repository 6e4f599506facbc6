import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { pushProblem, transportProblem } from '../../../src/base/git/gitProblem';
import { parseBatch, parseLog, parsePatch, parseRemotes, parseTree } from '../../../src/base/git/records';
import { type GitCommand, gitArguments } from '../../../src/base/git/run';

const hash = 'a'.repeat(40);

describe('gitArguments', () => {
  const refused: readonly GitCommand[] = [
    { subcommand: 'log', options: ['--output=/tmp/x'] },
    { subcommand: 'grep', options: ['--open-files-in-pager=sh'], values: [hash] },
    { subcommand: 'grep', values: ['main'] },
    { subcommand: 'fetch', options: ['--upload-pack=sh'] },
    { subcommand: 'fetch', values: ['--upload-pack=sh'] },
    { subcommand: 'rev-parse', values: ['-x'] },
    { subcommand: 'rev-parse', values: [''] },
    { subcommand: 'config', values: ['user.name', 'Mallory'] },
    { subcommand: 'remote', values: ['add', 'x', 'y'] },
    { subcommand: 'push', options: ['--force'], values: ['origin'] },
  ];
  for (const command of refused) {
    it(`refuses ${JSON.stringify(command)}`, () => assert.throws(() => gitArguments(command)));
  }

  it('puts every value behind the end of options, and paths behind the dashes', () => {
    const command: GitCommand = { subcommand: 'log', options: ['-p'], values: ['main'], paths: ['-x.yaml'] };
    assert.deepEqual(gitArguments(command), ['log', '-p', '--end-of-options', 'main', '--', '-x.yaml']);
  });

  it('lets an option carry any text as its value', () => {
    const command: GitCommand = { subcommand: 'grep', options: ['-l', '-e', '--output=x'], values: [hash] };
    assert.deepEqual(gitArguments(command), ['grep', '-l', '-e', '--output=x', hash]);
  });
});

describe('git records', () => {
  it('parses a tree, blobs only', () => {
    const output = `100644 blob ${hash}\ta b.yaml\u0000160000 commit ${hash}\tmodule\u0000`;
    assert.deepEqual(parseTree(output), [{ path: 'a b.yaml', mode: '100644', hash }]);
  });

  it('parses batches of any text, byte for byte', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.string({ unit: fc.constantFrom('a', 'ü', '€', '😀', '\n', '\r', '\0', ' ') }))),
        (texts) => {
          const output = texts.map((text) =>
            text === null ? `x:gone missing\n` : `${hash} blob ${Buffer.byteLength(text)}\n${text}\n`,
          );
          const blobs = parseBatch(Buffer.from(output.join('')), 10_000);
          const wellFormed = (text: string): string => Buffer.from(text).toString('utf8');
          assert.deepEqual(
            blobs.map((blob) => blob?.text),
            texts.map((text) => (text === null ? undefined : wellFormed(text))),
          );
        },
      ),
    );
  });

  it('parses commits with what follows them', () => {
    const output = `\x1e${hash}\x1f\x1fBot\x1fbot@x\x1f1700000000\x1fSubject\n\nBody\n\x1f\n\npatch`;
    assert.deepEqual(parseLog(output), [
      {
        commit: {
          hash,
          author: { name: 'Bot', email: 'bot@x' },
          at: 1_700_000_000_000,
          subject: 'Subject',
          message: 'Subject\n\nBody',
          parents: [],
        },
        rest: '\n\npatch',
      },
    ]);
  });

  it('parses remotes by where they are fetched from', () => {
    const output =
      'origin\tgit@h:a b.git (fetch)\norigin\tx (push)\nbare\thttps://h/x (fetch) [blob:none]\n-x\ty (fetch)\n';
    assert.deepEqual(parseRemotes(output), [
      { name: 'origin', url: 'git@h:a b.git' },
      { name: 'bare', url: 'https://h/x' },
    ]);
    assert.deepEqual(parseRemotes(''), []);
  });

  it('parses hunks of several files with their line numbers', () => {
    const patch = `diff --git a/x b/x
--- a/x
+++ b/x
@@ -3 +3 @@ k:
-tag: 1\r
+tag: 2\r
@@ -9,0 +10,2 @@
+--- a
++++ b/fake
diff --git a/gone b/gone
deleted file mode 100644
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
-a
\\ No newline at end of file
`;
    assert.deepEqual(parsePatch(patch), [
      {
        path: 'x',
        hunks: [
          { oldStart: 3, newStart: 3, removed: ['tag: 1'], added: ['tag: 2'] },
          { oldStart: 9, newStart: 10, removed: [], added: ['--- a', '+++ b/fake'] },
        ],
      },
      { path: 'gone', hunks: [{ oldStart: 1, newStart: 0, removed: ['a'], added: [] }] },
    ]);
  });
});

describe('push failures', () => {
  const outputs: readonly (readonly [string, number, string, string])[] = [
    ['fetch first', 1, '!\tabc:refs/heads/main\t[rejected] (fetch first)\nDone', 'git-push-rejected'],
    ['editor, moved tip', 1, ' ! [rejected]        abc -> main (non-fast-forward)\nerror: failed', 'git-push-rejected'],
    [
      'race on the server',
      1,
      '!\tabc:refs/heads/main\t[remote rejected] (incorrect old value provided)',
      'git-push-rejected',
    ],
    ['GitHub', 1, '!\tabc:refs/heads/main\t[remote rejected] (protected branch hook declined)', 'git-push-protected'],
    [
      'GitHub rules',
      1,
      '! a:b\t[remote rejected] (push declined due to repository rule violations)',
      'git-push-protected',
    ],
    [
      'GitLab',
      1,
      '!\tabc:refs/heads/main\t[remote rejected] (pre-receive hook declined)\nremote: GitLab: You are not allowed to push code to protected branches on this project.',
      'git-push-protected',
    ],
    ['server hook', 1, '!\tabc:refs/heads/main\t[remote rejected] (pre-receive hook declined)', 'git-push-hook'],
    ['unpacker', 1, '!\tabc:refs/heads/main\t[remote rejected] (unpacker error)', 'git-failed'],
    ['local hook', 1, 'error: failed to push some refs', 'git-push-hook'],
    ['no network', 128, 'fatal: unable to access: Could not resolve host', 'git-failed'],
    ['no credentials', 128, "fatal: could not read Username for 'https://h': terminal prompts disabled", 'git-auth'],
  ];
  for (const [name, exitCode, output, code] of outputs) {
    it(name, () => {
      assert.equal(pushProblem({ exitCode, output, branch: 'main', remote: 'origin' }).problem.code, code);
    });
  }

  it('keeps credentials out of the cause', () => {
    const { problem } = transportProblem('origin', "fatal: Authentication failed for 'https://u:hunter2@h/x'");
    assert.equal(problem.code, 'git-auth');
    assert.doesNotMatch(JSON.stringify(problem), /hunter2/);
  });
});
