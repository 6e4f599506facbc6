import { join } from 'node:path';
import { makeBareRepository } from '../git/bareRepository';
import { runGit } from '../git/labGit';
import { pushImage, retag } from '../registry/pushImage';
import { type HistoryToWrite, importHistory } from './fastImport';
import type { WriteBack } from './fluxHistory';
import { imageOf } from './image';
import { type Environment, environments, labUser, owner, type Service, services } from './names';
import { planContent } from './planContent';
import type { Build } from './serviceHistory';

export interface ContentToCreate {
  /** Becomes the Git server's root: `flux.git`, `backend.git`, `frontend.git`. */
  readonly folder: string;
  /** `http://127.0.0.1:PORT`; the registry is running. */
  readonly registryUrl: string;
  /** `http://127.0.0.1:PORT` of the Git server, which need not run yet. */
  readonly gitUrl: string;
  /** `http://127.0.0.1:PORT` of the forge, which need not run yet: it stands in the images' source labels. */
  readonly forgeUrl: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly seed: string;
}

export interface ContentSummary {
  /** Tags by service and environment, oldest first. */
  readonly tags: Readonly<Record<Service, Readonly<Record<Environment, readonly string[]>>>>;
  /** The bot's commits, first to last. */
  readonly writeBacks: readonly WriteBack[];
  /** The tip of `flux.git`. */
  readonly head: string;
}

/** Fills an empty folder and an empty registry. */
export async function createContent(input: ContentToCreate): Promise<ContentSummary> {
  const { folder, registryUrl, gitUrl, forgeUrl, now, seed } = input;
  const addresses = { registryHost: new URL(registryUrl).host, gitUrl };
  const plan = planContent({ addresses, now, seed });
  await Promise.all([
    createRepository(join(folder, 'flux.git'), plan.flux.repository),
    ...plan.services.map(({ service, repository }) => createRepository(join(folder, `${service}.git`), repository)),
    ...services.map((service) =>
      pushBuilds(
        registryUrl,
        forgeUrl,
        plan.builds.filter((build) => build.service === service),
      ),
    ),
  ]);
  const tagsOf = (service: Service, environment: Environment) =>
    plan.builds.filter((build) => build.service === service && build.environment === environment).map(({ tag }) => tag);
  const byEnvironment = (service: Service) => ({
    develop: tagsOf(service, 'develop'),
    staging: tagsOf(service, 'staging'),
    production: tagsOf(service, 'production'),
  });
  return {
    tags: { backend: byEnvironment('backend'), frontend: byEnvironment('frontend') },
    writeBacks: plan.flux.writeBacks,
    head: plan.flux.head,
  };
}

async function createRepository(folder: string, history: HistoryToWrite): Promise<void> {
  await makeBareRepository(folder);
  await importHistory(folder, history);
}

/** The builds of one service, and the names that move along with them: each environment's own, and `latest`. */
async function pushBuilds(registryUrl: string, forgeUrl: string, builds: readonly Build[]): Promise<void> {
  await Promise.all(
    builds
      .filter(({ copyOf }) => copyOf === undefined)
      .map((build) =>
        pushImage({
          registryUrl,
          ...imageOf({ ...build, name: `${owner}/${build.service}`, source: `${forgeUrl}/${owner}/${build.service}` }),
        }),
      ),
  );
  const copies = builds.flatMap(({ service, tag, copyOf }) =>
    copyOf === undefined ? [] : [{ name: `${owner}/${service}`, from: copyOf, to: tag }],
  );
  await Promise.all(copies.map((copy) => retag({ registryUrl, ...copy })));
  const moving = [...environments, 'latest' as const].flatMap((name) => {
    const newest = builds.findLast(({ environment }) => environment === (name === 'latest' ? 'develop' : name));
    return newest ? [{ name: `${owner}/${newest.service}`, from: newest.tag, to: name }] : [];
  });
  await Promise.all(moving.map((move) => retag({ registryUrl, ...move })));
}

export interface WorkspaceToClone {
  /** The GitOps repository's address on the lab's Git server, which is running. */
  readonly url: string;
  /** Must not exist yet. */
  readonly folder: string;
}

/** What the user opens in the editor: a clone with a name of its own, so that commits need no further set-up. */
export async function cloneWorkspace({ url, folder }: WorkspaceToClone): Promise<void> {
  await runGit(['clone', '-q', url, folder]);
  await runGit(['config', 'user.name', labUser.name], { cwd: folder });
  await runGit(['config', 'user.email', labUser.email], { cwd: folder });
}
