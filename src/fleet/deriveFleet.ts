// Facts -> environments x services. Pure: the same facts give the same picture, whatever happened before.

import { groupBy } from '../model/collections';
import type { ClusterFacts, Facts, RegistryImage, RepositoryContent, RepositoryFacts } from '../model/facts';
import type { Environment, Fleet, Placement } from '../model/fleet';
import type { PolicySpec } from '../model/flux';
import { canonicalImage, type ImageTag, parseImage } from '../model/image';
import { optional } from '../model/optional';
import { notReadYet, type Problem } from '../model/problem';
import { known, mapReading, type Reading, valueOf } from '../model/reading';
import { positionOf } from '../model/revision';
import { settingOf } from '../model/settings';
import { type Selection, select } from '../policy/select';
import { deriveBlockage } from './blockage';
import { deriveChain } from './chain';
import { declaredPlacements, declaringFacts, type PlacementInClone } from './declared';
import { deriveDepartures, followedSource, withSourcesApart } from './departures';
import { driftOf, findStray } from './drift';
import { isProduction, rankEnvironment } from './environments';
import { failingCondition } from './explain/diagnosis';
import { type FleetMemory, fleetMemory } from './fleetMemory';
import { historyOf } from './historyOf';
import { deriveHolds } from './holds';
import { containersOf, findLiveObjects, type LiveObjects } from './liveObjects';
import { withPulls } from './openPulls';
import { deriveAlias, derivePlacementLineage } from './placementLineage';
import type { DeclaredPlacement } from './placements';
import { patternsOf } from './policyPattern';
import { derivePromised } from './promised';
import { findRecord } from './promotionRecord';
import { findPromotionWorkflow, findRun } from './promotionRuns';
import { recallPlacements } from './recallPlacements';
import { readTag } from './tagParts';
import { findUndoneRevert } from './undone';

/** Hand in one `fleetMemory` where facts come again and again. */
export function deriveFleet(facts: Facts, memory: FleetMemory = fleetMemory()): Fleet {
  const settings = facts.settings.environments;
  const declared = memory.declared(memory, declaringFacts(facts), () =>
    inOrder(declaredPlacements(facts, memory.placementsOf)),
  );
  const environments = [...declared].map(([name, members]): Environment => {
    const context = contextOf(name, facts);
    const cluster = clusterOf(context, facts);
    return {
      name,
      rank: rankEnvironment(name, settings),
      isProduction: isProduction(name, settings),
      isProtected: settings.some((setting) => setting.name === name && setting.isProtected),
      ...optional('context', context),
      isUnchecked: context !== undefined && facts.uncheckedContexts?.includes(context) === true,
      placements: recallPlacements(members, {
        facts,
        context,
        cluster,
        memory,
        derive: (one, repository, sight) =>
          derivePlacement(one, repository, facts, context, findLiveObjects(one.declared, sight)),
      }),
    };
  });
  return withPromotions(facts, declared, {
    environments: withPulls(
      withSourcesApart(environments.toSorted((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1))),
      facts,
    ),
    problems: facts.repositories.flatMap(({ content }) => [
      ...(content.state === 'known' ? [] : [content.problem]),
      ...(valueOf(content)?.manifests.problems ?? []),
    ]),
    commits: new Map(
      facts.repositories.flatMap(({ folder, content }) => {
        const value = valueOf(content);
        return value === undefined ? [] : [[folder, value.commit] as const];
      }),
    ),
  });
}

/** By environment, and there by service. */
function inOrder(placements: readonly PlacementInClone[]): ReadonlyMap<string, readonly PlacementInClone[]> {
  return groupBy(
    placements.toSorted((a, b) => (a.declared.service < b.declared.service ? -1 : 1)),
    ({ declared }) => declared.environment,
  );
}

/** What takes two environments to tell: whether production runs what was tested before it, and what is promoted into it. */
function withPromotions(facts: Facts, declared: ReadonlyMap<string, readonly PlacementInClone[]>, fleet: Fleet): Fleet {
  const environments = fleet.environments.map((environment) => {
    if (!environment.isProduction) return environment;
    const placements = environment.placements.map((placement) => {
      const lineage = derivePlacementLineage(fleet, placement, facts);
      const promised = derivePromised(fleet, placement, facts, declared);
      const alias = deriveAlias(placement, facts);
      if (lineage === undefined && promised === undefined && alias === undefined) return placement;
      return { ...placement, ...promised, ...optional('lineage', lineage), ...optional('alias', alias) };
    });
    return { ...environment, placements };
  });
  return { ...fleet, environments };
}

function contextOf(environment: string, facts: Facts): string | undefined {
  const setting = facts.settings.environments.find((one) => one.name === environment);
  return setting?.context ?? facts.contexts.get(environment) ?? facts.defaultContext;
}

function clusterOf(context: string | undefined, facts: Facts): ClusterFacts | Problem {
  if (context === undefined) {
    if (facts.kubeconfigProblem !== undefined) return facts.kubeconfigProblem;
    return {
      code: 'context-not-chosen',
      message: 'No cluster is chosen for this environment. Choose its kubeconfig context.',
      remedy: 'chooseContext',
    };
  }
  return facts.clusters.get(context) ?? notReadYet;
}

function derivePlacement(
  { content: value, declared }: PlacementInClone,
  repository: RepositoryFacts,
  facts: Facts,
  context: string | undefined,
  live: LiveObjects,
): Placement {
  const { content } = repository;
  const registry = facts.registry.get(canonicalImage(declared.image));
  const forge = valueOf(facts.forges.get(canonicalImage(declared.image)));
  const history = historyOf(repository, declared);
  const change = valueOf(history)?.[0];
  const foretold = foretellSelection(declared, live, value, valueOf(registry)?.tags, facts);
  const isSeen = live.policy.state !== 'unknown';
  const selected = deriveSelected(declared, live, registry, isSeen ? undefined : foretold);
  const written = mapReading(content, () => declared.written);
  const workflow =
    forge && findPromotionWorkflow(forge, declared.environment, settingOf(declared.image, facts.settings.services));
  const run = forge && workflow && findRun(forge.runs, workflow, history);
  const stray = findStray(declared, valueOf(live.deployment), valueOf(live.kustomization), value, valueOf(history));
  const chain = deriveChain({
    placement: declared,
    live,
    branch: repository.branch,
    content,
    registry,
    selected,
    ...(foretold?.kind === 'error' && !isSeen && foretold.reason !== 'ReadOperationFailed'
      ? { refused: foretold }
      : {}),
    ...(foretold?.kind === 'tag' && isSeen ? { mended: foretold.tag } : {}),
    written,
    ...optional('writtenAt', change?.commit.at),
    history: valueOf(history) ?? [],
    ...optional('run', run),
    ...optional('stray', stray),
  });
  const running = deriveRunning(declared, live);
  const partsOf = (reading: Reading<ImageTag | undefined>) => {
    const tag = valueOf(reading)?.tag;
    if (tag === undefined) return [];
    // Nearly always the written one, which was read with the files.
    const isWritten = tag === declared.written?.tag && declared.writtenParts !== undefined;
    return [[tag, isWritten ? declared.writtenParts : readTag(tag, patternsOf(declared.policy?.object))] as const];
  };
  const holds = deriveHolds({
    placement: declared,
    live,
    repository,
    tags: valueOf(registry)?.tags ?? [],
    fluxVersion: facts.settings.fluxVersion,
  });
  return {
    service: declared.service,
    environment: declared.environment,
    rule: declared.rule,
    image: declared.image,
    selected,
    written,
    running,
    tagParts: new Map([selected, written, running].flatMap(partsOf)),
    ...optional(
      'writtenAt',
      declared.origin && {
        folder: repository.folder,
        origin: declared.origin,
        ...optional('marker', declared.marker),
      },
    ),
    ...optional('policy', declared.policyReference),
    ...optional('imageRepository', referenceTo('ImageRepository', declared.imageRepository)),
    ...optional('automation', referenceTo('ImageUpdateAutomation', declared.automation)),
    ...optional('kustomization', declared.kustomization),
    ...optional('source', followedSource(valueOf(live.gitRepository))),
    ...optional('workload', declared.workload),
    ...optional('context', context),
    history,
    chain,
    ...optional('run', run),
    ...optional('record', findRecord(declared, declared.written?.tag, valueOf(history) ?? [], forge?.commits ?? [])),
    holds,
    departures: deriveDepartures({ image: declared.image, live, registry, written, running, holds }),
    ...optional('blockage', deriveBlockage(valueOf(live.kustomization))),
    ...optional('drift', driftOf(stray)),
    ...optional('undone', findUndoneRevert(valueOf(history) ?? [], botEmail(declared, live))),
    problems: declared.problems,
  };
}

function botEmail(declared: DeclaredPlacement, live: LiveObjects): string | undefined {
  return (valueOf(live.automation) ?? declared.automation?.object)?.author?.email;
}

function referenceTo(kind: string, declared: DeclaredPlacement['automation'] | DeclaredPlacement['imageRepository']) {
  return declared && { kind, name: declared.object.meta.name, namespace: declared.object.meta.namespace };
}

/**
 * What Git's policy would select of the registry's tags; undefined where the cluster says what it does by that very policy, by
 * one that this clone has not seen yet, or where too little is known.
 */
function foretellSelection(
  { policy, imageRepository }: DeclaredPlacement,
  live: LiveObjects,
  { recent }: RepositoryContent,
  tags: readonly string[] | undefined,
  { settings }: Facts,
): Selection | undefined {
  if (tags === undefined || policy === undefined) return undefined;
  const { spec } = policy.object;
  const seen = valueOf(live.policy);
  const fetched = valueOf(live.gitRepository)?.artifact?.revision;
  const isBehind = fetched === undefined || positionOf(fetched, recent) < 0;
  const isOther =
    seen !== undefined && !isBehind && failingCondition(seen) !== undefined && !isSameSpec(seen.spec, spec);
  if (live.policy.state !== 'unknown' && (!isOther || policy.isPatched)) return undefined;
  // What stands there when Flux has put its variables in is not known here.
  if (/\$\{\w+\}/.test(JSON.stringify([spec.filterTags?.pattern, spec.policy]))) return undefined;
  const exclude = imageRepository?.object.exclusionList ?? [];
  return select(spec, tags, { flux: settings.fluxVersion, exclude });
}

/** The API server orders fields otherwise, leaves out what is empty, and puts in the order. */
function isSameSpec(one: PolicySpec, other: PolicySpec): boolean {
  const parts = ({ filterTags, policy }: PolicySpec) => [
    filterTags?.pattern ?? '',
    filterTags?.extract ?? '',
    policy?.semver?.range ?? '',
    policy?.alphabetical && (policy.alphabetical.order ?? 'asc'),
    policy?.numerical && (policy.numerical.order ?? 'asc'),
  ];
  return JSON.stringify(parts(one)) === JSON.stringify(parts(other));
}

function deriveSelected(
  { policyReference }: DeclaredPlacement,
  { policy }: LiveObjects,
  registry: Reading<RegistryImage> | undefined,
  foretold: Selection | undefined,
): Reading<ImageTag | undefined> {
  if (policyReference === undefined) return known(undefined, 0);
  if (foretold !== undefined && registry !== undefined) {
    return mapReading(registry, () => (foretold.kind === 'tag' ? { tag: foretold.tag } : undefined));
  }
  return mapReading(policy, (object) => {
    const latest = object?.latestRef;
    return latest && { tag: latest.tag, ...optional('digest', latest.digest) };
  });
}

function deriveRunning(declared: DeclaredPlacement, live: LiveObjects): Reading<ImageTag | undefined> {
  if (declared.workload === undefined) return known(undefined, 0);
  return mapReading(live.deployment, (deployment) => {
    const [container] = deployment === undefined ? [] : containersOf(deployment, declared.image);
    const image = container && parseImage(container.image);
    if (image?.tag === undefined) return undefined;
    const pod = (valueOf(live.pods) ?? [])
      .flatMap((one) => one.containers)
      .find((one) => one.image === container?.image && one.imageId !== '');
    // Without a name before it, the kubelet's text is the id of a configuration and no digest that a registry knows.
    return { tag: image.tag, ...optional('digest', image.digest ?? pod?.imageId.match(/@(sha256:.*)$/)?.[1]) };
  });
}
