// The lab, walked end to end by the user interface of a real VS Code: the seed's five steps, its three scenarios, its three
// proofs, and the walkthrough that ticks itself off.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { until } from '../../lab/until';
import { makeLab, type SuiteLab } from '../lab';
import { openWorkbench, type Workbench } from '../workbench';

const view = 'Environments';
const policyFile = 'flux/apps/backend/production/image-policy.yaml';
const overlayFile = 'flux/apps/backend/production/kustomization.yaml';

/** Long enough for a rollout in the lab on a slow machine. */
const timeoutMs = 120_000;

describe('the lab, walked by hand', () => {
  let lab: SuiteLab;
  let bench: Workbench;
  /** What production runs before anything is done, and what it will run. */
  let before0 = '';
  let promoted = '';

  before(async () => {
    lab = await makeLab();
    bench = await openWorkbench({ folder: lab.workspace });
  });

  after(async () => {
    await bench.close();
    await lab.remove();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await bench.screenshot('walk-failed');
  });

  async function description(service: string, environment: string): Promise<string> {
    const row = bench.row(new RegExp(`^${service} in ${environment}`), view);
    return (await row.getAttribute('aria-label')) ?? '';
  }

  const writtenTag = (): Promise<string> => lab.writtenTag(overlayFile);

  it('step 1: shows the baseline, every environment on its own tags', async () => {
    await bench.openContainer('Flux Promote');
    await until(async () => / · \d+ d, done/.test(await description('backend', 'production')), {
      timeoutMs,
      what: 'production to be rolled out, and its age to be known',
    });
    const rows = await bench.rows(view);
    assert.deepEqual(
      rows.map((row) => row.split(' · ')[0]),
      [
        '1 develop',
        '2 backend',
        '2 frontend',
        '1 staging',
        '2 backend',
        '2 frontend',
        '1 production',
        '2 backend',
        '2 frontend',
      ],
    );
    before0 = await writtenTag();
    assert.match(before0, /^production-v/);
    await bench.page.getByText('nothing waits for a person').waitFor();
    await bench.screenshot('walk-1-baseline');
    await bench.palette('Flux Promote: Check Baseline');
    const page = await bench.webview(/Taken \d{4}-/);
    assert.match(await page.innerText(), /Ready\. \d+ ok, 0 failed, 0 unknown\./);
    await bench.screenshot('walk-1-check-baseline');
    await (await bench.toast('The baseline is checked.')).getByRole('button', { name: 'Copy as Markdown' }).click();
    const line = '| ✓ ok | ImagePolicy production/backend takes only tags of production |';
    await until(async () => (await bench.clipboard()).includes(line), { timeoutMs, what: 'the page to be copied' });
    await bench.palette('View: Close Editor');
  });

  it('groups by service and back', async () => {
    await bench.palette('Flux Promote: Group by Service');
    await bench.row(/^frontend, 3 environments/, view).waitFor();
    const rows = await bench.rows(view);
    assert.deepEqual(
      rows.map((row) => row.split(' · ')[0]),
      ['backend', 'frontend'].flatMap((name) => [`1 ${name}`, '2 develop', '2 staging', '2 production']),
    );
    await bench.screenshot('walk-1-by-service');
    await bench.palette('Flux Promote: Group by Environment');
    await bench.row(/^production, 2 services/, view).waitFor();
  });

  it('step 2: marks both hard stops where they are written, and lets go when they are mended', async () => {
    const policy = await lab.read(policyFile);
    await bench.openFile(join(lab.workspace, policyFile), 11);
    await writeFile(join(lab.workspace, policyFile), policy.replace("'^production-v", "'"));
    await bench.squiggles('error').first().waitFor();
    const crossing = (await bench.problems(/takes the tag/)).find((row) => /takes the tag staging-v/.test(row));
    assert.match(
      crossing ?? '',
      /the shortest tag of staging that crosses: Flux writes it into production as soon as it wins/,
    );
    await bench.readmePicture('crossing');
    await bench.screenshot('walk-2-crossing');
    await writeFile(join(lab.workspace, policyFile), policy);
    await bench.squiggles('error').first().waitFor({ state: 'detached' });

    const overlay = await lab.read(overlayFile);
    await bench.openFile(join(lab.workspace, overlayFile), 8);
    await writeFile(join(lab.workspace, overlayFile), overlay.replace(/newTag: \S+/, 'newTag: latest'));
    await bench.problems(/latest/);
    await bench.screenshot('walk-2-mutable');
    await writeFile(join(lab.workspace, overlayFile), overlay);
    await bench.page
      .locator('.markers-panel')
      .getByRole('treeitem')
      .filter({ hasText: /latest/ })
      .first()
      .waitFor({ state: 'detached' });
    assert.equal(await lab.git('status', '--porcelain'), '');
  });

  it('step 3: promotes what staging runs, by its explicit tag, and follows it to the rollout', async () => {
    await bench.openContainer('Flux Promote');
    await bench.rowAction(bench.row(/^backend in production/, view), /Promote/);
    const rows = await bench.quickPickRows();
    assert.match(rows[0] ?? '', /^staging-v.*running in staging/);
    await bench.quickPick(/running in staging/);
    await bench.input('The walk of the lab');
    const dialog = await bench.dialog('Promote backend to production?');
    const text = await dialog.innerText();
    assert.match(text, /no rebuild/);
    assert.match(text, /✓ The policy production\/backend will select it/);
    assert.match(text, /✓ You may start workflows of acme\/backend/);
    assert.match(text, /\d+ commits? since production-v/);
    assert.doesNotMatch(text, /✗/);
    await bench.readmePicture('preflight');
    await bench.screenshot('walk-3-preflight');
    await bench.answer('Promote backend to production?', 'Promote');
    await bench.toast(/Promoted: production runs production-v.*, the same image as staging-v.*: both are sha256:/);
    await bench.screenshot('walk-3-promoted');
  });

  it('step 4: shows the write-back that brought it', async () => {
    promoted = await writtenTag();
    assert.notEqual(promoted, before0);
    assert.match(await lab.git('log', '-1', '--format=%an', `origin/main`, '--', overlayFile), /fluxcdbot/);
    const row = bench.row(/^backend in production/, view);
    await bench.expand(row);
    await bench.row(/^Last write-back, [0-9a-f]{7} by fluxcdbot/, view).waitFor();
    await bench.row(new RegExp(`^Running, ${promoted}`), view).waitFor();
    await bench
      .row(/^Promoted, by lab-user, .*: The walk of the lab \(run \d+, recorded in [0-9a-f]{7}[;)]/, view)
      .waitFor();
    await bench.screenshot('walk-4-write-back');
    await bench.clearToasts();
    // By the palette: while a rollout redraws the tree, its menu can come without the row, and the command then asks.
    await bench.palette(
      'Flux Promote: Show Events and Log',
      /^backend, production/,
      /^ImageUpdateAutomation, production/,
    );
    const journal = bench.page.locator('.editor-group-container.active .view-lines');
    const said = [/image-automation-controller-\w+-\w+:\spushed\scommit/, /event\sof\simage-automation-controller/];
    await until(
      async () => {
        const text = await journal.innerText();
        return said.every((one) => one.test(text));
      },
      { timeoutMs, what: 'the events and the log of the automation' },
    );
    await bench.screenshot('walk-4-journal');
    await bench.palette('View: Close Editor');
  });

  it('proves that it is the image that staging tested', async () => {
    const tested = promoted.replace('production', 'staging');
    await bench.row(new RegExp(`^Lineage, same image as ${tested}`), view).waitFor();
    await bench.palette(
      'Flux Promote: Prove Lineage',
      /^backend, production/,
      new RegExp(`^${tested}, same commit, version and time`),
    );
    await bench.webview(`${promoted} is the same image as ${tested}.`);
    await bench.screenshot('walk-4-lineage');
    await bench.palette('View: Close Editor');
  });

  it('step 5: takes it back by one commit that undoes the bot, and it stays back', async () => {
    await bench.palette(
      'Flux Promote: Revert Flux Bot Commit',
      /^backend, production/,
      /^Undo [0-9a-f]{7} by fluxcdbot/,
    );
    await bench.input('The drill of the lab');
    await bench.diff('modified').locator('.view-line').first().waitFor();
    await bench.readmePicture('rollback-preview');
    await bench.screenshot('walk-5-preview');
    await bench.quickPick(/Commit and Push/);
    await bench.toast(/Rolled back: backend in production runs/);
    await bench.screenshot('walk-5-rolled-back');
    assert.equal(await writtenTag(), before0);
    const message = await lab.git('log', '-1', '--format=%B', '--grep', 'Flux-Promote: rollback', 'origin/main');
    assert.match(message, /The drill of the lab/);
    assert.match(message, new RegExp(`Flux-Promote-From: ${promoted}`));
    // Three more runs of the automation: its interval is five seconds.
    const commit = await lab.git('rev-parse', 'origin/main');
    const calmUntil = Date.now() + 16_000;
    await until(
      async () => {
        assert.equal(await writtenTag(), before0);
        return Date.now() >= calmUntil;
      },
      { timeoutMs, what: 'three automation intervals' },
    );
    assert.equal(await lab.git('log', '--format=%h', `${commit}..origin/main`, '--', overlayFile), '');
    await until(async () => /, held/.test(await description('backend', 'production')), {
      timeoutMs,
      what: 'the row to show what holds the newer tag',
    });
    await bench.screenshot('walk-5-held');
  });

  it('shows a rollout undo as drift, and who did it', async () => {
    await bench.palette('Flux Promote: Break Practice Lab', /rollout undo/);
    await until(async () => /, drifted/.test(await description('backend', 'production')), {
      timeoutMs,
      what: 'the row to show the drift',
    });
    await bench.row(/^Drifted, .*kubectl-rollout/, view).waitFor();
    await bench.row(/^backend in production, changed by kubectl-rollout/, 'Activity').waitFor();
    await bench.screenshot('walk-6-drift');
  });

  /** By nothing but what the panel offers. */
  async function mendByPanel(
    headline: string,
    button: string,
    ask: () => Promise<void> = async () => {},
  ): Promise<void> {
    await bench.clearToasts();
    await bench.palette("Flux Promote: Why Didn't It Update?", /^backend, production/, /^What the policy selects/);
    const page = await bench.webview(headline);
    await page.getByRole('button', { name: button }).first().click();
    await ask();
    await bench.quickPick(/Commit and Push/);
    await bench.webview('Nothing is wrong: what is selected is written and runs');
    await bench.palette('View: Close Editor');
  }

  async function recovered(): Promise<void> {
    await until(
      async () => /, (?:done|held)$/.test((await description('backend', 'production')).split('. ')[0] ?? ''),
      {
        timeoutMs,
        what: 'production to be well again',
      },
    );
  }

  it('brings the workload back to Git', async () => {
    await bench.palette('Flux Promote: Reconcile Now', /^backend, production/);
    await recovered();
  });

  it('scenario: production did not update, and is mended as the panel says', async () => {
    await bench.palette('Flux Promote: Break Practice Lab', /Production does not update/);
    await until(async () => /, failed/.test(await description('backend', 'production')), {
      timeoutMs,
      what: 'the row to show that nothing can be selected',
    });
    await bench.row(/^backend in production, selected failed/, 'Activity').waitFor();
    await bench.screenshot('walk-7-does-not-update');
    await mendByPanel('Stopped at "selected"', 'Repair…');
    await recovered();
    assert.match(await lab.committed(policyFile), /'\^production-v/);
  });

  it('scenario: the wrong environment was updated, and is mended as the panel says', async () => {
    await bench.palette('Flux Promote: Break Practice Lab', /wrong environment/);
    await until(async () => (await writtenTag()).startsWith('staging-v'), {
      timeoutMs,
      what: 'a staging tag to be written into production',
    });
    await bench.screenshot('walk-8-wrong-environment');
    await mendByPanel('Stopped at "written"', 'Roll Back…', async () => {
      await bench.quickPick(new RegExp(`^${before0}`));
      await bench.input('A build of staging is not for production');
    });
    await until(async () => (await writtenTag()) === before0, {
      timeoutMs,
      what: 'production to have its own tag again',
    });
    await recovered();
  });

  it('proves why production is never rebuilt', async () => {
    await bench.palette('Flux Promote: Rebuild for Production', /^backend, production/);
    await bench.answer('Rebuild backend for production?', 'Rebuild');
    await bench.toast(/Built backend for production/);
    await bench.row(/^Lineage, different/, view).waitFor();
    await bench.clearToasts();
    await bench.screenshot('walk-9-rebuilt');
  });

  it('reports the three proofs, and every step of the walkthrough is ticked', async () => {
    await bench.palette('Flux Promote: Show Lab Report');
    const report = await bench.webview(/\d of 3 proofs/);
    assert.match(await report.innerText(), /3 of 3 proofs, 11 of 11 steps\./);
    await bench.screenshot('walk-10-report');
    await bench.palette('View: Close All Editors');
    await bench.palette('View: Toggle Panel Visibility');
    await bench.palette('Flux Promote: Open Practice Lab');
    // Their names differ between versions of VS Code, their state does not.
    const ticks = bench.page.locator('[data-done-step-id][aria-checked="true"]');
    await until(async () => (await ticks.count()) === 11, { timeoutMs, what: 'every step to be ticked' });
    await bench.screenshot('walk-10-walkthrough');
  });
});
