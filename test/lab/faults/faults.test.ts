// The fault table: every row in a delivery of its own, many at once. On the practice lab, and in `npm run test:live` on Flux's
// own controllers.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Explanation } from '../../../src/fleet/explain/explanation';
import { type FaultCode, faultCodes } from '../../../src/model/fault';
import { faultRows } from '../faults';
import { isLive } from '../isLive';
import type { Field } from './field';
import { openLabField } from './labField';
import { openLiveField } from './liveField';
import { drawPairs } from './pairs';
import { type Draft, makePlot, type Plot, type PlotQuestion } from './plot';
import { all, type FaultRow } from './row';
import { withoutRow } from './withoutRow';

const atOnce = 12;
/** All of them would take longer than CI has time for. */
const pairsOnFlux = 12;
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

  it('has a row for every code, or says why it has none', () => {
    const rows = new Set(faultRows.map(({ code }) => code));
    const others = faultCodes.filter((code) => !rows.has(code));
    assert.deepEqual(others.toSorted(), Object.keys(withoutRow).toSorted());
  });
});

describe(`the fault table ${isLive ? 'on Flux itself' : 'in the practice lab'}`, function () {
  this.timeout(300_000);
  const chosen = [...singles, ...(isLive ? pairs.slice(0, pairsOnFlux) : pairs)].filter(({ name }) =>
    wanted.test(name),
  );
  const ends = new Map(chosen.map((play) => [play, deferred()]));
  let field: Field;

  before(async () => {
    field = await (isLive ? openLiveField() : openLabField());
    const queue = chosen.entries();
    const work = async (): Promise<void> => {
      for (const [index, play] of queue) {
        const end = ends.get(play);
        // Whoever waits for it later sees it too.
        end?.promise.catch(() => {});
        await play.run(field, `${field.prefix}${index}`).then(end?.resolve, end?.reject);
      }
    };
    for (let worker = 0; worker < atOnce; worker += 1) void work();
  });
  after(() => field.close());

  for (const play of chosen) it(play.name, () => ends.get(play)?.promise);
});

async function playOne(field: Field, id: string, row: FaultRow): Promise<void> {
  const { draft = () => {}, isHealthyFirst, inject, ask, code, link } = row;
  await inPlot(field, id, draft, async (plot) => {
    if (isHealthyFirst === true) await plot.until('is delivered', ({ verdict }) => verdict === 'delivered');
    await inject?.(plot);
    const question = ask?.(plot);
    const said = await plot.until(`says ${code} alone`, (one) => codesOf(one).join() === code, question);
    const [fault] = said.faults;
    assert.equal(fault?.link, link);
    assert.ok(fault.remedy.text.length > 10);
    for (const { command } of fault.steps) assert.match(command, /^(?:flux|kubectl|git|gh|curl) /);
    assert.doesNotMatch(fault.text, /\.$/);
    if (isHealthyFirst === true) await namesNothingElse(plot, code, question);
  });
}

/** What comes later in the chain is injected first: what comes before it would keep it away. */
async function playTwo(field: Field, id: string, first: FaultRow, second: FaultRow): Promise<void> {
  const draft = all(first.draft ?? (() => {}), second.draft ?? (() => {}));
  await inPlot(field, id, draft, async (plot) => {
    const question = first.ask?.(plot) ?? {};
    // What is broken from birth is broken before anything is delivered.
    if (first.isHealthyFirst !== true) await first.inject?.(plot);
    if (second.isHealthyFirst === true) await plot.until('runs', ({ chain }) => isRunning(chain), question);
    await second.inject?.(plot);
    await plot.until(`says ${second.code} too`, (one) => codesOf(one).includes(second.code), question);
    if (first.isHealthyFirst === true) await first.inject?.(plot);
    const both = [first.code, second.code].join();
    await plot.until(`says ${both}`, (one) => codesOf(one).join() === both, question);
  });
}

/**
 * A controller that tries again is at work for a moment: then less is named, and never another failure. Only for what was
 * delivered before: where everything begins at once, one waits for another.
 */
async function namesNothingElse(plot: Plot, code: FaultCode, question?: PlotQuestion): Promise<void> {
  for (let look = 0; look < 3; look += 1) {
    const { faults } = await plot.explain(question);
    const others = faults.filter((fault) => fault.verdict === 'failed' && fault.code !== code);
    assert.deepEqual(others, []);
  }
}

async function inPlot(
  field: Field,
  id: string,
  draft: (draft: Draft) => void,
  play: (plot: Plot) => Promise<void>,
): Promise<void> {
  const plot = await makePlot(field, id, draft);
  try {
    await play(plot);
  } finally {
    await plot.remove();
  }
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
