// What the baseline asks of a cluster: that Flux is there, that it follows this repository, and that it has applied it.
import type { ClusterFacts, Facts, RepositoryFacts } from '../model/facts';
import type { Fleet } from '../model/fleet';
import type { FluxObject, GitRepository, ObjectReference } from '../model/flux';
import { problemOf, type Reading, valueOf } from '../model/reading';
import { branchOf, repositoryIdentity } from '../model/repositoryIdentity';
import { parseRevision } from '../model/revision';
import { type BaselineLine, failedLine, okLine, silentLine, unknownLine } from './baselineLine';
import { findObject } from './liveObjects';
import { stateOfDeployment, stateOfFlux } from './objectState';
import { keyOf } from './placements';

const notRead = 'The cluster has not been read yet.';

/** What image automation needs. Only where others of them are seen as Deployments is one that is not seen known to be missing. */
const expected = [
  'source-controller',
  'kustomize-controller',
  'image-reflector-controller',
  'image-automation-controller',
] as const;
const minimum = 2;
const install = 'Install it: flux install --components-extra=image-reflector-controller,image-automation-controller';

/** The kinds that image automation needs, and the controllers where they run as Deployments that may be seen. */
export function fluxLine(context: string, cluster: ClusterFacts | undefined): BaselineLine {
  const what = `Flux is installed in ${context}`;
  if (cluster === undefined) return unknownLine(what, notRead);
  const kinds: Readonly<Record<string, Reading<unknown>>> = {
    GitRepository: cluster.gitRepositories,
    Kustomization: cluster.kustomizations,
    ImageRepository: cluster.imageRepositories,
    ImagePolicy: cluster.imagePolicies,
    ImageUpdateAutomation: cluster.imageUpdateAutomations,
  };
  const missing = Object.keys(kinds).filter((kind) => problemOf(kinds[kind])?.code === 'kind-not-served');
  if (missing.length > 0) {
    return failedLine(what, `The cluster does not serve ${missing.join(', ')}.`, install);
  }
  const silent = Object.values(kinds).find(({ state }) => state !== 'known');
  const problem = problemOf(silent);
  if (problem !== undefined) return silentLine(what, problem);
  const controllers = (valueOf(cluster.deployments) ?? []).filter(
    ({ meta }) => meta.labels['app.kubernetes.io/part-of'] === 'flux',
  );
  const down = controllers.filter((one) => one.replicas === 0 || stateOfDeployment(one).state !== 'current');
  const [first] = down;
  if (first !== undefined) {
    const names = down.map(({ meta, replicas }) => `${keyOf(meta)}${replicas === 0 ? ' (0 replicas)' : ''}`).join(', ');
    return failedLine(
      what,
      `Not available: ${names}.`,
      `Look at its pods: kubectl -n ${first.meta.namespace} get pods`,
    );
  }
  const absent = expected.filter((name) => !controllers.some(({ meta }) => meta.name === name));
  if (controllers.length >= minimum && absent.length > 0) {
    return failedLine(
      what,
      `Its kinds are served, and nothing runs that looks at them: no ${absent.join(', no ')}.`,
      install,
    );
  }
  const running =
    controllers.length === 0
      ? 'its controllers are not to be seen as Deployments'
      : `available: ${controllers.map(({ meta }) => meta.name).join(', ')}`;
  return okLine(what, `All five kinds are served; ${running}.`);
}

export function sourceLine(
  context: string,
  cluster: ClusterFacts | undefined,
  { remote, branch, content }: RepositoryFacts,
): BaselineLine {
  const what = `Flux in ${context} reconciles this repository`;
  if (cluster === undefined) return unknownLine(what, notRead);
  const { gitRepositories } = cluster;
  if (gitRepositories.state !== 'known') return silentLine(what, gitRepositories.problem);
  const identity = repositoryIdentity(remote.url);
  const ours = gitRepositories.value.filter(({ url }) => repositoryIdentity(url) === identity);
  const source = ours.find((one) => branchOf(one) === branch) ?? ours[0];
  if (source === undefined) {
    const others = gitRepositories.value.map(({ meta, url }) => `${keyOf(meta)} fetches ${withoutLogin(url)}`);
    return failedLine(
      what,
      `No GitRepository has the address ${withoutLogin(remote.url)}. ${others.length === 0 ? 'There is none at all.' : `${others.join('; ')}.`}`,
      'Open the repository that this cluster follows, or choose another context for it.',
    );
  }
  const name = `GitRepository ${keyOf(source.meta)}`;
  const trouble = troubleOf(source);
  if (trouble !== undefined)
    return failedLine(what, `${name} ${trouble}.`, `flux ${verbFor(source)} source git ${flag(source)}`);
  if (branchOf(source) !== branch) {
    return failedLine(
      what,
      `${name} follows ${branchOf(source) ?? 'no branch'}, this clone ${branch}.`,
      `Let its spec.ref name the branch ${branch}, or open the branch that it follows.`,
    );
  }
  return okLine(what, `${name} ${fetchedText(source, branch, valueOf(content)?.commit.hash)}.`);
}

function fetchedText({ artifact }: GitRepository, branch: string, tip: string | undefined): string {
  const hash = artifact === undefined ? undefined : parseRevision(artifact.revision).hash;
  if (hash === undefined) return `follows ${branch}`;
  return `has fetched ${branch} at ${hash.slice(0, 7)}${hash === tip ? ', its tip' : ''}`;
}

function withoutLogin(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

/** Flux refuses to reconcile what is suspended. */
function verbFor({ isSuspended }: FluxObject): 'resume' | 'reconcile' {
  return isSuspended ? 'resume' : 'reconcile';
}

function flag({ meta }: FluxObject): string {
  return `${meta.name} -n ${meta.namespace}`;
}

/** By the list of namespaces; where that may not be read, by an object that lives in it. */
export function namespaceLine(
  namespace: string,
  cluster: ClusterFacts | undefined,
  listed: Reading<readonly string[]> | undefined,
): BaselineLine {
  const what = `The namespace ${namespace} exists`;
  if (listed?.state === 'known') {
    return listed.value.includes(namespace)
      ? okLine(what, `The cluster lists it.`)
      : failedLine(
          what,
          'The cluster does not list it.',
          `kubectl create namespace ${namespace}, or let Git declare it.`,
        );
  }
  const inside = [...(valueOf(cluster?.deployments) ?? []), ...(valueOf(cluster?.imagePolicies) ?? [])].find(
    ({ meta }) => meta.namespace === namespace,
  );
  if (inside !== undefined) return okLine(what, `${inside.kind} ${inside.meta.name} lives in it.`);
  return unknownLine(what, problemOf(listed)?.message ?? notRead);
}

/** One line for each Kustomization that applies a placement. */
export function kustomizationLines({ clusters }: Facts, { environments }: Fleet): readonly BaselineLine[] {
  const wanted = new Map<string, { readonly reference: ObjectReference; readonly context: string | undefined }>();
  for (const { kustomization: reference, context } of environments.flatMap(({ placements }) => placements)) {
    if (reference !== undefined) wanted.set(`${context ?? ''}\n${keyOf(reference)}`, { reference, context });
  }
  return [...wanted.values()].map(({ reference, context }) => {
    const what = `Kustomization ${keyOf(reference)} is ready`;
    const reading = clusters.get(context ?? '')?.kustomizations;
    if (reading === undefined) return unknownLine(what, notRead);
    if (reading.state !== 'known') return silentLine(what, reading.problem);
    const found = findObject(reading, reference);
    if (found === undefined) {
      return failedLine(what, 'It does not exist in the cluster.', 'Look at the Kustomization that should create it.');
    }
    const trouble = troubleOf(found);
    const revision = found.lastAppliedRevision ?? 'nothing yet';
    return trouble === undefined
      ? okLine(what, `It has applied ${revision}.`)
      : failedLine(what, `It ${trouble}.`, nextOf(found));
  });
}

function nextOf(kustomization: FluxObject): string {
  const name = flag(kustomization);
  const isAtWork = stateOfFlux(kustomization).state === 'progressing';
  if (isAtWork) return `It is at work: wait, then check again (flux get kustomization ${name}).`;
  return kustomization.isSuspended
    ? `flux resume kustomization ${name}`
    : `flux reconcile kustomization ${name} --with-source`;
}

/** What is not as it should be with a Flux object, after its name; undefined when it is ready. */
export function troubleOf(object: FluxObject): string | undefined {
  const state = stateOfFlux(object);
  switch (state.state) {
    case 'current':
      return undefined;
    case 'suspended':
      return 'is suspended';
    case 'progressing':
      return `is not ready yet: ${state.reason}`;
    default:
      return `is not ready: ${state.reason}`;
  }
}
