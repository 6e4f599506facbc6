// The fault table against the practice lab: every row in a delivery of its own, many at once.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { clearFault, type FaultRow, faultRows } from '../faults';
import { type Field, openLabField } from './field';
import { makePlot, type Plot } from './plot';

const atOnce = 12;
/** For whoever works at one of them: `FAULTS='marker'`. */
const rows = faultRows.filter(({ name }) => new RegExp(process.env['FAULTS'] ?? '').test(name));

describe('the fault table in the practice lab', function () {
  this.timeout(300_000);
  let field: Field;
  const outcomes = new Map<string, Promise<void>>();

  before(async () => {
    field = await openLabField();
    const queue = rows.entries();
    const gates = new Map(rows.map((row) => [row.name, deferred()]));
    for (const [name, gate] of gates) outcomes.set(name, gate.promise);
    for (let worker = 0; worker < atOnce; worker += 1) {
      void (async () => {
        for (const [index, row] of queue) {
          try {
            await play(field, `f${index}`, row);
            gates.get(row.name)?.resolve();
          } catch (error) {
            gates.get(row.name)?.reject(error);
          }
        }
      })();
    }
  });
  after(() => field.close());

  it('has at least sixty rows, each with a name of its own', () => {
    assert.ok(faultRows.length >= 60, `${faultRows.length}`);
    assert.equal(new Set(faultRows.map(({ name }) => name)).size, faultRows.length);
  });

  for (const { name, code } of rows) {
    it(`names ${code}, and only it: ${name}`, () => outcomes.get(name));
  }
});

async function play(field: Field, id: string, row: FaultRow): Promise<void> {
  const plot = await makePlot(field, id, row.draft ?? (() => {}));
  if (row.isHealthyFirst === true) await plot.until('is delivered', ({ verdict }) => verdict === 'delivered');
  await row.inject?.(plot);
  const said = await plot.until(
    `says ${row.code} alone`,
    ({ faults }) => faults.length === 1 && faults[0]?.code === row.code,
    row.ask?.(plot),
  );
  await clearFault(plot);
  assert.equal(said.faults[0]?.link, row.link);
  assertUseful(said.faults[0]);
}

function assertUseful(fault: Awaited<ReturnType<Plot['explain']>>['faults'][number] | undefined): void {
  assert.ok(fault !== undefined && fault.remedy.text.length > 10);
  assert.doesNotMatch(fault.text, /\.$/);
}

function deferred() {
  let resolve = (): void => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  // Whoever waits for it later sees it too.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
