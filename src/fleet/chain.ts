// The delivery chain of one placement: each link done, waiting, failed or unknown, from the objects' own words.
// Comparing revisions and tags, never Ready alone: Ready is written some milliseconds before the revision it speaks of.
import type { RegistryImage, RepositoryContent, WorkflowRun } from '../model/facts';
import type { Chain, Link, LinkName, LinkState } from '../model/fleet';
import type { FluxKind, ObjectReference } from '../model/flux';
import { type ImageTag, parseImage } from '../model/image';
import { optional } from '../model/optional';
import type { Problem } from '../model/problem';
import { type Reading, valueOf } from '../model/reading';
import { parseRevision } from '../model/revision';
import { containersOf, type LiveObjects } from './liveObjects';
import { conditionOf, type ObjectState, stateOfDeployment, stateOfFlux } from './objectState';
import type { DeclaredPlacement } from './placements';
import { runEnd } from './promotionRuns';

export interface ChainInput {
  readonly placement: DeclaredPlacement;
  readonly live: LiveObjects;
  readonly content: Reading<RepositoryContent>;
  readonly registry: Reading<RegistryImage> | undefined;
  readonly selected: Reading<ImageTag | undefined>;
  readonly written: Reading<ImageTag | undefined>;
  /** When the written tag came to the branch. */
  readonly writtenAt?: number;
  /** The run of a promotion workflow into this environment that is in flight, or ended after the last write-back. */
  readonly run?: WorkflowRun;
}

const done: LinkState = { state: 'done' };

export function deriveChain(input: ChainInput): Chain {
  const { placement } = input;
  const isAutomated = placement.marker !== undefined;
  return [
    ...(input.run === undefined ? [] : runLinks(input.run)),
    ...(isAutomated
      ? [
          link('published', published(input)),
          link('scanned', scanned(input)),
          link('selected', selectedLink(input)),
          link('written', writtenLink(input)),
        ]
      : []),
    ...(placement.kustomization === undefined
      ? []
      : [link('fetched', fetched(input)), link('applied', applied(input))]),
    ...(placement.workload === undefined ? [] : [link('rolled out', rolledOut(input))]),
  ];
}

/** The first link that is not done, worst first: what the row's icon tells. */
export function worstLink(chain: Chain): Link | undefined {
  for (const state of ['failed', 'waiting', 'unknown'] as const) {
    const found = chain.find((one) => one.link.state === state);
    if (found !== undefined) return found;
  }
  return undefined;
}

function link(name: LinkName, state: LinkState): Link {
  return { name, link: state };
}

function runLinks(run: WorkflowRun): readonly Link[] {
  const requested = link('requested', { state: 'done', at: run.createdAt });
  if (run.state === 'succeeded') return [requested, link('built', { state: 'done', at: run.updatedAt })];
  if (run.state === 'failed' || run.state === 'cancelled') {
    return [
      requested,
      link('built', { state: 'failed', reason: `run ${run.id} ${runEnd(run)}`, since: run.updatedAt }),
    ];
  }
  const step = run.steps.find((one) => one.state === 'running');
  const where =
    run.state === 'waiting'
      ? 'waits for an approval'
      : step === undefined
        ? `is ${run.state}`
        : `runs step "${step.name}"`;
  return [requested, link('built', { state: 'waiting', reason: `run ${run.id} ${where}`, since: run.createdAt })];
}

function published({ registry, selected, written, placement }: ChainInput): LinkState {
  const tag = valueOf(selected)?.tag ?? valueOf(written)?.tag;
  if (registry === undefined) return notRead('registry');
  if (registry.state === 'unknown') return { state: 'unknown', problem: registry.problem };
  if (tag === undefined || registry.value.tags.includes(tag)) return done;
  if (registry.state === 'stale') return { state: 'unknown', problem: registry.problem };
  if (tag !== valueOf(written)?.tag) {
    return {
      state: 'waiting',
      reason: `the cluster knows ${tag} already, the tags that were read here do not have it yet`,
    };
  }
  return { state: 'failed', reason: `${placement.image}:${tag} is not in the registry` };
}

function scanned({ live, placement }: ChainInput): LinkState {
  return withObject(live.imageRepository, 'ImageRepository', placement, (repository) => {
    const state = stateOfFlux(repository);
    if (state.state === 'suspended')
      return { state: 'failed', reason: 'scans are suspended', object: refer(repository) };
    return repository.lastScan?.at === undefined
      ? fromObject(state, repository)
      : { ...fromObject(state, repository), at: repository.lastScan.at };
  });
}

function selectedLink({ live, placement }: ChainInput): LinkState {
  return withObject(live.policy, 'ImagePolicy', placement, (policy) => {
    const state = stateOfFlux(policy);
    if (state.state === 'suspended')
      return { state: 'failed', reason: 'the policy is suspended', object: refer(policy) };
    if (state.state === 'current' && policy.latestRef === undefined) {
      return { state: 'waiting', reason: 'nothing has been selected yet' };
    }
    return fromObject(state, policy);
  });
}

function writtenLink({ live, placement, selected, written, writtenAt }: ChainInput): LinkState {
  const chosen = valueOf(selected)?.tag;
  const now = valueOf(written)?.tag;
  const silent = [selected, written].find((reading) => reading.state !== 'known');
  if (silent !== undefined) return { state: 'unknown', problem: silent.problem };
  if (chosen !== undefined && chosen === now) return { state: 'done', ...optional('at', writtenAt) };
  return withObject(live.automation, 'ImageUpdateAutomation', placement, (automation) => {
    const state = stateOfFlux(automation);
    if (state.state === 'suspended')
      return { state: 'failed', reason: 'the automation is suspended', object: refer(automation) };
    if (state.state === 'failed') return fromObject(state, automation);
    if (chosen === undefined) return { state: 'waiting', reason: 'nothing has been selected yet' };
    return {
      state: 'waiting',
      reason: `${chosen} is selected, ${now ?? 'no tag'} is written; the automation writes at its next run`,
    };
  });
}

function fetched({ live, content, placement }: ChainInput): LinkState {
  return withObject(live.gitRepository, 'GitRepository', placement, (repository) => {
    const state = stateOfFlux(repository);
    if (state.state === 'failed') return fromObject(state, repository);
    if (state.state === 'suspended')
      return { state: 'failed', reason: 'fetching is suspended', object: refer(repository) };
    const tip = valueOf(content);
    const hash = repository.artifact === undefined ? undefined : parseRevision(repository.artifact.revision).hash;
    if (hash === undefined) return { state: 'waiting', reason: 'nothing has been fetched yet' };
    if (tip === undefined) return content.state === 'unknown' ? { state: 'unknown', problem: content.problem } : done;
    if (tip.commit.hash === hash || !tip.recent.includes(hash))
      return { state: 'done', ...optional('at', repository.artifact?.updatedAt) };
    return {
      state: 'waiting',
      reason: `commit ${tip.commit.hash.slice(0, 7)} is on the branch, the cluster has ${hash.slice(0, 7)}`,
      since: tip.commit.at,
    };
  });
}

function applied({ live, placement }: ChainInput): LinkState {
  return withObject(live.kustomization, 'Kustomization', placement, (kustomization) => {
    const state = stateOfFlux(kustomization);
    if (state.state === 'suspended')
      return { state: 'failed', reason: 'the Kustomization is suspended', object: refer(kustomization) };
    if (state.state !== 'current') return fromObject(state, kustomization);
    const artifact = valueOf(live.gitRepository)?.artifact?.revision;
    if (artifact !== undefined && kustomization.lastAppliedRevision !== artifact) {
      return { state: 'waiting', reason: `applying ${artifact}` };
    }
    return done;
  });
}

function rolledOut({ live, written, placement }: ChainInput): LinkState {
  if (live.deployment.state !== 'known') return { state: 'unknown', problem: live.deployment.problem };
  const deployment = live.deployment.value;
  if (deployment === undefined) return { state: 'waiting', reason: 'the workload does not exist in the cluster yet' };
  const object: ObjectReference = {
    kind: 'Deployment',
    name: deployment.meta.name,
    namespace: deployment.meta.namespace,
  };
  // Pods of an outgoing ReplicaSet tell nothing of what is wanted now.
  const wanted = new Set(deployment.containers.map((one) => one.image));
  const trouble = (valueOf(live.pods) ?? [])
    .filter((pod) => !pod.meta.isDeleting)
    .flatMap((pod) => pod.containers)
    .find((one) => wanted.has(one.image) && one.waiting !== undefined && isTrouble(one.waiting.reason));
  if (trouble?.waiting !== undefined) {
    return {
      state: 'failed',
      reason: `${trouble.waiting.reason}: ${trouble.waiting.message || trouble.image}`,
      object,
    };
  }
  const state = stateOfDeployment(deployment);
  if (state.state === 'failed') return { ...state, object };
  if (state.state === 'progressing')
    return { state: 'waiting', reason: state.reason, ...optional('since', state.since) };
  const tag = valueOf(written)?.tag;
  const own = containersOf(deployment, placement.image);
  const tags = (own.length > 0 ? own : deployment.containers).map((one) => parseImage(one.image).tag ?? 'no tag');
  if (tag !== undefined && !tags.includes(tag)) {
    return { state: 'waiting', reason: `${tags.join(', ')} is running, ${tag} is written` };
  }
  const since = conditionOf(deployment.conditions, 'Progressing')?.since;
  return { state: 'done', ...optional('at', since) };
}

/** Waiting reasons of the kubelet that do not pass by themselves. */
function isTrouble(reason: string): boolean {
  return [
    'ErrImagePull',
    'ImagePullBackOff',
    'InvalidImageName',
    'CrashLoopBackOff',
    'CreateContainerConfigError',
    'CreateContainerError',
  ].includes(reason);
}

function withObject<T extends FluxKind>(
  reading: Reading<T | undefined>,
  kind: T['kind'],
  placement: DeclaredPlacement,
  derive: (object: T) => LinkState,
): LinkState {
  // What was so before the source fell silent is no verdict about now.
  if (reading.state !== 'known') return { state: 'unknown', problem: reading.problem };
  if (reading.value === undefined) {
    return {
      state: 'failed',
      reason: `no ${kind} for ${placement.service} in ${placement.environment} exists in the cluster`,
    };
  }
  return derive(reading.value);
}

function fromObject(state: ObjectState, object: FluxKind): LinkState {
  if (state.state === 'current' || state.state === 'suspended') return done;
  if (state.state === 'failed') return { ...state, object: refer(object) };
  return { state: 'waiting', reason: state.reason, ...optional('since', state.since) };
}

function refer(object: FluxKind): ObjectReference {
  return { kind: object.kind, name: object.meta.name, namespace: object.meta.namespace };
}

function notRead(what: string): LinkState {
  const problem: Problem = { code: 'not-read-yet', message: `The ${what} has not been read yet.` };
  return { state: 'unknown', problem };
}
