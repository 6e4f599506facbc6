// One promotion in the practice lab, followed as the editor follows it: when each link became true in the world, when it was
// shown, and what forge and registry were asked meanwhile.
import { systemClock } from '../../src/base/clock';
import type { Fetch } from '../../src/base/http';
import type { Disposable } from '../../src/base/lifetime';
import { silentLogger } from '../../src/base/logger';
import { applyDispatch } from '../../src/changes/applyDispatch';
import { planPromotion } from '../../src/changes/planPromotion';
import { derivePreflight, type Preflight } from '../../src/changes/preflight';
import { followRun } from '../../src/editor/followRun';
import { watchPromotions } from '../../src/editor/watchPromotions';
import { type World, watchWorld } from '../../src/editor/world';
import { numberAt, textAt } from '../../src/lab/cluster/json';
import { contextName, type RunningLab } from '../../src/lab/lab';
import { readDigest } from '../../src/lab/registry/pushImage';
import type { LinkName, Placement } from '../../src/model/fleet';
import { canonicalImage } from '../../src/model/image';
import { valueOf } from '../../src/model/reading';
import { parseRevision } from '../../src/model/revision';
import { labApi } from './labApi';
import { observeWorld } from './observedWorld';
import { until } from './until';

export interface FollowedRequest {
  /** When it was sent, in milliseconds since the dispatch. */
  readonly at: number;
  readonly to: 'forge' | 'registry';
  readonly method: string;
  readonly path: string;
  readonly isConditional: boolean;
}

export interface FollowedPromotion {
  /** From becoming true until it was shown, in milliseconds; negative where we were told before we asked the world again. */
  readonly delays: ReadonlyMap<LinkName, number>;
  /** From the dispatch to the rollout, in milliseconds. */
  readonly tookMs: number;
  readonly requests: readonly FollowedRequest[];
  /** Why the same command is refused afterwards, and how many runs there are. */
  readonly again: { readonly reason: string };
  readonly runs: number;
  /** What the observer called an error. */
  readonly bugs: readonly unknown[];
}

const { signal } = new AbortController();
const id = { service: 'backend', environment: 'production' };
const deadline = (what: string) => ({ timeoutMs: 120_000, what });

/** Requests that were sent in one go are one look. */
export function looksOf(requests: readonly FollowedRequest[]): readonly FollowedRequest[] {
  return requests.filter((one, at) => one.at - (requests[at - 1]?.at ?? -Infinity) > 2_500);
}

function placementIn({ fleet }: World): Placement | undefined {
  return fleet.environments
    .find(({ name }) => name === id.environment)
    ?.placements.find(({ service }) => service === id.service);
}

/** Promotes what staging runs, and follows it to the rollout. */
export async function followPromotion(lab: RunningLab): Promise<FollowedPromotion> {
  const requests: FollowedRequest[] = [];
  let startedAt = Infinity;
  const counted: Fetch = async (url, init) => {
    const { pathname } = new URL(url);
    requests.push({
      at: Date.now() - startedAt,
      to: url.startsWith(lab.urls.forge) ? 'forge' : 'registry',
      method: init.method ?? 'GET',
      path: pathname,
      isConditional: new Headers(init.headers).has('if-none-match'),
    });
    return await fetch(url, init);
  };
  const observed = observeWorld({
    workspace: lab.paths.workspace,
    kubeconfig: lab.paths.kubeconfig,
    context: contextName,
    forge: { api: lab.urls.forge, token: lab.state.tokens.forge },
    fetch: counted,
  });
  const world = watchWorld(observed.observer);
  const watch = watchPromotions({ world, isLooking: () => true, clock: systemClock, logger: silentLogger });
  try {
    await until(
      () => observed.agree(id.service, 'staging') && observed.agree(id.service, id.environment),
      deadline('the lab'),
    );
    await world.refresh(signal);
    const planned = (): { preflight: Preflight; plan: ReturnType<typeof planPromotion> } | undefined => {
      const preflight = derivePreflight(world.fleet, world.facts, id, Date.now());
      return (
        preflight && { preflight, plan: planPromotion(preflight, world.fleet, { reason: 'Measured', inputs: {} }) }
      );
    };
    // While staging is at work, both this and the same command below are refused for that.
    const { preflight, plan } = await until(() => {
      const found = planned();
      if (found?.plan.kind !== 'dispatch') throw new Error(JSON.stringify(found?.plan));
      return { preflight: found.preflight, plan: found.plan };
    }, deadline('a plan that may be started'));
    const at = world.facts.forges.size > 0 ? observed.observer.sourceOf(plan.image) : undefined;
    const forge = at && observed.forge(at.host);
    if (forge === undefined) throw new Error('The forge is not known');

    startedAt = Date.now();
    const run = await applyDispatch(plan, forge, signal);
    if (!('id' in run)) throw new Error('The forge did not say which run it started');
    const [became, shown] = [new Map<LinkName, number>(), new Map<LinkName, number>()];
    became.set('requested', Date.now());
    const watching = watchShown(world, plan.target.tag, run.id, shown);
    const witness = witnessWorld(lab, preflight.target, plan, run.id, became);
    await followRun({ plan, run, world, say: () => undefined, clock: systemClock }, signal);
    await witness;
    await until(() => [...became.keys()].every((name) => shown.has(name)), deadline('all links to be shown'));
    watching.dispose();
    const tookMs = (became.get('rolled out') ?? 0) - startedAt;
    const delays = new Map([...became].map(([name, when]) => [name, (shown.get(name) ?? Infinity) - when]));
    const asked = requests.filter((one) => one.at >= 0);
    await world.refresh(signal);
    const again = await until(() => {
      const found = planned()?.plan;
      return found?.kind === 'refusal' && !/not known to be healthy/.test(found.reason) && found;
    }, deadline('the refusal of the same command'));
    const runs = (await world.readRuns(plan.image, signal)).length;
    return { delays, tookMs, requests: asked, again, runs, bugs: observed.bugs };
  } finally {
    watch.dispose();
    observed.dispose();
  }
}

/** When the fleet says each link for the first time; a link is done of what the links before it have brought. */
function watchShown(world: World, tag: string, runId: number, shown: Map<LinkName, number>): Disposable {
  const scans = (): number | undefined => {
    const reference = placementIn(world)?.imageRepository;
    const { imageRepositories } = world.facts.clusters.get(contextName) ?? {};
    return valueOf(imageRepositories)?.find(({ meta }) => meta.name === reference?.name)?.lastScan?.tagCount;
  };
  const before = scans();
  const look = (): void => {
    const placement = placementIn(world);
    if (placement === undefined) return;
    const { image, run, selected, written, running, chain } = placement;
    const areDone = (...names: readonly LinkName[]): boolean =>
      names.every((name) => chain.find((one) => one.name === name)?.link.state === 'done');
    const isWritten = valueOf(written)?.tag === tag;
    const said: Readonly<Record<LinkName, boolean>> = {
      requested: run?.id === runId,
      built: run?.id === runId && areDone('built'),
      published: valueOf(world.facts.registry.get(canonicalImage(image)))?.tags.includes(tag) === true,
      scanned: scans() !== before,
      selected: valueOf(selected)?.tag === tag,
      written: isWritten,
      fetched: isWritten && areDone('fetched'),
      applied: isWritten && areDone('fetched', 'applied'),
      'rolled out': isWritten && areDone('fetched', 'rolled out') && valueOf(running)?.tag === tag,
    };
    for (const [name, isSaid] of Object.entries(said)) {
      if (isSaid && !shown.has(name as LinkName)) shown.set(name as LinkName, Date.now());
    }
  };
  look();
  return world.onDidChange(look);
}

/** When each link becomes true, by asking the world itself every few milliseconds. */
async function witnessWorld(
  lab: RunningLab,
  placement: Placement,
  {
    target: { tag },
    owner,
    repository,
  }: { readonly target: { readonly tag: string }; readonly owner: string; readonly repository: string },
  runId: number,
  became: Map<LinkName, number>,
): Promise<void> {
  const api = await labApi(lab);
  const flux = (group: string, kind: string, object: Placement['policy']) =>
    api.get(`/apis/${group}.toolkit.fluxcd.io/v1/namespaces/${object?.namespace ?? ''}/${kind}/${object?.name ?? ''}`);
  const { tagCount, pushed } = {
    tagCount: numberAt(
      await flux('image', 'imagerepositories', placement.imageRepository),
      'status',
      'lastScanResult',
      'tagCount',
    ),
    pushed: textAt(await flux('image', 'imageupdateautomations', placement.automation), 'status', 'lastPushCommit'),
  };
  let commit: string | undefined;
  const headers = { authorization: `Bearer ${lab.state.tokens.forge}` };
  const steps: Readonly<Partial<Record<LinkName, () => Promise<boolean>>>> = {
    built: async () => {
      const answer = await fetch(`${lab.urls.forge}/repos/${owner}/${repository}/actions/runs/${runId}`, { headers });
      return ((await answer.json()) as { readonly conclusion: string | null }).conclusion === 'success';
    },
    published: async () => {
      const name = placement.image.slice(placement.image.indexOf('/') + 1);
      return (await readDigest(lab.urls.registry, name, tag)) !== undefined;
    },
    scanned: async () => {
      const object = await flux('image', 'imagerepositories', placement.imageRepository);
      return numberAt(object, 'status', 'lastScanResult', 'tagCount') !== tagCount;
    },
    selected: async () =>
      textAt(await flux('image', 'imagepolicies', placement.policy), 'status', 'latestRef', 'tag') === tag,
    written: async () => {
      const object = await flux('image', 'imageupdateautomations', placement.automation);
      const last = textAt(object, 'status', 'lastPushCommit');
      if (last === pushed) return false;
      commit = last;
      return true;
    },
    fetched: async () => {
      const object = await flux('source', 'gitrepositories', {
        kind: '',
        namespace: 'flux-system',
        name: 'flux-system',
      });
      return isCommit(textAt(object, 'status', 'artifact', 'revision'), commit);
    },
    applied: async () => {
      const object = await flux('kustomize', 'kustomizations', placement.kustomization);
      return isCommit(textAt(object, 'status', 'lastAppliedRevision'), commit);
    },
    'rolled out': async () => {
      const { namespace = '', name = '' } = placement.workload ?? {};
      const object = await api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
      const image = textAt(object, 'spec', 'template', 'spec', 'containers', 0, 'image');
      const [wanted, updated, available, all] = [
        numberAt(object, 'spec', 'replicas'),
        ...['updatedReplicas', 'availableReplicas', 'replicas'].map((field) => numberAt(object, 'status', field)),
      ];
      return image?.endsWith(`:${tag}`) === true && wanted === updated && wanted === available && wanted === all;
    },
  };
  await Promise.all(
    Object.entries(steps).map(async ([name, isTrue]) => {
      await until(isTrue, deadline(name));
      became.set(name as LinkName, Date.now());
    }),
  );
}

function isCommit(revision: string | undefined, commit: string | undefined): boolean {
  return revision !== undefined && commit !== undefined && parseRevision(revision).hash === commit;
}
