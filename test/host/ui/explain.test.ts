// Why Didn't It Update?, as somebody meets it who has broken the lab: opened, read, copied, and followed until the lab is mended.
// Each of the lab's "break" commands once, and never a look at the screen for what to do next but at this panel.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import { kubeReader } from '../../../src/base/kubernetes/client';
import { decodeFluxObject } from '../../../src/manifests/fluxObjects';
import { until } from '../../lab/until';
import { makeLab, type SuiteLab } from '../lab';
import { openWorkbench, type Workbench } from '../workbench';

const run = promisify(execFile);
const view = 'Environments';
const timeoutMs = 120_000;

describe("Why Didn't It Update?, in the lab", () => {
  let lab: SuiteLab;
  let bench: Workbench;

  before(async () => {
    lab = await makeLab();
    bench = await openWorkbench({ folder: lab.workspace });
    await bench.openContainer('Flux Promote');
  });

  after(async () => {
    await bench.close();
    await lab.remove();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await bench.screenshot('explain-failed');
  });

  async function rowSays(state: RegExp): Promise<void> {
    const row = bench.row(/^backend in production/, view);
    await until(async () => state.test(((await row.getAttribute('aria-label')) ?? '').split('. ')[0] ?? ''), {
      timeoutMs,
      what: `the row to say ${state}`,
    });
  }

  async function breakLab(how: string, becomes: RegExp): Promise<void> {
    await rowSays(/, (?:done|held)$/);
    await lab.program('break', how);
    await rowSays(becomes);
  }

  async function panel(headline: string): Promise<Locator> {
    await bench.palette("Flux Promote: Why Didn't It Update?", /^backend, production/, /^What the policy selects/);
    return await bench.webview(headline);
  }

  /** The panel is not asked again: it tells by itself that it is mended. */
  async function mended(): Promise<void> {
    await bench.webview('Nothing is wrong: what is selected is written and runs');
    await rowSays(/, (?:done|held)$/);
  }

  /** What the diff shows is written. */
  async function commit(shows: RegExp): Promise<void> {
    const lines = bench.diff('modified').locator('.view-lines');
    await until(async () => shows.test((await lines.first().innerText()).replaceAll('\u00a0', ' ')), {
      timeoutMs,
      what: `the diff to show ${shows}`,
    });
    await bench.quickPick(/Commit and Push/);
  }

  /** The lab's Flux puts a drift back within half a minute, sooner than a busy machine shows it; most wait for ten. */
  async function slowDown(): Promise<void> {
    const file = 'flux/clusters/lab/apps.yaml';
    await writeFile(join(lab.workspace, file), (await lab.read(file)).replaceAll('interval: 30s', 'interval: 10m'));
    await lab.git('commit', '--quiet', '--all', '--message', 'Look for drift every ten minutes');
    await lab.git('push', '--quiet');
    const tip = await lab.git('rev-parse', 'HEAD');
    const kinds = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', plural: 'kustomizations' };
    const connection = lab.connect();
    const reader = kubeReader(connection);
    await until(
      async () => {
        const object = await reader.get(kinds, 'flux-system', 'apps-production', AbortSignal.timeout(10_000));
        const flux = decodeFluxObject(object);
        return (
          flux?.kind === 'Kustomization' &&
          flux.intervalMs === 600_000 &&
          flux.lastAppliedRevision?.endsWith(tip) === true
        );
      },
      { timeoutMs, what: 'the Kustomization to have taken its interval' },
    );
    connection.dispose();
  }

  it('names who ran a rollout undo, and puts Git’s tag back', async () => {
    await rowSays(/ · \d+ d, done/);
    await slowDown();
    await breakLab('rollout-undo', /, drifted/);
    const page = await panel('Stopped at "rolled out"');
    const fault = page.getByRole('region', { name: /^production-v\S+ runs, the applied revision says production-v/ });
    assert.match(await fault.innerText(), /Field manager of its image:\s+kubectl-rollout/);
    await bench.screenshot('explain-drift');
    await fault.getByRole('button', { name: 'Reconcile Now' }).click();
    await mended();
  });

  it('names the pattern that matches nothing, in the colours of any theme, and the commit to take back', async () => {
    await breakLab('production-does-not-update', /, failed/);
    const page = await panel('Stopped at "selected"');
    assert.match(
      await page.locator('li[aria-current="step"]').innerText(),
      /selected failed[^]*no tag matches '\^prod-v/,
    );
    const fault = page.getByRole('region', { name: /^No tag matches '\^prod-v/ });
    const command = fault.getByRole('button', { name: /^Copy: Undo [0-9a-f]{7} "chore\(production\)/ });
    // The cluster may be ahead of the clone.
    await command.waitFor();
    const words = await fault.innerText();
    assert.match(
      words,
      /ImagePolicy production\/backend, Ready=False:\s+Failure: version list argument cannot be empty/,
    );
    assert.match(words, /chore\(production\): use the short environment name in tags/);
    await bench.clearToasts();
    await bench.readmePicture('explanation');
    await bench.screenshot('explain-dark');
    await bench.palette('Preferences: Toggle between Light/Dark Themes');
    await page.and(page.page().locator('.vscode-light')).waitFor();
    await bench.screenshot('explain-light');
    await bench.palette('Preferences: Toggle between Light/Dark Themes');

    await page.getByRole('button', { name: 'Copy as Text' }).click();
    await until(
      async () => (await bench.clipboard()).startsWith('backend in production: stopped at "selected": no tag'),
      {
        timeoutMs,
        what: 'the explanation as text',
      },
    );
    await fault.getByRole('button', { name: 'Repair…' }).click();
    await commit(/'\^production-v/);
    await mended();
    await bench.screenshot('explain-mended');
  });

  it('opens the file at fault', async () => {
    await breakLab('production-does-not-update', /, failed/);
    const page = await panel('Stopped at "selected"');
    await page.getByRole('button', { name: /^Open flux\/apps\/backend\/production\/image-policy\.yaml:\d+/ }).click();
    await bench.page.getByRole('tab', { name: /^image-policy\.yaml/ }).waitFor();
  });

  it('gives every step as a command that works, by the keyboard alone', async () => {
    await bench.page.getByRole('tab', { name: /^backend in production/ }).click();
    const page = await bench.webview('Stopped at "selected"');
    await page.getByRole('button', { name: /^Copy: Undo [0-9a-f]{7} "chore\(production\)/ }).focus();
    await bench.press('Enter');
    await until(async () => (await bench.clipboard()).startsWith('git pull && git revert'), {
      timeoutMs,
      what: 'the command that takes the commit back',
    });
    await run('bash', ['-e', '-c', await bench.clipboard()], { cwd: lab.workspace });
    await mended();
  });

  it('says of a tag that never came whose turn it was', async () => {
    await bench.palette("Flux Promote: Why Didn't It Update?", /^backend, production/, /^Another Tag/);
    await bench.input('production-v9.9.9-0000000-1');
    const page = await bench.webview('Stopped at "requested"');
    const fault = page.getByRole('region', { name: /^No run of .* has made production-v9\.9\.9/ });
    await fault.getByRole('button', { name: 'Promote…' }).waitFor();
    await bench.screenshot('explain-tag');
  });

  async function wrongEnvironment(): Promise<Locator> {
    await breakLab('wrong-environment', /, tag of staging · [^,]*, failed$/);
    const page = await panel('Stopped at "written"');
    return page.getByRole('region', {
      name: /^staging-v\S+ is written into production: the marker takes its tag from staging\/backend/,
    });
  }

  it('names what pulled a foreign tag in, and repairs it by one commit', async () => {
    const fault = await wrongEnvironment();
    await bench.screenshot('explain-wrong-environment');
    await fault.getByRole('button', { name: 'Repair…' }).click();
    await commit(/"production:backend:tag"/);
    await mended();
  });

  it('rolls back who was given a foreign tag, with the repair in the same commit', async () => {
    const fault = await wrongEnvironment();
    await bench.clearToasts();
    await fault.getByRole('button', { name: 'Roll Back…' }).click();
    await bench.quickPick(/^production-v/);
    await bench.input('Staging’s build is not for production');
    await commit(/newTag: production-v.*"production:backend:tag"/);
    await bench.toast(/Rolled back: backend in production runs production-v/);
    await mended();
    assert.match(await lab.writtenTag('flux/apps/backend/production/kustomization.yaml'), /^production-v/);
  });

  it('says who holds back what, with the way on beside it', async () => {
    const automation = { kind: 'ImageUpdateAutomation', namespace: 'production', name: 'backend' };
    await rowSays(/, done$/);
    await lab.suspend(automation);
    await rowSays(/, held$/);
    await bench.clearToasts();
    await bench.contextMenu(bench.row(/^backend in production/, view), /^Why Didn't It Update/);
    const page = await bench.webview('A hold keeps other tags away');
    const held = page
      .getByRole('listitem')
      .filter({ hasText: /^ImageUpdateAutomation production\/backend is suspended/ });
    assert.match(await held.innerText(), / · by \S+ · for \d+ (?:s|min)/);
    await bench.screenshot('explain-held');
    await page.getByRole('button', { name: 'Resume…' }).click();
    await bench.quickPick(/^backend in production: suspended, .*in the cluster only/);
    await bench.answer(/Resume backend in production\?/, 'Resume It');
    await mended();
    await page.getByText('A hold keeps other tags away').waitFor({ state: 'detached' });
  });

  it('says that a service has gone, and does not tell from memory', async () => {
    await bench.palette("Flux Promote: Why Didn't It Update?", /^backend, develop/, /^What the policy selects/);
    await bench.webview('Nothing is wrong: what is selected is written and runs');
    await lab.git('pull', '--quiet', '--rebase');
    await lab.git('rm', '-r', '--quiet', 'flux/apps/backend/develop');
    const file = join(lab.workspace, 'flux/environments/develop/kustomization.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/.*apps\/backend\/develop\n/, ''));
    await lab.git('commit', '--quiet', '--all', '--message', 'Backend is not developed any more');
    await lab.git('push', '--quiet');
    await bench.webview('It is not there any more');
    await bench.webview('The branch that Flux follows does not declare backend in develop any more.');
    await bench.screenshot('explain-gone');
  });
});
