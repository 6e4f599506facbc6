import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { patience } from '../controllers/world';
import { isLive } from '../isLive';
import { inBothWorlds, labOnly } from '../suites';
import { formatTwoWorlds } from './formatTwoWorlds';
import { comparable, differencesOf, notSimulated } from './notSimulated';
import { play } from './play';
import type { Recording } from './recorder';
import { scenarios } from './scenarios';

const folder = join(__dirname, '../../fixtures/worlds');
const fileOf = (name: string): string => join(folder, `${name}.json`);
const page = join(__dirname, '../../../docs/two-worlds.md');
/** `FLUX_PROMOTE_RECORD=1 npm run test:live -- test/lab/worlds` writes what Flux does now. */
const isRecording = isLive && process.env['FLUX_PROMOTE_RECORD'] !== undefined;

/** Worlds that live at the same time; they wait far more than they compute. */
const width = isLive ? 6 : 3;

describe('two worlds', function () {
  this.timeout(patience.testMs);
  let played: ReadonlyMap<string, Promise<Recording>>;

  before(() => {
    played = playSideBySide();
  });

  for (const { name, title } of scenarios) {
    it(`${name}: ${title}`, async () => {
      const recording = await played.get(name);
      if (isRecording) {
        await mkdir(folder, { recursive: true });
        await writeFile(fileOf(name), `${JSON.stringify(recording, null, 2)}\n`);
      }
      assert.ok(recording !== undefined);
      assert.deepEqual(comparable(recording), comparable(await readRecording(name)));
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
