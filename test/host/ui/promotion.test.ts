// Promotions as a team meets them outside the lab's own path: typed inputs, two services at once, one of them written by hand,
// an approval, a window that is closed meanwhile, a refusal with its way out, and the proof of what arrived.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { realConstants } from '../../../src/lab/controllers/constants';
import { runGit } from '../../../src/lab/git/labGit';
import { createLab, type RunningLab, startLab } from '../../../src/lab/lab';
import { labPaths, readState } from '../../../src/lab/state';
import { until } from '../../lab/until';
import { openWorkbench, type Workbench } from '../workbench';

const view = 'Environments';
const timeoutMs = 120_000;
const author = ['-c', 'user.name=Colleague', '-c', 'user.email=colleague@example.test'];
const handWritten = 'flux/apps/frontend/overlays/production/kustomization.yaml';
const workflow = '.github/workflows/promote-production.yml';
const moreInputs = `      rollout:
        description: How fast
        required: true
        type: choice
        options: [slow, fast]
        default: slow
      ticket:
        description: The change request
        required: true
        type: number
`;

describe('promotions by hand', () => {
  let folder: string;
  let lab: RunningLab;
  let bench: Workbench;
  const bugs: unknown[] = [];

  /** A colleague's commit in one of the lab's repositories. */
  async function change(repository: string, file: string, edit: (text: string) => string): Promise<void> {
    const work = join(folder, `colleague-${repository}`);
    await rm(work, { recursive: true, force: true });
    await runGit(['clone', '-q', join(labPaths(folder).git, `${repository}.git`), work]);
    await writeFile(join(work, file), edit(await readFile(join(work, file), 'utf8')));
    await runGit([...author, 'commit', '-qam', `Edit ${file}`], { cwd: work });
    await runGit(['push', '-q', 'origin', 'HEAD:main'], { cwd: work });
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flux-promote-lab-'));
    await createLab(folder, { seed: 'promotions' });
    await change('backend', workflow, (text) =>
      text
        .replace('permissions:', `${moreInputs}permissions:`)
        .replace('runs-on: lab', '$&\n    environment: production'),
    );
    // Nobody automates frontend in production.
    await change('flux', handWritten, (text) =>
      text.replace(/ # \{.*/, '').replace(/ {2}- image-(?:policy|update-automation)\.yaml\n/g, ''),
    );
    for (const file of ['image-policy.yaml', 'image-update-automation.yaml']) {
      await change('flux', `flux/apps/frontend/overlays/production/${file}`, () => '');
    }
    const forge = { protectedEnvironments: ['production'] };
    lab = await startLab(folder, { constants: realConstants, onBug: (error) => bugs.push(error), forge });
    const clone = join(folder, 'clone');
    await runGit(['clone', '-q', `${lab.urls.git}/flux.git`, clone]);
    for (const [key, value] of [
      ['user.name', 'Ada'],
      ['user.email', 'ada@example.test'],
    ] as const) {
      await runGit(['config', key, value], { cwd: clone });
    }
    bench = await openWorkbench({
      folder: clone,
      settings: {
        'fluxPromote.kubeconfig': lab.paths.kubeconfig,
        'fluxPromote.forges': [{ api: lab.urls.forge }],
      },
    });
  });

  after(async () => {
    await bench.close();
    await lab.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    assert.deepEqual(bugs, []);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await bench.screenshot('promotion-failed');
  });

  const label = async (service: string, environment = 'production'): Promise<string> =>
    (await bench.row(new RegExp(`^${service} in ${environment}`), view).getAttribute('aria-label')) ?? '';

  it('signs in to the forge, and refuses an older build with its way out', async () => {
    await bench.openContainer('Flux Promote');
    await until(async () => /, done/.test(await label('backend')), { timeoutMs, what: 'production to be known' });
    await signIn();
    await promote('backend');
    const rows = await bench.quickPickRows();
    assert.match(rows[0] ?? '', /^staging-v.*running in staging.*Becomes production-v/);
    assert.match(rows[1] ?? '', /^staging-v.*was in staging.*exists already: this build was promoted before\. Choose/);
    await bench.screenshot('promotion-1-candidates');
    await bench.quickPick(/exists already/);
    await bench.toast(
      /exists already: this build was promoted before\. Choose a newer build, or roll back to this one\./,
    );
    await bench.screenshot('promotion-1-refused');
    await bench.clearToasts();
  });

  it('promotes two services at once, each its own way, with the inputs that the workflow asks for', async () => {
    await promote('backend', 'frontend');
    await bench.input('Two at once');
    assert.deepEqual(
      (await bench.quickPickRows()).map((row) => row.split(',')[0]),
      ['slow', 'fast'],
    );
    await bench.screenshot('promotion-2-choice');
    await bench.quickPick(/^fast/);
    const box = bench.quickInput();
    await box.locator('input').first().fill('soon');
    await box.getByText('A number is asked for.').waitFor();
    await bench.screenshot('promotion-2-number');
    await bench.input('4711');
    const dialog = await bench.dialog('Promote backend to production?');
    const text = await dialog.innerText();
    assert.match(text, /✓ Your clone has no changes of its own to the files that decide this/);
    await bench.screenshot('promotion-2-dialog');
    await bench.answer('Promote backend to production?', 'Promote');
    await bench.dialog(/Approve run \d+\?/);
    await bench.screenshot('promotion-2-approval');
    await bench.press('Escape');
  });

  it('writes the tag of the other one, which nobody automates', async () => {
    await bench.page.locator('.diff-editor, .monaco-diff-editor').first().waitFor();
    await bench.screenshot('promotion-3-preview');
    await bench.quickPick(/Commit and Push/);
    await bench.toast(/Promoted: production runs staging-v/);
    const message = await runGit(['log', '-1', '--format=%B', 'main', '--', handWritten], {
      cwd: join(labPaths(folder).git, 'flux.git'),
    });
    assert.match(message, /Two at once/);
    assert.match(message, /^Flux-Promote-Commits: [0-9a-f]{7}\.\.[0-9a-f]{7}$/m);
    await bench.screenshot('promotion-3-promoted');
    await bench.row(/^frontend in production, .*, done$/, view).waitFor();
  });

  it('finds it again after the window was closed, and approves it', async () => {
    await bench.reload();
    await bench.openContainer('Flux Promote');
    await until(async () => (await label('backend')) !== '', { timeoutMs, what: 'the tree' });
    // The served VS Code keeps secrets only as long as its page.
    await signIn();
    await bench.row(/^backend in production, run \d+ waits for an approval/, 'Activity').waitFor();
    await bench.screenshot('promotion-3-waiting');
    await bench.palette('Flux Promote: Approve Run', /^backend, production/);
    await bench.answer(/Approve run \d+\?/, 'Approve');
    await bench.toast(/Approved run \d+ for production/);
    const staging = /staging-v\S+/.exec(await label('backend', 'staging'))?.[0] ?? '';
    await until(async () => /, done/.test(await label('backend')) && (await isRunning('backend', staging)), {
      timeoutMs,
      what: 'production to run what was promoted',
    });
    await bench.screenshot('promotion-3-arrived');
  });

  it('proves the same image, and any other two tags to be different, as Markdown and JSON', async () => {
    await bench.clearToasts();
    await bench.palette('Flux Promote: Prove Lineage', /^backend, production/, /same commit, version and time/);
    await bench.webview(/is the same image as staging-v/);
    const copy = await bench.toast('The lineage is compared.');
    await copy.getByRole('button', { name: 'Copy as JSON' }).click();
    await until(async () => (await bench.clipboard()).includes('"verdict": "same"'), { timeoutMs, what: 'the JSON' });
    await bench.clearToasts();
    await bench.palette('Flux Promote: Prove Lineage', /^backend, production/, /^Any other two tags/);
    const [, older] = (await bench.quickPickRows()).filter((row) => row.startsWith('staging-v'));
    await bench.quickPick(older ?? '');
    await bench.quickPick(/^production-v/);
    await bench.webview(/is not the image/);
    await bench.screenshot('promotion-5-different');
    await (await bench.toast('The lineage is compared.')).getByRole('button', { name: 'Copy as Markdown' }).click();
    await until(async () => /different/i.test(await bench.clipboard()), { timeoutMs, what: 'the Markdown' });
  });

  async function signIn(): Promise<void> {
    await bench.palette('Flux Promote: Sign In', /^127\.0\.0\.1:\d+, forge/);
    const state = await readState(folder);
    await bench.input(state?.tokens.forge ?? '');
  }

  /** By the palette: a row's button may come without its row while the tree is drawn anew, and the command then asks. */
  async function promote(...services: readonly string[]): Promise<void> {
    await bench.palette('Flux Promote: Promote');
    await bench.quickInput().getByText('Promote: which services').waitFor();
    for (const service of services) {
      await bench
        .quickInput()
        .locator('.monaco-list-row')
        .filter({ hasText: `${service} ` })
        .first()
        .click();
    }
    await bench.screenshot(`promotion-services-${services.length}`);
    await bench.press('Enter');
  }

  async function isRunning(service: string, staging: string): Promise<boolean> {
    return (await label(service)).includes(staging.replace('staging', 'production'));
  }
});
