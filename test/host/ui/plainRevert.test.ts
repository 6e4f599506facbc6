// What most people do, and what becomes of it: the bot's commit reverted by hand, and written again by the bot.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { makeLab, type SuiteLab } from '../lab';
import { openWorkbench, type Workbench } from '../workbench';

const view = 'Environments';
const overlayFile = 'flux/apps/frontend/overlays/production/kustomization.yaml';

describe('a plain revert in the lab', () => {
  let lab: SuiteLab;
  let bench: Workbench;

  before(async () => {
    lab = await makeLab();
    bench = await openWorkbench({ folder: lab.workspace });
  });

  after(async () => {
    await bench.close();
    await lab.remove();
  });

  it('is undone by the automation, and the tree says so', async () => {
    await bench.openContainer('Flux Promote');
    const row = bench.row(/^frontend in production/, view);
    await bench.untilRow(row, / · \d+ d, done/, 'production to be rolled out, and its age to be known');
    const botCommit = await lab.git('log', '-1', '--format=%H', '--author=fluxcdbot', 'origin/main', '--', overlayFile);
    await lab.git('pull', '--quiet', '--rebase');
    await lab.git('revert', '--no-edit', botCommit);
    await lab.git('push', '--quiet', 'origin', 'HEAD:main');
    const revert = await lab.git('rev-parse', 'HEAD');
    await bench.untilRow(row, /revert undone/, 'the row to say that the revert was undone');
    await bench.expand(row);
    const detail = bench.row(/^Revert undone, Revert undone: Lab User reverted/, view);
    const text = (await detail.getAttribute('aria-label')) ?? '';
    assert.match(text, new RegExp(`in ${revert.slice(0, 7)}, and image automation wrote production-v`));
    assert.match(text, /A plain revert does not hold: use Roll Back/);
    await bench.screenshot('plain-revert-undone');
  });
});
