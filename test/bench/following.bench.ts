// Following promotions in the practice lab on loopback: how long after it has become true each link is shown, and how often
// forge and registry are asked for that.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realConstants } from '../../src/lab/controllers/constants';
import { runGit } from '../../src/lab/git/labGit';
import { createLab, startLab } from '../../src/lab/lab';
import type { LinkName } from '../../src/model/fleet';
import { type FollowedPromotion, followPromotion, looksOf } from '../lab/following';
import { printFigure } from './figure';
import { compareClock } from './measure';

const everyMs = 5_000;

/** The slowest of these links. */
function slowest({ delays }: FollowedPromotion, ...names: readonly LinkName[]): number {
  return Math.max(...names.map((name) => delays.get(name) ?? Infinity));
}

async function measure(folder: string): Promise<void> {
  await createLab(folder, { seed: 'bench' });
  const onBug = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
  const lab = await startLab(folder, { constants: realConstants, onBug });
  try {
    const followed = await followPromotion(lab);
    const { fetched } = await compareClock(3, {
      fetched: () => runGit(['fetch', '-q', 'origin', 'main'], { cwd: lab.paths.workspace }),
    });
    printFigure({
      name: 'following: the slowest link that the cluster tells',
      value: slowest(followed, 'scanned', 'selected', 'fetched', 'applied', 'rolled out'),
      unit: 'ms',
      baseline: { name: 'an interval of the lab', value: everyMs },
      limit: 2_000,
    });
    printFigure({
      name: 'following: the write-back, from the automation’s word to the tag read from Git',
      value: slowest(followed, 'written'),
      unit: 'ms',
      baseline: { name: 'git fetch alone', value: fetched },
      limit: 2_000,
    });
    printFigure({
      name: 'following: the slowest link of forge and registry',
      value: slowest(followed, 'requested', 'built', 'published'),
      unit: 'ms',
      baseline: { name: 'the time between two looks', value: everyMs },
      limit: 6_000,
    });
    for (const to of ['forge', 'registry'] as const) {
      const asked = followed.requests.filter((one) => one.to === to && one.at > 0 && one.method !== 'POST');
      const looks = looksOf(asked);
      const betweenMs = (looks.at(-1)?.at ?? 0) - (looks[0]?.at ?? 0);
      printFigure({
        name: `following: looks at the ${to} in five seconds (${asked.length} requests in ${Math.round(followed.tookMs / 1000)} s)`,
        value: looks.length < 2 ? looks.length : ((looks.length - 1) * everyMs) / betweenMs,
        unit: 'looks',
        baseline: { name: 'one in five seconds', value: 1 },
        limit: 1.001,
      });
    }
  } finally {
    await lab.stop();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'flux-promote-bench-'));
void measure(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
