// A practice lab seen by two: through links of which each can be severed, and beside them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realConstants } from '../../src/lab/controllers/constants';
import { runGit } from '../../src/lab/git/labGit';
import { contextName, createLab, type RunningLab, startLab } from '../../src/lab/lab';
import { pushImage } from '../../src/lab/registry/pushImage';
import { type ObservedWorld, observeWorld } from './observedWorld';
import { type SeverableLink, startSeverableLink } from './severableLink';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporaryFolder';

export const linkNames = ['api', 'git', 'registry', 'forge'] as const;
export type LinkName = (typeof linkNames)[number];

export interface SeveredWorld {
  readonly lab: RunningLab;
  readonly links: Readonly<Record<LinkName, SeverableLink>>;
  /** Through the links. */
  readonly world: ObservedWorld;
  /** Beside them. */
  readonly witness: ObservedWorld;
  /** Of the backend. */
  pushTag(tag: string): Promise<void>;
  /** What the lab and both observers called an error. */
  close(): Promise<readonly unknown[]>;
}

export async function openSeveredWorld(seed: string): Promise<SeveredWorld> {
  const bugs: unknown[] = [];
  const folder = await makeTemporaryFolder();
  await createLab(folder, { seed });
  const lab = await startLab(folder, {
    constants: realConstants,
    onBug: (error) => bugs.push(error),
    forge: { stepMs: 50 },
  });
  const { ports, tokens } = lab.state;
  const started = await Promise.all(
    linkNames.map(async (name) => [name, await startSeverableLink(ports[name])] as const),
  );
  const links = Object.fromEntries(started) as Record<LinkName, SeverableLink>;
  const through = (text: string): string =>
    linkNames.reduce((now, name) => now.replaceAll(`:${ports[name]}/`, `:${links[name].port}/`), text);
  const kubeconfig = join(folder, 'kubeconfig-through-link');
  writeFileSync(kubeconfig, readFileSync(lab.paths.kubeconfig, 'utf8').replace(`:${ports.api}`, `:${links.api.port}`));
  const workspace = join(folder, 'clone-through-link');
  await runGit(['clone', '-q', through(`${lab.urls.git}/flux.git`), workspace]);
  await runGit(['config', 'user.name', 'Ada'], { cwd: workspace });
  await runGit(['config', 'user.email', 'ada@example.test'], { cwd: workspace });
  const forge = { api: lab.urls.forge, token: tokens.forge };
  const world = observeWorld({
    workspace,
    kubeconfig,
    context: contextName,
    forge,
    fetch: (url, init) => fetch(through(url), init),
  });
  const witness = observeWorld({
    workspace: lab.paths.workspace,
    kubeconfig: lab.paths.kubeconfig,
    context: contextName,
    forge,
  });
  return {
    lab,
    links,
    world,
    witness,
    pushTag: async (tag) => {
      const registryUrl = `http://127.0.0.1:${ports.registry}`;
      await pushImage({ registryUrl, name: 'acme/backend', tag, labels: {}, created: Date.now(), salt: tag });
    },
    close: async () => {
      world.dispose();
      witness.dispose();
      for (const name of linkNames) await links[name].stop();
      await lab.stop();
      await removeTemporaryFolder(folder);
      return [...bugs, ...world.bugs, ...witness.bugs];
    },
  };
}
