// Rollback beyond the drill of the walk: the other ways and what becomes of them, Resume, the emergency undo, and a branch that
// takes no push.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { labPaths, readState } from '../../../src/lab/state';
import { until } from '../../lab/until';
import { makeLab, type SuiteLab } from '../lab';
import { openWorkbench, type Workbench } from '../workbench';

const view = 'Environments';
const files = {
  backend: 'flux/apps/backend/production/kustomization.yaml',
  frontend: 'flux/apps/frontend/overlays/production/kustomization.yaml',
};
const policyFile = 'flux/apps/backend/production/image-policy.yaml';

/** Long enough for a rollout in the lab on a slow machine. */
const timeoutMs = 120_000;

describe('a rollback in the lab', () => {
  let lab: SuiteLab;
  let bench: Workbench;
  let newest = '';

  before(async () => {
    lab = await makeLab();
    bench = await openWorkbench({ folder: lab.workspace });
    await bench.openContainer('Flux Promote');
    await bench.untilRow(row('backend'), / · \d+ d, done/, 'production to be rolled out, and its age to be known');
    newest = await writtenTag('backend');
  });

  after(async () => {
    await bench.close();
    await lab.remove();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await bench.screenshot(`rollback-failed-${this.currentTest.title.slice(0, 9)}`);
  });

  const row = (service: string) => bench.row(new RegExp(`^${service} in production`), view);

  const writtenTag = (service: keyof typeof files): Promise<string> => lab.writtenTag(files[service]);

  /** As rows shorten it. */
  const versionOf = (tag: string): string => tag.split('-')[1] ?? '';

  /** As far as the question whether it is to be written. */
  async function plan(service: keyof typeof files, reason: string): Promise<void> {
    await bench.palette('Flux Promote: Roll Back', new RegExp(`^${service}, production`), /^production-v/);
    await bench.input(reason);
    await bench.diff('modified').locator('.view-line').first().waitFor();
  }

  /** The question is asked again afterwards, in the same words. */
  async function copiedCommands(): Promise<string> {
    await bench
      .quickInput()
      .getByRole('option', { name: /Copy as Commands/ })
      .click();
    await until(async () => (await bench.clipboard()).includes('git '), {
      timeoutMs,
      what: 'the commands to be copied',
    });
    return await bench.clipboard();
  }

  it('names every way with what it does, and gives the plan as commands', async () => {
    await plan('backend', 'Another way');
    await bench.quickPick(/Other Ways/);
    const ways = await bench.quickPickRows();
    await bench.screenshot('rollback-ways');
    assert.match(ways[0] ?? '', /^Exclude the Tag, recommended, \S/);
    for (const way of ['Pin the Policy', 'Revert Without the Marker', 'Suspend the Automation', 'Write the Tag']) {
      assert.ok(
        ways.some((row) => row.includes(way)),
        `${way} among ${ways.join('\n')}`,
      );
    }
    await bench.quickPick(/^Pin the Policy/);
    await bench
      .quickInput()
      .getByRole('option', { name: /Commit and Push/ })
      .waitFor();
    const commands = await copiedCommands();
    assert.match(commands, /git push .*main/);
    assert.match(commands, /Another way/);
    assert.match(commands, /image-policy\.yaml/);
  });

  it('pins the policy, and calls it done once it has held for an interval', async () => {
    await bench.quickPick(/Commit and Push/);
    await bench.toast(/Rolled back: backend in production runs production-v/);
    assert.notEqual(await writtenTag('backend'), newest);
    await bench.untilRow(row('backend'), /, held/, 'the row to show the pin');
    await bench.screenshot('rollback-pinned');
    await bench.clearToasts();
  });

  it('resumes what was pinned, and says before it writes what is selected then', async () => {
    await bench.palette('Flux Promote: Resume', /^backend in production: pinned, .*Another way/);
    await bench.input('The newest is good after all');
    await bench.diff('modified').locator('.view-line').first().waitFor();
    const rows = await bench.quickPickRows();
    assert.ok(
      rows.some((row) => row.includes(newest)),
      rows.join('\n'),
    );
    await bench.screenshot('rollback-resume');
    await bench.quickPick(/Commit and Push/);
    await bench.toast(/Resume backend in production: commit [0-9a-f]{7}\./);
    await until(async () => (await writtenTag('backend')) === newest, { timeoutMs, what: 'the newest tag to be back' });
    assert.doesNotMatch(await lab.committed(policyFile), new RegExp(`\\^${newest}`));
    await bench.untilRow(
      row('backend'),
      new RegExp(`${versionOf(newest)} .*, done`),
      'the row to show the newest again',
    );
    await bench.clearToasts();
  });

  it('resumes in the cluster what only the cluster suspends, and says first what is selected then', async () => {
    await lab.suspend({ kind: 'ImageUpdateAutomation', namespace: 'production', name: 'backend' });
    await bench.untilRow(row('backend'), /, held/, 'the row to show the suspension');
    await bench.palette('Flux Promote: Resume', /^backend in production: suspended, .*in the cluster only/);
    const question = await (await bench.dialog(/Resume backend in production\?/)).innerText();
    await bench.screenshot('rollback-resume-cluster');
    assert.match(question, /ImageUpdateAutomation production\/backend in \S+ is resumed in the cluster alone/);
    assert.match(question, new RegExp(`then selects ${newest}, which is written already`));
    await bench.answer(/Resume backend in production\?/, 'Resume It');
    await bench.toast(/Resume backend in production: ImageUpdateAutomation production\/backend goes on\./);
    await bench.untilRow(row('backend'), /, done/, 'the row to show that it goes on');
    await bench.clearToasts();
  });

  it('says that a tag which was only written is undone, by whom, and pins it on a word', async () => {
    await plan('backend', 'Only written');
    await bench.quickPick(/Other Ways/);
    await bench.quickPick(/Write the Tag/);
    await bench.quickPick(/Commit and Push/);
    const undone = await bench.toast(/It was undone by [0-9a-f]{7} \(fluxcdbot\)\. A pin holds\./);
    await bench.screenshot('rollback-undone');
    assert.equal(await writtenTag('backend'), newest);
    await undone.getByRole('button', { name: 'Pin' }).click();
    await bench.quickPick(/Commit and Push/);
    await bench.toast(/Rolled back: backend in production runs production-v/);
    assert.notEqual(await writtenTag('backend'), newest);
    await bench.clearToasts();
  });

  it('runs an earlier tag in the cluster at once, on an explicit word, and says that Git is behind', async () => {
    const tag = await writtenTag('frontend');
    await bench.palette('Flux Promote: Emergency Undo', /^frontend, production/, /^production-v/);
    const question = /Run production-v\S+ in production now\?/;
    assert.match(await (await bench.dialog(/in production now\?/)).innerText(), question);
    await bench.screenshot('rollback-undo-question');
    await bench.answer(/in production now\?/, 'Run It Now');
    await bench.toast(/production runs production-v\S+ ahead of Git, until Flux applies Git again\./);
    await bench.untilRow(row('frontend'), /, drifted/, 'the row to show that it has left Git');
    assert.equal(await writtenTag('frontend'), tag);
    await bench.clearToasts();
    await bench.palette('Flux Promote: Emergency Undo', /^frontend, production/, /Reconcile Back/);
    await bench.untilRow(row('frontend'), new RegExp(`${versionOf(tag)} .*, done`), 'the row to be back at Git');
    await bench.clearToasts();
  });

  it('asks for a merge where the branch takes no push, and follows it to the rollout', async () => {
    const hook = join(labPaths(lab.folder).git, 'flux.git', 'hooks', 'pre-receive');
    const refusal =
      'while read old new ref; do [ "$ref" = refs/heads/main ] && echo "GH006: protected branch" >&2 && exit 1; done; exit 0';
    await writeFile(hook, `#!/bin/sh\n${refusal}\n`, { mode: 0o755 });
    await plan('frontend', 'Through a pull request');
    await bench.quickPick(/Commit and Push/);
    const refused = await bench.toast(/is protected on the server: it takes no direct push/);
    await refused.getByRole('button', { name: 'Open Pull Request' }).click();
    await bench.toast(/Roll back frontend in production: pull request 1 is open\./);
    await bench.screenshot('rollback-pull');
    await rm(hook);
    const state = await readState(lab.folder);
    assert.ok(state !== undefined);
    const merge = `http://127.0.0.1:${state.ports.forge}/repos/acme/flux/pulls/1/merge`;
    const headers = { authorization: `Bearer ${state.tokens.forge}` };
    const answer = await fetch(merge, { method: 'PUT', headers, body: '{}' });
    assert.equal(answer.status, 200, await answer.text());
    await bench.toast(/Rolled back: frontend in production runs production-v/);
    await bench.screenshot('rollback-merged');
  });
});
