// Why Didn't It Update? on 5,000 Flux objects and 10,000 pods, from facts that are at hand.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deriveFleet } from '../../src/fleet/deriveFleet';
import { explain } from '../../src/fleet/explain/explanation';
import { formatExplanation } from '../../src/fleet/explain/explanationText';
import { fleetMemory } from '../../src/fleet/fleetMemory';
import { readManifests } from '../../src/manifests/repository';
import type { ClusterFacts, Facts } from '../../src/model/facts';
import type { Condition, Deployment, FluxKind, Meta, Pod, ReplicaSet } from '../../src/model/flux';
import { known } from '../../src/model/reading';
import { defaultSettings } from '../../src/model/settings';
import { printFigure } from './figure';
import { gitOpsFiles } from './gitOpsFiles';
import { compareCpu } from './measure';

const services = 300;
const fluxObjects = 5_000;
const pods = 10_000;
const now = Date.UTC(2026, 10, 28);
const failing: Condition = {
  type: 'Ready',
  status: 'False',
  reason: 'Failure',
  message: 'version list argument cannot be empty',
};

function metaOf(name: string, namespace: string, owner?: Meta): Meta {
  const owners = owner === undefined ? [] : [{ kind: 'Owner', name: owner.name, uid: owner.uid ?? '' }];
  const common = { labels: {}, annotations: {}, managedFields: [] };
  return { name, namespace, uid: `${namespace}/${name}`, ...common, owners };
}

/** What the files declare, applied and failing, and as many strangers as it takes. */
function factsOf(): Facts {
  const files = gitOpsFiles({ services, releases: 0, others: 0 });
  const manifests = readManifests({ list: () => [...files.keys()], read: (path) => files.get(path) });
  const declared = manifests.objects.map(({ object }): FluxKind => ({ ...object, conditions: [failing] }));
  const strangers = Array.from({ length: fluxObjects }, (_, at) => declared[at % declared.length])
    .filter((object) => object !== undefined)
    .map((object, at): FluxKind => ({ ...object, meta: metaOf(`stranger-${at}`, 'elsewhere') }));
  const all = [...declared, ...strangers].slice(0, fluxObjects);
  const of = <K extends FluxKind['kind']>(kind: K) =>
    known(
      all.filter((one): one is Extract<FluxKind, { kind: K }> => one.kind === kind),
      now,
    );
  const images = manifests.roots.flatMap((root) => root.images);
  const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  const deployments = images.map(({ name, namespace, container, image }): Deployment => {
    const containers = [{ name: container, image }];
    return { kind: 'Deployment', meta: metaOf(name, namespace), containers, replicas: 1, status, conditions: [] };
  });
  const sets = deployments.map((one): ReplicaSet => {
    const meta = metaOf(`${one.meta.name}-1`, one.meta.namespace, one.meta);
    return { kind: 'ReplicaSet', meta, containers: one.containers, replicas: 1, readyReplicas: 1 };
  });
  const running = Array.from({ length: pods }, (_, at): Pod | undefined => {
    const set = sets[at % sets.length];
    if (set === undefined) return undefined;
    const containers = set.containers.map((one) => ({
      ...one,
      imageId: '',
      isReady: true,
      isRunning: true,
      restarts: 0,
    }));
    return { kind: 'Pod', meta: metaOf(`pod-${at}`, set.meta.namespace, set.meta), phase: 'Running', containers };
  }).filter((pod) => pod !== undefined);
  const cluster: ClusterFacts = {
    context: 'large',
    gitRepositories: of('GitRepository'),
    kustomizations: of('Kustomization'),
    imageRepositories: of('ImageRepository'),
    imagePolicies: of('ImagePolicy'),
    imageUpdateAutomations: of('ImageUpdateAutomation'),
    deployments: known(deployments, now),
    replicaSets: known(sets, now),
    pods: known(running, now),
  };
  const commit = {
    hash: 'c'.repeat(40),
    author: { name: 'a', email: 'a' },
    at: now,
    subject: '',
    message: '',
    parents: [],
  };
  return {
    settings: defaultSettings,
    contexts: new Map(),
    defaultContext: 'large',
    repositories: [
      {
        folder: '/large',
        remote: { name: 'origin', url: '' },
        branch: 'main',
        content: known({ commit, recent: [commit.hash], manifests, files }, now),
        histories: new Map(),
        isShallow: false,
      },
    ],
    clusters: new Map([['large', cluster]]),
    registry: new Map(),
    forges: new Map(),
  };
}

/** What is really held, in MB. */
function heapMb(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const idle = heapMb();
const facts = factsOf();
const memory = fleetMemory();
const fleet = deriveFleet(facts, memory);
const placement = fleet.environments.at(-1)?.placements.at(-1);
if (placement === undefined) throw new Error('There is nothing to explain');
const said = explain(facts, fleet, placement, now);
if (said.faults.length === 0) throw new Error('Nothing is wrong in a cluster where everything is');
const { one, whole } = compareCpu(5, {
  whole: () => deriveFleet({ ...facts }, memory),
  one: () => formatExplanation(explain(facts, fleet, placement, now, 'production-v9.9.9-1')),
});
printFigure({
  name: `explain one of ${services * 3} deliveries among ${fluxObjects} Flux objects and ${pods} pods`,
  value: one,
  unit: 'ms cpu',
  baseline: { name: 'deriving the whole fleet from the same facts', value: whole },
  limit: 100,
});
printFigure({
  name: 'memory of the facts, the fleet and the explanation, above idle',
  value: heapMb() - idle,
  unit: 'MB',
  baseline: { name: 'idle', value: idle },
  limit: 120,
});
