// An API server for suites that run in both worlds: the lab's, or in `npm run test:live` Kubernetes' own, on its etcd and without
// any controller. Everything goes over HTTPS.
import { readFile } from 'node:fs/promises';
import { after, before } from 'mocha';
import type { User } from '../../../src/lab/cluster/authorization';
import { isObject, textAt } from '../../../src/lab/cluster/json';
import { apiVersionOf, kindNamed, kinds } from '../../../src/lab/cluster/kinds';
import { formatKubeconfig } from '../../../src/lab/cluster/kubeconfig';
import type { KubeObject, Ref } from '../../../src/lab/cluster/object';
import type { Patch } from '../../../src/lab/cluster/patch';
import { type ApiOnly, startApiOnly } from '../../live/stack/stack';
import { isLive } from '../isLive';
import { tokens as labTokens, withApi } from './client';
import { mediaTypes, type Served, type Wire, wireTo } from './wire';

export interface EitherApi extends Wire {
  readonly server: Served & { readonly kubeconfig: (contextName: string, user?: User) => string };
  readonly tokens: Readonly<Record<User, string>>;
  /** All as the administrator. They reject with `CODE Reason: message`. */
  readonly create: (object: KubeObject, fieldManager: string) => Promise<KubeObject>;
  readonly patch: (ref: Ref, patch: Patch, write: EitherWrite) => Promise<KubeObject>;
  readonly updateStatus: (object: KubeObject, fieldManager: string) => Promise<KubeObject>;
  /** Undefined where it is not there. */
  readonly find: (ref: Ref) => Promise<KubeObject | undefined>;
  readonly remove: (ref: Ref) => Promise<void>;
}

export interface EitherWrite {
  readonly fieldManager: string;
  /** Of an apply: `take` what another manager owns. */
  readonly onConflict?: 'take';
  readonly part?: 'status';
}

/** To be called in a suite. Each run begins with the namespace `production` and nothing in it. */
export function eitherApi(): (run: (api: EitherApi) => Promise<void>) => Promise<void> {
  if (!isLive) return (run) => withApi(({ server }) => run(apiOn(server, labTokens)));
  let stack: ApiOnly;
  let tokens: Record<User, string>;
  before(async function () {
    this.timeout(120_000);
    stack = await startApiOnly();
    const viewer = await readFile(stack.userKubeconfigs['viewer'] ?? '', 'utf8');
    tokens = { admin: stack.access.token ?? '', viewer: /token: "?([^"\s]+)/.exec(viewer)?.[1] ?? '' };
    await stack.api.create('/api/v1/namespaces', { metadata: { name: 'production' } });
    await allowToLook(stack);
  });
  after(() => stack.stop());
  return async (run) => {
    for (const kind of ['Deployment', 'ImagePolicy', 'ConfigMap', 'Pod'])
      await stack.api.remove(collection(kind, 'production'));
    await run(apiOn({ url: stack.access.server, certificate: stack.access.certificate ?? '' }, tokens));
  };
}

/** What the lab's viewer may: everything but Secrets. */
async function allowToLook({ api }: ApiOnly): Promise<void> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const rules = kinds
    .filter(({ kind }) => kind !== 'Secret')
    .map(({ group, plural }) => ({ apiGroups: [group], resources: [plural], verbs: ['get', 'list', 'watch'] }));
  await api.create(`${rbac}/clusterroles`, { metadata: { name: 'look' }, rules });
  await api.create(`${rbac}/clusterrolebindings`, {
    metadata: { name: 'look' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'look' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'viewer' }],
  });
}

function collection(kindName: string, namespace = ''): string {
  const kind = kindNamed(kindName);
  if (kind === undefined) throw new Error(`The lab serves no ${kindName}.`);
  const group = kind.group === '' ? `/api/${kind.version}` : `/apis/${apiVersionOf(kind)}`;
  return kind.isNamespaced ? `${group}/namespaces/${namespace}/${kind.plural}` : `${group}/${kind.plural}`;
}

const pathOf = ({ kind, namespace, name }: Ref): string => `${collection(kind, namespace)}/${name}`;

function apiOn(served: Served, tokens: Readonly<Record<User, string>>): EitherApi {
  const wire = wireTo(served, tokens.admin);
  const must = async (...call: Parameters<Wire['ask']>): Promise<KubeObject> => {
    const { code, json, text } = await wire.ask(...call);
    if (code >= 300 || !isObject(json))
      throw new Error(`${code} ${textAt(json, 'reason')}: ${textAt(json, 'message') ?? text}`);
    return json as KubeObject;
  };
  return {
    ...wire,
    server: {
      ...served,
      kubeconfig: (name, user = 'admin') => formatKubeconfig(name, { ...served, user, token: tokens[user] }),
    },
    tokens,
    create: (object, fieldManager) =>
      must(`${collection(object.kind, object.metadata.namespace)}?fieldManager=${fieldManager}`, {
        method: 'POST',
        body: object,
      }),
    patch: (ref, { type, body }, { fieldManager, onConflict, part }) =>
      must(
        `${pathOf(ref)}${part === undefined ? '' : `/${part}`}?fieldManager=${fieldManager}${onConflict === undefined ? '' : '&force=true'}`,
        { method: 'PATCH', body, headers: { 'content-type': mediaTypes[type] } },
      ),
    updateStatus: (object, fieldManager) =>
      must(
        `${collection(object.kind, object.metadata.namespace)}/${object.metadata.name}/status?fieldManager=${fieldManager}`,
        { method: 'PUT', body: object },
      ),
    find: async (ref) => {
      const { code, json } = await wire.ask(pathOf(ref));
      return code === 404 ? undefined : (json as KubeObject);
    },
    remove: async (ref) => void (await must(pathOf(ref), { method: 'DELETE' })),
  };
}
