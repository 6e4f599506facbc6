// How the programs of the live stack are come by, without building any: `go` is a script here, and the build pretends.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { root } from '../../../scripts/paths';
import { makeTemporaryFolder, removeTemporaryFolder } from '../temporaryFolder';
import { until } from '../until';

const closingLine = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m;

interface Run {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

describe("the live stack's programs", function () {
  // Real programs, on a machine that may be busy.
  this.timeout(60_000);
  let folder: string;
  let module: string;
  let runs: Run[];

  beforeEach(async () => {
    folder = await makeTemporaryFolder();
    module = join(folder, 'module');
    runs = [];
    mkdirSync(module);
    writeFileSync(join(module, 'go.mod'), 'module example.test\n\ngo 1.26.0\n');
    writeFileSync(join(module, 'go.sum'), '');
    mkdirSync(join(folder, 'bin'));
  });
  afterEach(async () => {
    for (const { child } of runs) child.kill('SIGKILL');
    await Promise.all(runs.map(({ ended }) => ended));
    await removeTemporaryFolder(folder);
  });

  const haveGo = (script: string): void =>
    writeFileSync(join(folder, 'bin', 'go'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const start = (...args: readonly string[]): Run => {
    const env = {
      ...process.env,
      PATH: join(folder, 'bin'),
      FLUX_PROMOTE_CACHE: join(folder, 'cache'),
    };
    const child = spawn(process.execPath, ['--require', 'tsx/cjs', ...args], { cwd: root, env, stdio: 'pipe' });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const run: Run = { child, said: () => text, ended };
    runs.push(run);
    return run;
  };
  const build = (): Run => start(join(__dirname, 'pretendedBuild.ts'), module);
  const says = (run: Run, words: string): Promise<true> =>
    until(() => run.said().includes(words) || undefined, { timeoutMs: 30_000, what: `${words} in ${run.said()}` });
  const mayEnd = (): void => writeFileSync(join(module, 'may-end'), '');
  const cached = (): readonly string[] => readdirSync(join(folder, 'cache', 'live'));

  it('are built by one of two processes that want them at once; the other waits and has the same', async () => {
    haveGo('echo go1.99.0');
    const first = build();
    await says(first, 'Building ');
    const second = build();
    await says(second, 'Another process builds ');
    mayEnd();
    assert.deepEqual(await Promise.all([first.ended, second.ended]), [0, 0]);
    const last = (run: Run): string | undefined => run.said().trim().split('\n').at(-1);
    assert.equal(last(second), last(first));
    assert.doesNotMatch(second.said(), /^Building /m);
    assert.deepEqual(readdirSync(last(first) ?? '').sort(), ['program', `half-${first.child.pid}`].sort());
    assert.equal(cached().length, 1, 'neither a lock nor half a build is left');
  });

  it('are built anew where a build was killed in the middle, with nothing of that one', async () => {
    haveGo('echo go1.99.0');
    const killed = build();
    await says(killed, 'Building ');
    await until(() => cached().some((name) => name.endsWith('.unfinished')), { timeoutMs: 10_000, what: 'its folder' });
    killed.child.kill('SIGKILL');
    await killed.ended;
    mayEnd();
    const next = build();
    assert.equal(await next.ended, 0, next.said());
    const [name = '', ...rest] = cached();
    assert.deepEqual(rest, []);
    assert.deepEqual(
      readdirSync(join(folder, 'cache', 'live', name)).sort(),
      ['program', `half-${next.child.pid}`].sort(),
    );
  });

  it('are asked for again where Go has another version', async () => {
    mayEnd();
    for (const version of ['go1.98.0', 'go1.99.0']) {
      haveGo(`echo ${version}`);
      assert.equal(await build().ended, 0);
    }
    assert.equal(cached().length, 2);
  });

  const unavailable: readonly (readonly [what: string, go: string | undefined, sentence: RegExp])[] = [
    [
      'there is no Go',
      undefined,
      /^The live stack is built with Go 1\.\d+\.\d+ or newer, and there is no go on the PATH\. Install it, then run this again\.$/m,
    ],
    [
      'Go is too old',
      'echo "go: go.mod requires go >= 1.26.0 (running go 1.21.0; GOTOOLCHAIN=local)"; exit 1',
      /^The live stack is built with Go 1\.\d+\.\d+ or newer, and the one on the PATH does not do: go: go\.mod requires go >= 1\.26\.0 .*$/m,
    ],
    [
      'the module proxy refuses a pin',
      'case "$1" in env) echo go1.99.0 ;; *) echo "go: x@v1.0.0: reading https://proxy/x/@v/v1.0.0.info: 404 Not Found"; exit 1 ;; esac',
      /^The module proxy refuses a version that \S+ pins: go: x@v1\.0\.0: reading .* 404 Not Found$/m,
    ],
  ];
  for (const [what, go, sentence] of unavailable) {
    it(`are said to be missing where ${what}: the live tests count as skipped, and nothing fails`, async () => {
      if (go !== undefined) haveGo(go);
      const run = start('scripts/test.ts', 'live');
      assert.equal(await run.ended, 0, run.said());
      assert.match(run.said(), /^!!! THE LIVE TESTS ARE SKIPPED !!!$/m);
      assert.match(run.said(), sentence);
      const [passed, failed, skipped] = (closingLine.exec(run.said()) ?? []).slice(1).map(Number);
      assert.deepEqual([passed, failed], [0, 0]);
      assert.ok((skipped ?? 0) >= 4, run.said());
    });
  }
});
