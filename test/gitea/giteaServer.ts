// A real Gitea on loopback, built from its Go module by the go.mod beside this file: its API, no runner, no scripts on its pages.
import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOrFail } from '../../scripts/process';
import { drawPorts } from '../live/stack/ports';
import { Processes } from '../live/stack/processes';
import { ensureBuilt, goOrFail } from '../live/stack/programs';
import { isServing } from '../live/stack/reach';

export interface GiteaServer {
  readonly url: string;
  readonly folder: string;
  readonly user: string;
  readonly password: string;
  readonly token: string;
  readonly stop: () => Promise<void>;
}

const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-tags', 'sqlite sqlite_unlock_notify'];
const minute = 60_000;
const user = 'acme';

/** Throws StackUnavailable where it cannot be built here. Needs a C compiler: its SQLite is C. */
export async function startGitea(): Promise<GiteaServer> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const programs = await ensureBuilt({
    module: __dirname,
    flags,
    say,
    build: async (folder) => {
      await goOrFail(__dirname, ['build', ...flags, '-o', folder, 'tool'], 50 * minute, { CGO_ENABLED: '1' });
    },
  });
  const program = join(programs, 'gitea');
  const folder = await mkdtemp(join(tmpdir(), 'flux-promote-gitea-'));
  const processes = await Processes.inFolder(folder);
  try {
    const [port = 0] = await drawPorts(1);
    const url = `http://127.0.0.1:${port}`;
    const config = join(folder, 'app.ini');
    const module = ['list', '-m', '-f', '{{.Dir}}', 'code.gitea.io/gitea'];
    const staticFolder = (await goOrFail(__dirname, module, 10 * minute)).trim();
    await writeFile(config, configuration({ folder, port, url, staticFolder }), { mode: 0o600 });
    const gitea = (...args: readonly string[]): Promise<string> =>
      runOrFail(program, [...args, '--config', config], { cwd: folder, deadlineMs: minute });
    await gitea('migrate');
    const password = randomBytes(16).toString('hex');
    const who = ['--username', user, '--password', password, '--email', 'acme@example.invalid'];
    await gitea('admin', 'user', 'create', ...who, '--admin', '--must-change-password=false');
    await processes.start({
      name: 'gitea',
      program,
      args: ['web', '--config', config],
      isReady: () => isServing(`${url}/api/v1/version`),
    });
    const made = ['generate-access-token', '--username', user, '--token-name', 'test', '--scopes', 'all', '--raw'];
    const token = (await gitea('admin', 'user', ...made)).trim().split('\n').at(-1) ?? '';
    return { url, folder, user, password, token, stop: () => processes.stop() };
  } catch (error) {
    await processes.stop();
    throw error;
  }
}

interface Configuration {
  readonly folder: string;
  readonly port: number;
  readonly url: string;
  /** Its templates and translations: the module has them beside the source. */
  readonly staticFolder: string;
}

function configuration({ folder, port, url, staticFolder }: Configuration): string {
  return `${process.getuid?.() === 0 ? 'I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true\n' : ''}RUN_MODE = prod
WORK_PATH = ${folder}
[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = ${url}/
STATIC_ROOT_PATH = ${staticFolder}
DISABLE_SSH = true
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
PATH = ${join(folder, 'gitea.db')}
[repository]
ROOT = ${join(folder, 'repositories')}
[security]
INSTALL_LOCK = true
SECRET_KEY = ${randomBytes(32).toString('hex')}
[service]
DISABLE_REGISTRATION = true
[actions]
ENABLED = true
[log]
LEVEL = warn
`;
}
