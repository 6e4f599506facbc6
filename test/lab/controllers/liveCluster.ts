// One world's share of the live stack: namespaces, a repository and an image of its own, called in the tests as in the
// manifests of the lab. What the cluster has is mirrored by the extension's own reflectors, so that tests can look at it
// without waiting, in both worlds alike.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock';
import { type KubeReader, kubeReader, type Resource } from '../../../src/base/kubernetes/client';
import { connectCluster } from '../../../src/base/kubernetes/connection';
import { loadKubeconfig } from '../../../src/base/kubernetes/kubeconfig';
import { Reflector } from '../../../src/base/kubernetes/reflector';
import { silentLogger } from '../../../src/base/logger';
import type { KubeObject } from '../../../src/lab/cluster/object';
import { makeBareRepository } from '../../../src/lab/git/bareRepository';
import { openStack } from '../../live/stack/openStack';
import { mediaTypes } from '../cluster/wire';
import { until } from '../until';
import type { WorldCluster } from './world';

const kinds: Readonly<Record<string, Resource>> = {
  Namespace: { group: '', version: 'v1', plural: 'namespaces' },
  Event: { group: '', version: 'v1', plural: 'events' },
  ConfigMap: { group: '', version: 'v1', plural: 'configmaps' },
  Deployment: { group: 'apps', version: 'v1', plural: 'deployments' },
  GitRepository: { group: 'source.toolkit.fluxcd.io', version: 'v1', plural: 'gitrepositories' },
  Kustomization: { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', plural: 'kustomizations' },
  ImageRepository: { group: 'image.toolkit.fluxcd.io', version: 'v1', plural: 'imagerepositories' },
  ImagePolicy: { group: 'image.toolkit.fluxcd.io', version: 'v1', plural: 'imagepolicies' },
  ImageUpdateAutomation: { group: 'image.toolkit.fluxcd.io', version: 'v1', plural: 'imageupdateautomations' },
};

export async function startLiveCluster(_folder: string): Promise<WorldCluster> {
  const stack = await openStack();
  const id = `w${randomBytes(4).toString('hex')}`;
  const rename = renaming(id);
  const access = loadKubeconfig({ path: stack.kubeconfig, environment: {} }).access(stack.context);
  const connection = connectCluster(access);
  const mirror = new Mirror(kubeReader(connection), id, rename.back);
  await mirror.begin(); // before there is anything, so that nothing is missed
  const repository = join(stack.git.root, `${id}-flux.git`);
  await makeBareRepository(repository);
  const { signal } = new AbortController();
  const send = async (method: 'POST' | 'PATCH', path: string, body: unknown, contentType = 'application/json') => {
    const request = { method, path, what: `${method} ${path}`, body: JSON.stringify(body), contentType };
    return JSON.parse(await connection.send(request, signal)) as KubeObject;
  };
  const createNamespace = (name: string): Promise<KubeObject> =>
    send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return {
    registryHost: stack.registry.host,
    imageName: `${id}/backend`,
    repository,
    gitUrl: `${stack.git.baseUrl}/${id}-flux.git`,
    pace: { source: '10s', scan: '10s', automation: '10s', retry: '5s', timeout: '33s' }, // not when a look at the health is due, each 5 s
    rename,
    bugs: [],
    get: (kind, name = 'backend', namespace = 'production') => mirror.get(kind, name, namespace),
    watch: (kind, listener) => mirror.watch(kind, listener),
    patch: async ({ kind, name, namespace = 'production' }, { type, body }, fieldManager) => {
      const query = `?fieldManager=${fieldManager}${type === 'apply' ? '&force=true' : ''}`;
      const path = `${collection(kind, rename.name(namespace))}/${rename.name(name)}${query}`;
      const patched = await send('PATCH', path, JSON.parse(rename.out(JSON.stringify(body))), mediaTypes[type]);
      // What is looked at next is what was written: in the lab it is so at once.
      const isSeen = (): boolean =>
        (mirror.get(kind, name, namespace)?.metadata.generation ?? 0) >= (patched.metadata.generation ?? 0);
      await until(isSeen, { timeoutMs: 30_000, what: `the change of ${kind} ${name} to be seen` });
    },
    create: async (object) => {
      const { kind, metadata } = object;
      if (kind === 'Namespace') {
        await createNamespace(rename.name(metadata.name));
        return;
      }
      const real: KubeObject = JSON.parse(rename.out(JSON.stringify(object))) as KubeObject;
      await send('POST', `${collection(kind, real.metadata.namespace ?? '')}?fieldManager=flux`, real);
    },
    begin: () => Promise.resolve(),
    stop: async () => {
      // What the Kustomizations have applied goes with them; a namespace alone would leave finalizers to nobody.
      const all = ['--ignore-not-found', '--wait=true', '--timeout=60s'];
      for (const kind of ['kustomizations', 'imageupdateautomations', 'imagepolicies']) {
        for (const namespace of [`${id}-flux-system`, `${id}-production`]) {
          await stack.kubectl(['delete', `${kind}.${groupOf(kind)}`, '--all', '-n', namespace, ...all]);
        }
      }
      await stack.kubectl([
        'delete',
        'namespace',
        `${id}-flux-system`,
        `${id}-production`,
        '--ignore-not-found',
        '--wait=false',
      ]);
      mirror.dispose();
      connection.dispose();
      await stack.close();
    },
  };
}

function groupOf(plural: string): string {
  return Object.values(kinds).find((one) => one.plural === plural)?.group ?? '';
}

function resourceOf(kind: string): Resource {
  const resource = kinds[kind];
  if (resource === undefined) throw new Error(`The live world does not know the kind ${kind}.`);
  return resource;
}

function collection(kind: string, namespace: string): string {
  const { group, version, plural } = resourceOf(kind);
  return `${group === '' ? '/api' : `/apis/${group}`}/${version}/namespaces/${namespace}/${plural}`;
}

interface Renaming {
  readonly name: (name: string) => string;
  readonly out: (text: string) => string;
  readonly back: (text: string) => string;
}

/** `flux-system` wherever it stands, and `production` where it is a namespace. */
function renaming(id: string): Renaming {
  return {
    name: (name) => (name === 'flux-system' || name === 'production' ? `${id}-${name}` : name),
    out: (text) =>
      text
        .replaceAll('flux-system', `${id}-flux-system`)
        .replaceAll(/(namespace"?: ?"?)production\b/g, `$1${id}-production`)
        .replaceAll('"production:', `"${id}-production:`)
        .replaceAll(/(kind: Namespace\nmetadata:\n {2}name: )production\b/g, `$1${id}-production`),
    back: (text) => text.replaceAll(`${id}-`, ''),
  };
}

class Mirror {
  readonly #reader: KubeReader;
  readonly #id: string;
  readonly #back: (text: string) => string;
  readonly #listeners = new Map<string, Set<(object: KubeObject) => void>>();
  readonly #reflectors = new Map<string, Reflector<KubeObject>>();

  constructor(reader: KubeReader, id: string, back: (text: string) => string) {
    this.#reader = reader;
    this.#id = id;
    this.#back = back;
  }

  async begin(): Promise<void> {
    for (const [kind, resource] of Object.entries(kinds)) {
      const reflector = new Reflector<KubeObject>({
        reader: this.#reader,
        resource,
        decode: (object) => this.#take(kind, object),
        onChange: () => undefined,
        clock: systemClock,
        logger: silentLogger,
      });
      this.#reflectors.set(kind, reflector);
    }
    await Promise.all([...this.#reflectors.values()].map((reflector) => reflector.refresh()));
  }

  get(kind: string, name: string, namespace: string): KubeObject | undefined {
    const reading = this.#reflectors.get(kind)?.reading;
    if (reading === undefined || reading.state === 'unknown') return undefined;
    return reading.value.find(
      ({ metadata }) => metadata.name === name && (metadata.namespace ?? namespace) === namespace,
    );
  }

  watch(kind: string, listener: (object: KubeObject) => void): () => void {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  dispose(): void {
    for (const reflector of this.#reflectors.values()) reflector.dispose();
  }

  /** Other worlds' objects are none of this one's business. */
  #take(kind: string, object: unknown): KubeObject | undefined {
    const text = JSON.stringify(object);
    if (!text.includes(`"namespace":"${this.#id}-`) && !text.includes(`"name":"${this.#id}-`)) return undefined;
    const own = { ...(JSON.parse(this.#back(text)) as KubeObject), kind };
    for (const listener of this.#listeners.get(kind) ?? []) listener(own);
    return own;
  }
}
