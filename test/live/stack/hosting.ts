// Where images and repositories lie: distribution's registry, and the lab's Git server in a process of its own.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawPorts } from './ports';
import type { Processes } from './processes';
import type { Programs } from './programs';
import { isServing } from './reach';
import type { GitHost, Registry } from './stackState';

export interface HostingToStart {
  readonly folder: string;
  readonly programs: Programs;
  readonly processes: Processes;
}

export async function startRegistry({ folder, programs, processes }: HostingToStart): Promise<Registry> {
  const [port = 0] = await drawPorts(1);
  const host = `127.0.0.1:${port}`;
  const url = `http://${host}`;
  const config = join(folder, 'registry.yml');
  const rootDirectory = JSON.stringify(join(folder, 'registry'));
  await writeFile(
    config,
    `version: 0.1
log: { level: warn }
storage:
  filesystem: { rootdirectory: ${rootDirectory} }
  delete: { enabled: true }
http: { addr: '${host}' }
`,
  );
  await processes.start({
    name: 'registry',
    program: programs.path('registry'),
    args: ['serve', config],
    env: { OTEL_TRACES_EXPORTER: 'none' },
    isReady: () => isServing(`${url}/v2/`),
  });
  return { host, url };
}

export async function startGit({ folder, processes }: Omit<HostingToStart, 'programs'>): Promise<GitHost> {
  const [port = 0] = await drawPorts(1);
  const baseUrl = `http://127.0.0.1:${port}`;
  const root = join(folder, 'git');
  await mkdir(root, { recursive: true });
  await processes.start({
    name: 'git',
    program: process.execPath,
    args: ['--require', require.resolve('tsx/cjs'), join(__dirname, 'gitMain.ts'), root, String(port)],
    isReady: () => isServing(`${baseUrl}/`, { status: 404 }),
  });
  return { baseUrl, root };
}
