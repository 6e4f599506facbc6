// The practice lab's GitOps repository with a clone of it: the extension's own reading, planning and writing over HTTP. Each
// test has a remote and a clone of its own; the Git server is shared.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'mocha';
import { systemClock } from '../../../src/base/clock';
import { gitReader } from '../../../src/base/git/reader';
import { gitRun } from '../../../src/base/git/run';
import { gitWriter } from '../../../src/base/git/writer';
import { type Logger, silentLogger } from '../../../src/base/logger';
import { registryClient } from '../../../src/base/registry/client';
import { applyCommit, type BranchReader, type CommitPen } from '../../../src/changes/apply';
import type { CommitPlan, Refusal, WayName } from '../../../src/changes/plan';
import { planRollback } from '../../../src/changes/planRollback';
import { rollbackTargets } from '../../../src/changes/rollbackTargets';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { deriveHeldLines } from '../../../src/fleet/heldLines';
import { runGit } from '../../../src/lab/git/labGit';
import { readManifests } from '../../../src/manifests/repository';
import type { Facts, RepositoryFacts } from '../../../src/model/facts';
import { known } from '../../../src/model/reading';
import { defaultSettings } from '../../../src/model/settings';
import { readRepository } from '../../../src/sources/git';
import { lacksHistories, readHistories } from '../../../src/sources/histories';
import { readLineOrigins } from '../../../src/sources/lineOrigins';
import { gitEnvironment, removeFolder, temporaryFolder, write } from '../gitFixture';
import { shareLabWorld } from '../labWorld';

export const production = { service: 'backend', environment: 'production' };
export const never = new AbortController().signal;

type Environment = Readonly<Record<string, string | undefined>>;

/** Everything of one test; a getter each, since all of it is made anew before each test. */
export interface RollbackWorld {
  readonly folder: string;
  readonly bare: string;
  readonly clone: string;
  /** Where the clone's remote is, without a login. */
  readonly url: string;
  /** Of the programs that write; what was logged by them. */
  environment: Environment;
  readonly log: string[];
  /** The Git program, where it is another one. */
  program: string | undefined;
  /** The tag to go back to: the newest earlier one that can be chosen when it is asked for first. */
  target: string | undefined;
  readonly git: (...args: readonly string[]) => Promise<string>;
  readonly readFacts: () => Promise<Facts>;
  /** By the way, to `target`. */
  readonly tryPlan: (way?: WayName) => Promise<CommitPlan | Refusal>;
  readonly plan: (way?: WayName) => Promise<CommitPlan>;
  readonly pen: () => CommitPen;
  readonly branch: () => BranchReader;
  readonly apply: (plan: CommitPlan) => Promise<string>;
  readonly remoteTip: () => Promise<string>;
  /** Of the remote's branch, newest first. */
  readonly subjects: (count: number) => Promise<readonly string[]>;
  /** What image automation does: a new value behind backend's marker, on the tip, without asking anybody. */
  readonly botWrites: (environment: string, tag: string) => Promise<void>;
  readonly colleagueEdits: (file: string, edit: (text: string) => string) => Promise<void>;
  /** Remote and clone at this commit, whatever the last attempt left in them. */
  readonly startOver: (tip: string) => Promise<void>;
}

export function overlayOf(environment: string): string {
  return `flux/apps/backend/${environment}/kustomization.yaml`;
}

/** `login` stands in the remote's address, for what may never be seen. */
export function shareRollbackWorld(login = ''): RollbackWorld {
  const lab = shareLabWorld();
  let name = '';
  let previous: RepositoryFacts | undefined;
  const logger = (): Logger => {
    const keep = (message: string): void => void world.log.push(message);
    return { ...silentLogger, trace: keep, debug: keep, info: keep, warn: keep, error: keep };
  };
  const runIn = (folder: string) =>
    gitRun({
      folder,
      environment: world.environment,
      logger: logger(),
      ...(world.program === undefined ? {} : { path: world.program }),
    });
  const reader = () => gitReader(world.clone, runIn(world.clone));

  const world = {
    folder: '',
    bare: '',
    clone: '',
    url: '',
    environment: gitEnvironment,
    log: [] as string[],
    program: undefined as string | undefined,
    target: undefined as string | undefined,
    // The Git server lives in this process: whoever waits for Git synchronously waits for ever.
    git: async (...args: readonly string[]) => (await runGit(args, { cwd: world.clone })).trimEnd(),
    readFacts: async (): Promise<Facts> => {
      const { clone: folder } = world;
      const source = {
        folder,
        reader: (at: string) => gitReader(at, runIn(at)),
        readManifests,
        heldLines: deriveHeldLines,
        clock: systemClock,
        logger: logger(),
      };
      let repository = await readRepository(source, [], previous, never);
      if (lacksHistories(repository)) {
        await readHistories(source, repository, (histories) => (repository = { ...repository, histories }), never);
      }
      previous = repository;
      repository = { ...repository, lineOrigins: await readLineOrigins(source, repository, never) };
      const { host } = new URL(lab().registryUrl);
      const credentials = () => Promise.resolve(undefined);
      const client = registryClient({ fetch, clock: systemClock, credentials, isPlainHttp: () => true });
      const image = `${host}/acme/backend`;
      const tags = await client.tags(image, never);
      return {
        settings: defaultSettings,
        contexts: new Map(),
        repositories: [repository],
        clusters: new Map(),
        registry: new Map([[image, known({ tags, digests: new Map() }, Date.now())]]),
        forges: new Map(),
      };
    },
    tryPlan: async (way: WayName = 'exclude'): Promise<CommitPlan | Refusal> => {
      const facts = await world.readFacts();
      const fleet = deriveFleet(facts);
      const placement = fleet.environments.find((one) => one.name === 'production')?.placements[0];
      assert.equal(placement?.service, 'backend');
      world.target ??= rollbackTargets(fleet, facts, placement).find(({ obstacle }) => obstacle === undefined)?.tag;
      assert.ok(world.target !== undefined);
      const ways = planRollback(fleet, facts, { ...production, tag: world.target, reason: 'It is slow.' });
      if (ways.kind === 'refusal') return ways;
      const found = [ways.recommended, ...ways.others].find((one) => one?.name === way);
      assert.ok(found !== undefined);
      return found.plan;
    },
    plan: async (way: WayName = 'exclude'): Promise<CommitPlan> => {
      const made = await world.tryPlan(way);
      assert.ok(made.kind === 'commit', JSON.stringify(made));
      return made;
    },
    pen: () => gitWriter(runIn(world.clone)),
    branch: (): BranchReader => ({
      tip: async (signal) => {
        await reader().fetch('origin', 'main', signal);
        return (await reader().commit('refs/remotes/origin/main', signal)).hash;
      },
      commitsSince: (base, tip, signal) => reader().commitsSince(base, tip, signal),
    }),
    apply: async (plan: CommitPlan) => await applyCommit(plan, world.pen(), world.branch(), never),
    remoteTip: async () => (await runGit(['rev-parse', 'main'], { cwd: world.bare })).trim(),
    botWrites: async (environment: string, tag: string): Promise<void> => {
      const [cwd, file] = [world.bare, overlayOf(environment)];
      const tip = await world.remoteTip();
      const text = (await runGit(['show', `${tip}:${file}`], { cwd })).replace(/newTag: \S+/, `newTag: ${tag}`);
      const head = `commit refs/heads/main\ncommitter flux-bot <flux@lab.example> 1700000000 +0000\ndata 3\nbot\nfrom ${tip}\n`;
      const input = `${head}M 100644 inline ${file}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
      await runGit(['fast-import', '--quiet'], { cwd, input });
    },
    colleagueEdits: async (file: string, edit: (text: string) => string): Promise<void> => {
      const other = join(world.folder, `other-${process.hrtime.bigint()}`);
      await runGit(['clone', '-q', world.url, other]);
      write(other, { [file]: edit(await runGit(['show', `HEAD:${file}`], { cwd: other })) });
      const author = ['-c', 'user.name=Bob', '-c', 'user.email=bob@example.test'];
      await runGit([...author, 'commit', '-qam', 'Something else'], { cwd: other });
      await runGit(['push', '-q', 'origin', 'HEAD'], { cwd: other });
    },
    startOver: async (tip: string): Promise<void> => {
      await runGit(['update-ref', 'refs/heads/main', tip], { cwd: world.bare });
      await world.git('update-ref', 'refs/remotes/origin/main', tip);
    },
    subjects: async (count: number) =>
      (await runGit(['log', '--format=%s', `--max-count=${count}`, 'main'], { cwd: world.bare })).trim().split('\n'),
  };

  beforeEach(async () => {
    world.folder = temporaryFolder();
    world.clone = join(world.folder, 'clone');
    world.log = [];
    world.environment = gitEnvironment;
    world.program = undefined;
    world.target = undefined;
    previous = undefined;
    name = `case-${process.hrtime.bigint()}`;
    world.bare = join(lab().gitRoot, `${name}.git`);
    world.url = lab().git.url(name);
    cpSync(join(lab().gitRoot, 'flux.git'), world.bare, { recursive: true });
    await runGit(['clone', '-q', world.url, world.clone]);
    const { host } = new URL(world.url);
    if (login !== '') await world.git('remote', 'set-url', 'origin', `http://${login}@${host}/${name}.git`);
    await world.git('config', 'user.name', 'Ada');
    await world.git('config', 'user.email', 'ada@example.test');
  });
  afterEach(() => removeFolder(world.folder));
  return world;
}
