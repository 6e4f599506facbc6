// Whoever works on the shops: the extension's own reading of Git, cluster and registry, and its own pens. No editor.
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock';
import { gitReader } from '../../src/base/git/reader';
import { gitRun } from '../../src/base/git/run';
import { gitWriter } from '../../src/base/git/writer';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { silentLogger } from '../../src/base/logger';
import { registryClient } from '../../src/base/registry/client';
import { applyOnTip } from '../../src/changes/apply';
import { applyReconcile, applyRolloutUndo } from '../../src/changes/applyCluster';
import type { CommitPlan, Refusal, WayName } from '../../src/changes/plan';
import { planMarkersBack } from '../../src/changes/planResume';
import { planRollback } from '../../src/changes/planRollback';
import { ClusterAccess } from '../../src/editor/clusterAccess';
import { deriveFleet } from '../../src/fleet/deriveFleet';
import { fleetMemory } from '../../src/fleet/fleetMemory';
import { deriveHeldLines } from '../../src/fleet/heldLines';
import { findObject } from '../../src/fleet/liveObjects';
import { readManifests } from '../../src/manifests/repository';
import type { Facts } from '../../src/model/facts';
import type { Fleet, Placement } from '../../src/model/fleet';
import { canonicalImage } from '../../src/model/image';
import { valueOf } from '../../src/model/reading';
import { defaultSettings } from '../../src/model/settings';
import { Observer } from '../../src/sources/observer';
import { gitEnvironment } from '../lab/gitFixture';
import { until } from '../lab/until';
import type { OpenedStack } from '../live/stack/openStack';
import type { Shop } from './shop';

/** A new one each time: whoever listens to one that never fires is never let go. */
const never = (): AbortSignal => new AbortController().signal;

export interface Team {
  /** Production of a shop, as it is seen now. */
  look(shop: Shop): Placement;
  /** Waits for what the cluster or Git says of production. */
  waitFor(shop: Shop, what: string, isSeen: (placement: Placement) => boolean, timeoutMs?: number): Promise<void>;
  /** Asks everybody now. */
  refresh(): Promise<void>;
  plan(shop: Shop, way: WayName): CommitPlan | Refusal;
  /** The commit's hash; Flux is asked to fetch it. */
  write(shop: Shop, plan: CommitPlan, replan: () => CommitPlan | Refusal): Promise<string>;
  planMarkersBack(shop: Shop): CommitPlan | Refusal;
  nudge(shop: Shop, kind: 'GitRepository' | 'ImageRepository'): Promise<void>;
  /** When production's automation has run last. */
  lastRunOf(shop: Shop): number | undefined;
  /** The older image in the cluster at once, ahead of Git. */
  undo(shop: Shop): Promise<void>;
  close(): void;
}

export async function gatherTeam(stack: OpenedStack, shops: readonly Shop[]): Promise<Team> {
  // More clones at once than a window has folders: each listens to the one signal of a refresh.
  setMaxListeners(100);
  const clusters = new ClusterAccess({
    load: () => Promise.resolve(loadKubeconfig({ path: stack.kubeconfig, environment: {} })),
    assertWritable: () => undefined,
    clock: systemClock,
    logger: silentLogger,
  });
  await clusters.load();
  const runIn = (folder: string) => gitRun({ folder, environment: gitEnvironment, logger: silentLogger });
  const reader = (folder: string) => gitReader(folder, runIn(folder));
  const credentials = () => Promise.resolve(undefined);
  const observer = new Observer({
    repositories: shops.map(({ clone: folder }) => ({
      folder,
      reader,
      readManifests,
      heldLines: deriveHeldLines,
      clock: systemClock,
      logger: silentLogger,
    })),
    scope: { settings: defaultSettings, contexts: new Map(), defaultContext: stack.context },
    watchCluster: (context, onChange) => clusters.watch(context, onChange),
    registry: registryClient({ fetch, clock: systemClock, credentials, isPlainHttp: () => true }),
    forge: () => undefined,
    clock: systemClock,
    logger: silentLogger,
  });
  const interest = observer.interest();
  let refreshing: Promise<void> = Promise.resolve();
  const refresh = async (): Promise<void> => {
    // The newest refresh would cancel the one before.
    const mine = refreshing.then(async () => await observer.refresh(never()));
    refreshing = mine.catch(() => undefined);
    await mine;
  };

  const memory = fleetMemory();
  let derived: { readonly facts: Facts; readonly fleet: Fleet } | undefined;
  const fleetNow = (): Fleet => {
    const { facts } = observer;
    if (derived?.facts !== facts) derived = { facts, fleet: deriveFleet(facts, memory) };
    return derived.fleet;
  };
  const findPlacement = ({ image }: Shop): Placement | undefined =>
    fleetNow()
      .environments.filter(({ name }) => name === 'production')
      .flatMap(({ placements }) => placements)
      .find((one) => canonicalImage(one.image) === canonicalImage(image));
  const look = (shop: Shop): Placement => {
    const found = findPlacement(shop);
    if (found === undefined) throw new Error(`Production of ${shop.name} is not seen.`);
    return found;
  };
  // As a webhook would tell: a fetch and a reading of all clones for every shop every second is what a machine would be busy with.
  const fetched = new Map<Shop, string>();
  const followRemote = async (shop: Shop): Promise<void> => {
    const tip = await readFile(join(shop.repository, 'refs/heads/main'), 'utf8');
    if (fetched.get(shop) === tip) return;
    await reader(shop.clone).fetch('origin', 'main', never());
    await observer.readRepositories(never());
    fetched.set(shop, tip);
  };

  return {
    look,
    refresh,
    waitFor: async (shop, what, isSeen, timeoutMs = 300_000) => {
      await until(
        async () => {
          await followRemote(shop);
          const found = findPlacement(shop);
          return found !== undefined && isSeen(found);
        },
        { timeoutMs, what: `${shop.name}: ${what}` },
      );
    },
    plan: (shop, way) => {
      const { facts } = observer;
      const { service, environment } = look(shop);
      const intent = { service, environment, tag: shop.older, reason: 'It is slow.' };
      const ways = planRollback(fleetNow(), facts, intent);
      if (ways.kind === 'refusal') return ways;
      const found = [ways.recommended, ...ways.others].find((one) => one?.name === way);
      if (found === undefined) throw new Error(`${way} is not offered for ${shop.name}.`);
      return found.plan;
    },
    write: async (shop, plan, replan) => {
      const branch = {
        tip: async (signal: AbortSignal) => {
          await reader(shop.clone).fetch('origin', 'main', signal);
          return (await reader(shop.clone).commit('refs/remotes/origin/main', signal)).hash;
        },
        commitsSince: (base: string, tip: string, signal: AbortSignal) =>
          reader(shop.clone).commitsSince(base, tip, signal),
      };
      const again = async (): Promise<CommitPlan | Refusal> => {
        await observer.readRepositories(never());
        return replan();
      };
      const applied = await applyOnTip(plan, again, gitWriter(runIn(shop.clone)), branch, never());
      if (applied.kind !== 'landed') throw new Error(`${shop.name}: ${JSON.stringify(applied)}`);
      await observer.readRepositories(never());
      return applied.commit;
    },
    planMarkersBack: (shop) => planMarkersBack(fleetNow(), observer.facts, look(shop)),
    nudge: async ({ name }, kind) => {
      const object = { kind, namespace: name, name: kind === 'GitRepository' ? 'shop' : 'backend' };
      await applyReconcile(object, clusters.penOf(stack.context), Date.now(), never());
    },
    lastRunOf: (shop) => {
      const automations = observer.facts.clusters.get(stack.context)?.imageUpdateAutomations;
      return findObject(automations, look(shop).automation)?.lastRunAt;
    },
    undo: async (shop) => {
      const deployments = valueOf(observer.facts.clusters.get(stack.context)?.deployments) ?? [];
      const found = deployments.find(({ meta }) => meta.namespace === shop.name && meta.name === 'backend-production');
      if (found === undefined) throw new Error(`The Deployment of ${shop.name} is not seen.`);
      const deployment = { kind: 'Deployment', namespace: shop.name, name: 'backend-production' };
      const images = new Map([['backend', `${shop.image}:${shop.older}`]]);
      const undo = { deployment, images, generation: found.meta.generation ?? 0 };
      await applyRolloutUndo(undo, clusters.penOf(stack.context), never());
    },
    close: () => {
      interest.dispose();
      observer.dispose();
    },
  };
}
