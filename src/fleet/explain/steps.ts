// What a person can do by hand, as commands to copy for a POSIX shell.
import type { WorkflowRun } from '../../model/facts';
import type { Step } from '../../model/fault';
import type { ObjectReference } from '../../model/flux';

/** How the flux command line calls a kind. */
const fluxNames: Readonly<Record<string, string>> = {
  GitRepository: 'source git',
  Kustomization: 'kustomization',
  HelmRelease: 'helmrelease',
  ImageRepository: 'image repository',
  ImagePolicy: 'image policy',
  ImageUpdateAutomation: 'image update',
};

/** Full names: a `kustomization` alone may be another kind's short name. */
const kubectlNames: Readonly<Record<string, string>> = {
  GitRepository: 'gitrepositories.source.toolkit.fluxcd.io',
  Kustomization: 'kustomizations.kustomize.toolkit.fluxcd.io',
  HelmRelease: 'helmreleases.helm.toolkit.fluxcd.io',
  ImageRepository: 'imagerepositories.image.toolkit.fluxcd.io',
  ImagePolicy: 'imagepolicies.image.toolkit.fluxcd.io',
  ImageUpdateAutomation: 'imageupdateautomations.image.toolkit.fluxcd.io',
};

export function reconcileStep(object: ObjectReference): Step {
  return { what: `Reconcile ${object.kind} ${object.name} now`, command: flux('reconcile', object) };
}

/** Flux's own: it writes under a field manager that kustomize-controller leaves alone. */
export function resumeStep(object: ObjectReference): Step {
  return { what: `Resume ${object.kind} ${object.name}`, command: flux('resume', object) };
}

export function describeStep({ kind, name, namespace }: ObjectReference): Step {
  const what = `See conditions and events of ${kind} ${name}`;
  const resource = kubectlNames[kind] ?? kind.toLowerCase();
  return { what, command: `kubectl -n ${shellWord(namespace)} describe ${resource} ${shellWord(name)}` };
}

/** All of a kind in the cluster, with what Flux says of each. */
export function listStep(kind: string): Step {
  const name = fluxNames[kind] ?? kind.toLowerCase();
  return { what: `See every ${kind}`, command: `flux get ${name} -A` };
}

/** Wherever Flux is installed: its pods bear their controllers' names. */
export function controllerStep(controller: string): Step {
  return { what: `See whether ${controller} runs`, command: `kubectl get pods -A -l app=${controller}` };
}

/** What there is of a kind of Kubernetes' own in a namespace: names alone, never what a Secret holds. */
export function listNamedStep({ kind, namespace }: ObjectReference): Step {
  return { what: `See every ${kind} there`, command: `kubectl -n ${shellWord(namespace)} get ${kind.toLowerCase()}s` };
}

/** What the cluster has read of the registry: the last of its tags stand in the status. */
export function scansStep(repository: ObjectReference | undefined): Step {
  return repository === undefined ? listStep('ImageRepository') : describeStep(repository);
}

/** By GitHub's own command line where its Actions ran it; any other forge's page needs a login of its own. */
export function runStep({ id, url, state }: WorkflowRun): Step {
  const what = `See run ${id}`;
  const [, host, repository] = /^https:\/\/(github\.[^/]+)\/([^/]+\/[^/]+)\/actions\/runs\/\d+$/.exec(url) ?? [];
  if (host === undefined) return { what, command: `curl -fsSL ${shellWord(url)}` };
  const log = state === 'failed' ? ' --log-failed' : '';
  return { what, command: `gh run view ${id} --repo ${host}/${repository}${log}` };
}

export function podsStep(namespace: string): Step {
  return { what: 'See the pods', command: `kubectl -n ${shellWord(namespace)} get pods` };
}

/** By the pod's name and the container's: a Deployment's would be any pod's, and its first container's. */
export function logsStep(
  { name, namespace }: ObjectReference,
  container: { readonly name: string; readonly restarts: number },
): Step {
  const which = container.restarts > 0 ? ' --previous' : '';
  return {
    what: `See what container ${container.name} said before it ended`,
    command: `kubectl -n ${shellWord(namespace)} logs ${shellWord(name)} -c ${shellWord(container.name)}${which}`,
  };
}

export function historyStep(file: string): Step {
  return { what: `See who changed ${file}`, command: `git log -p -3 -- ${shellWord(file)}` };
}

export function shellWord(text: string): string {
  return /^[\w./@:=+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function flux(verb: string, { kind, name, namespace }: ObjectReference): string {
  return `flux ${verb} ${fluxNames[kind] ?? kind.toLowerCase()} ${shellWord(name)} -n ${shellWord(namespace)}`;
}
