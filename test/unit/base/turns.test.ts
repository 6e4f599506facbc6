import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { turns } from '../../../src/base/turns';
import { settled } from './fakeClock';

describe('turns', () => {
  const begin = () => {
    const inTurn = turns(2);
    const running: string[] = [];
    const ends = new Map<string, () => void>();
    const run = (name: string, signal = new AbortController().signal): Promise<void> =>
      inTurn(async () => {
        running.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
        running.splice(running.indexOf(name), 1);
      }, signal);
    return { run, running, end: (name: string) => ends.get(name)?.() };
  };

  it('are taken in the order of asking, so many at once', async () => {
    const { run, running, end } = begin();
    const all = ['a', 'b', 'c', 'd'].map((name) => run(name));
    await settled();
    assert.deepEqual(running, ['a', 'b']);
    end('b');
    await settled();
    assert.deepEqual(running, ['a', 'c']);
    for (const name of ['a', 'c']) end(name);
    await settled();
    end('d');
    await Promise.all(all);
    assert.deepEqual(running, []);
  });

  it('are given up by who is cancelled, and by who fails', async () => {
    const { run, running, end } = begin();
    const cancelled = new AbortController();
    const first = [run('a'), run('b')];
    const left = assert.rejects(run('c', cancelled.signal), /enough/);
    const last = run('d');
    cancelled.abort(new Error('enough'));
    await left;
    for (const name of ['a', 'b']) end(name);
    await Promise.all(first);
    await settled();
    assert.deepEqual(running, ['d']);
    end('d');
    await last;
    const inTurn = turns(1);
    const { signal } = new AbortController();
    await assert.rejects(
      inTurn(async () => Promise.reject(new Error('failed')), signal),
      /failed/,
    );
    assert.equal(await inTurn(async () => 'next', signal), 'next');
  });
});
