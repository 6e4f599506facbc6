import { type JsonObject, textAt } from '../../../src/lab/cluster/json';
import { until } from '../../lab/until';
import { type KubeApi, KubeRefusal } from './kubeApi';

const name = 'flux-promote-fake-node';
/** By this kwok knows which nodes are its own. */
export const fakeNodeLabel = 'kwok.flux-promote/node=fake';
const admission = '/apis/admissionregistration.k8s.io/v1';

/**
 * A node that kwok plays, and a rule by which the API server itself puts pods on it: pods whose images come from the stack's registry
 * can run nowhere else. So no scheduler is needed, and nobody else's pods are touched in a cluster that is not ours.
 * Throws for an API server without mutating admission policies (Kubernetes before 1.36).
 */
export async function addFakeNode(api: KubeApi, registryHost: string): Promise<void> {
  const [key = '', value = ''] = fakeNodeLabel.split('=');
  await add(api, '/api/v1/nodes', { kind: 'Node', metadata: { name, labels: { [key]: value } } });
  const policies = `${admission}/mutatingadmissionpolicies`;
  if ((await api.find(policies)) === undefined) {
    throw new Error(
      'The API server has no mutating admission policies, so pods cannot be placed: it needs Kubernetes 1.36.',
    );
  }
  await add(api, policies, {
    kind: 'MutatingAdmissionPolicy',
    metadata: { name: policyName(registryHost) },
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
      matchConditions: [
        { name: 'unbound', expression: '!has(object.spec.nodeName)' },
        { name: 'ours', expression: `object.spec.containers.all(c, c.image.startsWith("${registryHost}/"))` },
      ],
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: { expression: `Object{spec: Object.spec{nodeName: "${name}"}}` },
        },
      ],
    },
  });
  await add(api, `${admission}/mutatingadmissionpolicybindings`, {
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name: policyName(registryHost) },
    spec: { policyName: policyName(registryHost) },
  });
  // The rule takes a second to work; a pod that came before it would wait for ever.
  await until(() => isPlaced(api, registryHost), { timeoutMs: 30_000, what: 'the rule that places pods to work' });
}

/** Takes back what `addFakeNode` put into a cluster that is not ours. */
export async function removeFakeNode(api: KubeApi, registryHost: string): Promise<void> {
  const policy = policyName(registryHost);
  await api.remove(`${admission}/mutatingadmissionpolicybindings/${policy}`);
  await api.remove(`${admission}/mutatingadmissionpolicies/${policy}`);
  await api.remove(`/api/v1/nodes/${name}`);
}

function policyName(registryHost: string): string {
  return `flux-promote-${registryHost.replaceAll(/[.:]/g, '-')}`;
}

async function add(api: KubeApi, path: string, object: JsonObject): Promise<void> {
  try {
    await api.create(path, object);
  } catch (error) {
    if (!(error instanceof KubeRefusal && error.status === 409)) throw error;
  }
}

async function isPlaced(api: KubeApi, registryHost: string): Promise<boolean> {
  const probe = {
    kind: 'Pod',
    metadata: { name: 'probe' },
    spec: { automountServiceAccountToken: false, containers: [{ name: 'probe', image: `${registryHost}/probe` }] },
  };
  const pod = await api.create('/api/v1/namespaces/default/pods?dryRun=All', probe);
  return textAt(pod, 'spec', 'nodeName') === name;
}
