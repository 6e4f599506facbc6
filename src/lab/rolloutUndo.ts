// `kubectl rollout undo` on the production Deployment, as kubectl does it: a patch of the pod template through the API, under its
// own field manager. Where the cluster is too young to have a previous ReplicaSet, the previous tag comes from Git's history.
import { parseImage } from '../model/image';
import { type Json, listAt, objectAt, textAt, withField } from './cluster/json';
import { overlayFolder } from './content/fluxState';
import { cannotPlay, fetchTip, type Main } from './mainBranch';
import { apiOf } from './outsiderApi';
import type { LabState } from './state';

const deploymentPath = '/apis/apps/v1/namespaces/production/deployments/backend';
const replicaSetsPath = '/apis/apps/v1/namespaces/production/replicasets';
const revision = 'deployment.kubernetes.io/revision';
const overlay = `${overlayFolder('backend', 'production')}/kustomization.yaml`;

/** Returns what was done, for a person. Throws ProblemError. */
export async function undoRollout(folder: string, state: LabState, main: Main, signal: AbortSignal): Promise<string> {
  const api = await apiOf(folder, state);
  const deployment = await api('GET', deploymentPath, undefined, signal);
  const sets = await api('GET', replicaSetsPath, undefined, signal);
  const template = previousTemplate(deployment, sets) ?? (await templateFromGit(deployment, main, signal));
  const patch = [{ op: 'replace', path: '/spec/template', value: template }];
  await api('PATCH', `${deploymentPath}?fieldManager=kubectl-rollout`, patch, signal);
  return `Ran "kubectl -n production rollout undo deployment/backend": ${imageOf(template)}`;
}

function imageOf(template: Json): string {
  return textAt(template, 'spec', 'containers', 0, 'image') ?? '';
}

/** Of the ReplicaSet before the current one, without the label that tells ReplicaSets apart. */
function previousTemplate(deployment: Json, sets: Json): Json | undefined {
  const current = Number(textAt(deployment, 'metadata', 'annotations', revision));
  const owner = textAt(deployment, 'metadata', 'uid');
  const numbered = listAt(sets, 'items')
    .filter((set) => listAt(set, 'metadata', 'ownerReferences').some((reference) => textAt(reference, 'uid') === owner))
    .map((set) => ({ set, number: Number(textAt(set, 'metadata', 'annotations', revision)) }))
    .filter(({ number }) => number < current)
    .sort((a, b) => b.number - a.number);
  const [previous] = numbered;
  if (previous === undefined) return undefined;
  const template = objectAt(previous.set, 'spec', 'template');
  const labels = withField(objectAt(template, 'metadata', 'labels'), 'pod-template-hash', undefined);
  return { ...template, metadata: { ...objectAt(template, 'metadata'), labels } };
}

async function templateFromGit(deployment: Json, main: Main, signal: AbortSignal): Promise<Json> {
  const template = objectAt(deployment, 'spec', 'template');
  const { name, tag } = parseImage(imageOf(template));
  const { commit } = await fetchTip(main, signal);
  const texts = await main.mirror.versions(commit, overlay, signal);
  const tags = texts.map((text) => /newTag: (\S+)/.exec(text)?.[1]);
  const previous = tags.slice(tags.indexOf(tag)).find((other) => other !== undefined && other !== tag);
  if (previous === undefined) throw cannotPlay('production has run one version only');
  const containers = listAt(template, 'spec', 'containers').map((container, index) =>
    index === 0 ? { ...objectAt(container), image: `${name}:${previous}` } : container,
  );
  return { ...template, spec: { ...objectAt(template, 'spec'), containers } };
}
