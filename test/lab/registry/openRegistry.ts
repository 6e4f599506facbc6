// A registry for a suite that runs in both worlds: the lab's own, or in `npm run test:live` distribution's, in a process of its own.
import { join } from 'node:path';
import { startRegistry } from '../../../src/lab/registry/registry';
import { startRegistry as startDistribution } from '../../live/stack/hosting';
import { Processes } from '../../live/stack/processes';
import { ensurePrograms } from '../../live/stack/programs';
import { isLive } from '../isLive';

export interface OpenedRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Ends it and starts it again on its port, with what it has. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Keeps its data below the folder. */
export function openRegistry(folder: string): Promise<OpenedRegistry> {
  return isLive ? openDistribution(folder) : openOwn(folder);
}

async function openOwn(folder: string): Promise<OpenedRegistry> {
  let running = await startRegistry({ folder: join(folder, 'registry'), port: 0 });
  const { host, port } = running;
  return {
    host,
    url: `http://${host}`,
    restart: async () => {
      await running.stop();
      running = await startRegistry({ folder: join(folder, 'registry'), port });
    },
    stop: () => running.stop(),
  };
}

async function openDistribution(folder: string): Promise<OpenedRegistry> {
  const programs = await ensurePrograms(() => undefined);
  const data = join(folder, 'distribution');
  const processes = await Processes.inFolder(data);
  const registry = await startDistribution({ folder: data, programs, processes });
  return { ...registry, restart: () => processes.restart('registry'), stop: () => processes.stop() };
}
