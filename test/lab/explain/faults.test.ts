// The fault table against the practice lab: every row in a delivery of its own, many at once.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Explanation } from '../../../src/fleet/explain/explanation';
import { clearFault, type FaultRow, faultRows } from '../faults';
import { type Field, openLabField } from './field';
import { drawPairs } from './pairs';
import { makePlot } from './plot';

const atOnce = 12;
/** For whoever works at one of them: `FAULTS='marker'`. */
const wanted = new RegExp(process.env['FAULTS'] ?? '');

interface Play {
  readonly name: string;
  run(field: Field, id: string): Promise<void>;
}

const singles = faultRows.map(
  (row): Play => ({
    name: `names ${row.code}, and only it: ${row.name}`,
    run: (field, id) => playOne(field, id, row),
  }),
);
const pairs = drawPairs().map(
  ({ first, second }): Play => ({
    name: `names both, the first one first: ${first.name}; ${second.name}`,
    run: (field, id) => playTwo(field, id, first, second),
  }),
);

describe('the fault table', () => {
  it('has at least sixty rows, each with a name of its own, and forty pairs', () => {
    assert.ok(faultRows.length >= 60, `${faultRows.length}`);
    assert.equal(new Set(faultRows.map(({ name }) => name)).size, faultRows.length);
    assert.equal(new Set(pairs.map(({ name }) => name)).size, 40);
  });
});

for (const [what, plays] of [
  ['single faults', singles],
  ['pairs of faults', pairs],
] as const) {
  describe(`${what} in the practice lab`, function () {
    this.timeout(300_000);
    const chosen = plays.filter(({ name }) => wanted.test(name));
    const ends = new Map(chosen.map((play) => [play, deferred()]));
    let field: Field;

    before(async () => {
      field = await openLabField();
      const queue = chosen.entries();
      const work = async (): Promise<void> => {
        for (const [index, play] of queue) {
          const end = ends.get(play);
          // Whoever waits for it later sees it too.
          end?.promise.catch(() => {});
          await play.run(field, `f${index}`).then(end?.resolve, end?.reject);
        }
      };
      for (let worker = 0; worker < atOnce; worker += 1) void work();
    });
    after(() => field.close());

    for (const play of chosen) it(play.name, () => ends.get(play)?.promise);
  });
}

async function playOne(field: Field, id: string, row: FaultRow): Promise<void> {
  const plot = await makePlot(field, id, row.draft ?? (() => {}));
  if (row.isHealthyFirst === true) await plot.until('is delivered', ({ verdict }) => verdict === 'delivered');
  await row.inject?.(plot);
  const said = await plot.until(`says ${row.code} alone`, (one) => codesOf(one).join() === row.code, row.ask?.(plot));
  await clearFault(plot);
  const [fault] = said.faults;
  assert.equal(fault?.link, row.link);
  assert.ok(fault.remedy.text.length > 10);
  assert.doesNotMatch(fault.text, /\.$/);
}

/** What comes later in the chain is injected first: what comes before it would keep it away. */
async function playTwo(field: Field, id: string, first: FaultRow, second: FaultRow): Promise<void> {
  const plot = await makePlot(field, id, (draft) => {
    first.draft?.(draft);
    second.draft?.(draft);
  });
  const question = first.ask?.(plot) ?? {};
  // What is broken from birth is broken before anything is delivered.
  if (first.isHealthyFirst !== true) await first.inject?.(plot);
  if (second.isHealthyFirst === true) await plot.until('runs', ({ chain }) => isRunning(chain), question);
  await second.inject?.(plot);
  await plot.until(`says ${second.code} too`, (one) => codesOf(one).includes(second.code), question);
  if (first.isHealthyFirst === true) await first.inject?.(plot);
  const both = [first.code, second.code].join();
  await plot.until(`says ${both}`, (one) => codesOf(one).join() === both, question);
  await clearFault(plot);
}

function isRunning(chain: Explanation['chain']): boolean {
  return ['applied', 'rolled out'].every((name) => chain.find((link) => link.name === name)?.link.state === 'done');
}

function codesOf({ faults }: Explanation): readonly string[] {
  return faults.map(({ code }) => code);
}

function deferred() {
  let resolve = (): void => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { promise, resolve, reject };
}
