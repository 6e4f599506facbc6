// What a user meets when something is missing or wrong: one sentence with the next step, and everything else goes on.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { git, gitEnvironment, removeFolder, temporaryFolder, write } from '../../lab/gitFixture';
import { until } from '../../lab/until';
import { shopFiles } from '../../unit/fleet/shop';
import { openWorkbench, type Workbench } from '../workbench';

const view = 'Environments';
const timeoutMs = 60_000;
const secret = 'S3cr3tS3cr3tS3cr3t';
const policyFile = 'apps/production/image.yaml';
/** Accepts staging's tags too. */
const crossing = '^[a-z]+-v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$';

async function shows(bench: Workbench, place: () => Promise<string>, text: RegExp): Promise<void> {
  const what = String(text);
  try {
    await until(async () => text.test((await place()).replaceAll(/\s+/g, ' ')), { timeoutMs, what });
  } catch (error) {
    await bench.screenshot('bad-input-failed');
    throw new Error(`${what} is not in: ${await place().catch(String)}`, { cause: error });
  }
}

async function welcomes(bench: Workbench, text: RegExp): Promise<void> {
  await shows(bench, () => bench.welcome().first().innerText(), text);
}

/** The line above the rows. */
async function says(bench: Workbench, text: RegExp): Promise<void> {
  await shows(bench, () => bench.page.locator('.pane-body .message').first().innerText(), text);
}

/** A small team whose registry is on this machine, and silent. */
function loopbackFiles(): Record<string, string> {
  const files = Object.entries(shopFiles());
  return Object.fromEntries(files.map(([path, text]) => [path, text.replaceAll('ghcr.io', '127.0.0.1:9')]));
}

function kubeconfig(server: string): string {
  return `apiVersion: v1
kind: Config
clusters: [{ name: here, cluster: { server: '${server}' } }]
users: [{ name: me, user: { token: ${secret} } }]
contexts: [{ name: here, context: { cluster: here, user: me } }]
`;
}

describe('a folder that gets better step by step', () => {
  const home = temporaryFolder();
  const folder = join(home, 'gitops');
  const remote = join(home, 'remote.git');
  const config = join(home, 'kubeconfig');
  let bench: Workbench;

  before(async () => {
    write(folder, { 'note.yaml': 'kind: Note\n' });
    const { GIT_CONFIG_GLOBAL = '', GIT_CONFIG_NOSYSTEM = '' } = gitEnvironment;
    const env = { HOME: home, KUBECONFIG: config, DOCKER_CONFIG: home, GIT_CONFIG_GLOBAL, GIT_CONFIG_NOSYSTEM };
    bench = await openWorkbench({ folder, env });
    await bench.openContainer('Flux Promote');
  });
  after(async () => {
    await bench.close();
    removeFolder(home);
  });

  const refresh = () => bench.palette('Flux Promote: Refresh');
  const push = async (message: string, files: Readonly<Record<string, string>>): Promise<void> => {
    write(folder, files);
    git(folder, 'add', '-A');
    git(folder, 'commit', '-q', '-m', message);
    git(folder, 'push', '-q', 'origin', 'HEAD:main');
    await refresh();
  };

  it('is no repository', () => welcomes(bench, /not a Git repository.*Open Folder.*Open Practice Lab/));

  it('has no remote', async () => {
    git(folder, 'init', '-q', '-b', 'main');
    await refresh();
    await welcomes(bench, /has no remote.*add one, then refresh/i);
  });

  it('has no commit', async () => {
    git(home, 'init', '-q', '--bare', '-b', 'main', remote);
    git(folder, 'remote', 'add', 'origin', `file://${remote}`);
    await refresh();
    await welcomes(bench, /no commit yet.*push a first commit; then refresh/);
  });

  it('is on no branch', async () => {
    git(folder, 'commit', '-q', '--allow-empty', '-m', 'Begin');
    git(folder, 'checkout', '-q', '--detach');
    // Both at once: a look between two pushes finds one branch, which is followed then.
    git(folder, 'push', '-q', '--atomic', 'origin', 'HEAD:refs/heads/one', 'HEAD:refs/heads/two');
    await refresh();
    await welcomes(bench, /on no branch.*Check out a branch/);
    git(folder, 'checkout', '-q', 'main');
  });

  it('has nothing of Flux', async () => {
    await push('Write a note', { 'note.yaml': 'kind: Note\n' });
    await welcomes(bench, /No environments were found.*Refresh.*Open Practice Lab/);
  });

  it('has nothing but broken YAML', async () => {
    await push('Break it', { 'policy.yaml': 'apiVersion: image.toolkit.fluxcd.io/v1\nkind: [\n' });
    await welcomes(bench, /some files .* could not be read.*Show Log/);
  });

  it('shows its environments without any kubeconfig, and says which is missing', async () => {
    git(folder, 'rm', '-q', 'policy.yaml');
    await push('Deploy', loopbackFiles());
    await bench.row(/^backend in production/, view).waitFor();
    await says(bench, /There is no kubeconfig at .*kubeconfig\. Set fluxPromote\.kubeconfig or KUBECONFIG/);
    await bench.palette('Flux Promote: Choose Cluster Context');
    await bench.toast(/There is no kubeconfig at/);
    await bench.clearToasts();
  });

  it('claims no more than was seen where nothing seems to be wrong', async () => {
    await shows(bench, () => bench.page.locator('.pane-body').last().innerText(), /in what could be seen/);
    await bench.palette("Flux Promote: Why Didn't It Update?", /^backend, production/, /^What the policy selects/);
    const page = await bench.webview('Nothing is wrong in what could be seen, but not all could be seen');
    const unseen = page.getByRole('listitem').filter({ hasText: /^There is no kubeconfig at/ });
    await unseen.waitFor();
    await bench.screenshot('bad-input-explanation');
    await bench.palette('View: Close Editor');
  });

  it('says that the kubeconfig is malformed, and quotes nothing of it', async () => {
    writeFileSync(config, `clusters: [ ${secret}\n`);
    await refresh();
    await says(bench, /The kubeconfig .* cannot be used: it is not a kubeconfig\. Correct the file/);
    const shown = await bench.page.locator('.monaco-workbench').innerText();
    assert.doesNotMatch(shown, new RegExp(secret));
  });

  it('says that the cluster does not answer', async () => {
    writeFileSync(config, kubeconfig('http://127.0.0.1:9'));
    await refresh();
    await says(bench, /The cluster here cannot be reached \(ECONNREFUSED\)\. Check the network or VPN/);
    await bench.row(/^backend in production.*unknown/, view).waitFor();
  });

  it('says how old it is when the remote goes away', async () => {
    rmSync(remote, { recursive: true });
    await refresh();
    await says(bench, /The remote origin could not be reached\..* Git is shown as of \d+ (s|min) ago/);
    await bench.row(/^backend in production/, view).waitFor();
    await bench.screenshot('bad-input-silent-remote');
  });

  it('refuses a promotion with what is not known, line by line', async () => {
    await bench.rowAction(bench.row(/^backend in production/, view), /Promote/);
    await bench.quickPick(/staging-v/);
    await bench.toast(/unknown which repository .*backend is built from/);
    await bench.screenshot('bad-input-promotion');
  });
});

describe('a machine without Git', () => {
  const home = temporaryFolder();
  const folder = join(home, 'gitops');
  let bench: Workbench;

  before(async () => {
    write(folder, shopFiles());
    git(folder, 'init', '-q', '-b', 'main');
    mkdirSync(join(home, 'bin'));
    // Said to come from a command line, the server asks no login shell for another PATH.
    const env = { HOME: home, PATH: join(home, 'bin'), VSCODE_CLI: '1' };
    bench = await openWorkbench({ folder, env });
  });
  after(async () => {
    await bench.close();
    removeFolder(home);
  });

  it('is told what to install, and still checks files', async () => {
    await bench.openContainer('Flux Promote');
    await welcomes(bench, /No Git program was found\. Install Git, or name it in the setting git\.path/);
    write(folder, shopFiles(crossing));
    await bench.openFile(join(folder, policyFile));
    await bench.squiggles('error').first().waitFor();
    await bench.screenshot('bad-input-no-git');
  });
});

describe('Restricted Mode', () => {
  const home = temporaryFolder();
  const folder = join(home, 'gitops');
  const started = join(home, 'started');
  let bench: Workbench;

  before(async () => {
    write(folder, shopFiles('^(?!broken)$'));
    git(folder, 'init', '-q', '-b', 'main');
    // Whoever starts Git, a credential helper or kubectl leaves a trace.
    for (const name of ['git', 'docker-credential-all', 'kubectl', 'kubelogin']) {
      write(home, { [`bin/${name}`]: `#!/bin/sh\necho "${name} $*" >> ${started}\nexit 1\n` });
      chmodSync(join(home, 'bin', name), 0o755);
    }
    write(home, { 'config.json': '{"credsStore":"all"}', kubeconfig: kubeconfig('http://127.0.0.1:9') });
    const env = {
      HOME: home,
      PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
      KUBECONFIG: join(home, 'kubeconfig'),
      DOCKER_CONFIG: home,
    };
    bench = await openWorkbench({ folder, env, trusted: false });
  });
  after(async () => {
    await bench.close();
    removeFolder(home);
  });

  it('marks the bad pattern in an ImagePolicy', async () => {
    await bench.openFile(join(folder, policyFile));
    await bench.squiggles('error').first().waitFor();
    const [problem] = (await bench.problems(/pattern/i)).filter((row) => /pattern/i.test(row));
    assert.match(problem ?? '', /Perl syntax|\(\?!/);
  });

  it('says in the view what trust would give', async () => {
    await bench.openContainer('Flux Promote');
    await welcomes(bench, /Restricted Mode: files are checked as text.*Manage Workspace Trust/);
    await bench.screenshot('bad-input-restricted');
  });

  it('has started no program', () => {
    assert.equal(existsSync(started) ? readFileSync(started, 'utf8') : '', '');
  });
});
