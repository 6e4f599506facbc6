import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { before, describe, it } from 'mocha';
import { patience } from '../controllers/world';
import { isLive } from '../isLive';
import { inBothWorlds, labOnly } from '../suites';
import { formatTwoWorlds } from './formatTwoWorlds';
import { comparable, differencesOf, notSimulated } from './notSimulated';
import { play } from './play';
import type { Recording } from './recorder';
import type { Scenario } from './scenario';
import { scenarios } from './scenarios';

const folder = join(__dirname, '../../fixtures/worlds');
const fileOf = (name: string): string => join(folder, `${name}.json`);
const page = join(__dirname, '../../../docs/two-worlds.md');
/** `FLUX_PROMOTE_RECORD=1 npm run test:live -- test/lab/worlds` writes what Flux does now. */
const isRecording = isLive && process.env['FLUX_PROMOTE_RECORD'] !== undefined;

/**
 * How often a scenario is played that comes out otherwise, or not to its end. On real programs and a busy machine one that
 * is late is seen out of its turn; chance does not come twice, and a difference does.
 */
const tries = isLive && !isRecording ? 3 : 1;

/** Worlds that live at the same time; they wait far more than they compute. */
const width = isLive ? 6 : 3;

describe('two worlds', function () {
  this.timeout(patience.testMs);
  let played: ReadonlyMap<string, Promise<Recording>>;

  before(() => {
    played = playSideBySide();
  });

  for (const scenario of scenarios) {
    const { name, title } = scenario;
    it(`${name}: ${title}`, async function () {
      this.timeout(tries * patience.testMs);
      if (isRecording) {
        await mkdir(folder, { recursive: true });
        await writeFile(fileOf(name), `${JSON.stringify(await played.get(name), null, 2)}\n`);
      }
      const expected = comparable(await readRecording(name));
      assert.deepEqual(comparable(await tryAgain(scenario, played.get(name), expected)), expected);
    });
  }

  it('has every scenario and every difference in the docs, and no difference that is none', async () => {
    const recordings = new Map<string, Recording>();
    for (const { name } of scenarios) recordings.set(name, await readRecording(name));
    const used = [...recordings.values()].flatMap(differencesOf);
    assert.deepEqual(
      notSimulated.filter((one) => !used.includes(one)),
      [],
    );
    const text = formatTwoWorlds(scenarios, recordings);
    if (isRecording) await writeFile(page, text);
    assert.equal(await readFile(page, 'utf8'), text);
  });
});

describe('the suites of the lab', () => {
  it('are each said to run in both worlds, or in the lab alone and why', () => {
    const files = readdirSync(join(__dirname, '..'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => `test/lab/${file}`);
    const told = [...inBothWorlds, ...labOnly.flatMap(({ suites }) => suites.map((suite) => `test/lab/${suite}`))];
    const tell = (file: string): readonly string[] =>
      told.filter((suite) => file === suite || file.startsWith(`${suite}/`));
    for (const file of files) assert.equal(tell(file).length, 1, `${file}: say in test/lab/suites.ts where it runs`);
    for (const suite of told)
      assert.ok(
        files.some((file) => tell(file).includes(suite)),
        `${suite} is not there`,
      );
  });
});

/** What the scenario came out as the last time it was played: once, unless it came out otherwise. */
async function tryAgain(
  scenario: Scenario,
  played: Promise<Recording> | undefined,
  expected: Recording,
): Promise<Recording> {
  let playing = played;
  for (let left = tries - 1; left > 0; left -= 1) {
    const recording = await playing?.catch(() => undefined); // the last time tells why
    if (recording !== undefined && isDeepStrictEqual(comparable(recording), expected)) return recording;
    process.stdout.write(`${scenario.name} came out otherwise, and is played once more.\n`);
    playing = play(scenario);
  }
  return (await playing) ?? {};
}

async function readRecording(name: string): Promise<Recording> {
  return JSON.parse(await readFile(fileOf(name), 'utf8')) as Recording;
}

function playSideBySide(): ReadonlyMap<string, Promise<Recording>> {
  const lanes: Promise<unknown>[] = Array.from({ length: width }, () => Promise.resolve());
  const entries = scenarios.map((scenario, index) => {
    const lane = index % width;
    const turn = (lanes[lane] ?? Promise.resolve()).then(() => play(scenario));
    lanes[lane] = turn.catch(() => undefined); // its own test tells why
    return [scenario.name, turn] as const;
  });
  return new Map(entries);
}
