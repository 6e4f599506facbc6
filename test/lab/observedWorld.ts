// The extension's own observer on a world that a test has made: real sockets, real Git, no editor.
import { systemClock } from '../../src/base/clock';
import type { Forge } from '../../src/base/forge/forge';
import { gitHub } from '../../src/base/forge/github';
import { gitReader } from '../../src/base/git/reader';
import type { Fetch } from '../../src/base/http';
import { kubeReader } from '../../src/base/kubernetes/client';
import { connectCluster } from '../../src/base/kubernetes/connection';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { type Disposable, Lifetime } from '../../src/base/lifetime';
import { silentLogger } from '../../src/base/logger';
import { registryClient } from '../../src/base/registry/client';
import { deriveFleet } from '../../src/fleet/deriveFleet';
import { parseYaml } from '../../src/manifests/documents';
import { readManifests } from '../../src/manifests/repository';
import type { Placement } from '../../src/model/fleet';
import { valueOf } from '../../src/model/reading';
import { defaultSettings } from '../../src/model/settings';
import { ClusterSource } from '../../src/sources/cluster';
import { Observer } from '../../src/sources/observer';
import { apiOf } from '../../src/sources/serviceRepository';
import { run } from './gitFixture';

export interface WorldToObserve {
  /** The clone. */
  readonly workspace: string;
  readonly kubeconfig: string;
  readonly context: string;
  readonly forge: { readonly api: string; readonly token: string };
  /** What forge and registry are asked by; the global one where it is not given. */
  readonly fetch?: Fetch;
}

export interface ObservedWorld extends Disposable {
  readonly observer: Observer;
  /** The forge with this host. */
  readonly forge: (host: string) => Forge | undefined;
  /** What the observer called an error: nothing of the world should be one. */
  readonly bugs: readonly unknown[];
  placement(service: string, environment: string): Placement | undefined;
  /** Selected, written, running. */
  tags(service: string, environment: string): readonly (string | undefined)[];
  /** Whether the three are one, and the given one where one is given. */
  agree(service: string, environment: string, tag?: string): boolean;
}

export function observeWorld({
  workspace,
  kubeconfig,
  context,
  forge: { api, token },
  fetch = globalThis.fetch,
}: WorldToObserve): ObservedWorld {
  const life = new Lifetime();
  const bugs: unknown[] = [];
  const services = ['backend', 'frontend'].map((image) => ({ image, owner: 'acme', repository: image, inputs: {} }));
  const settings = { ...defaultSettings, services, forges: [{ api, kind: 'github' as const }] };
  const access = { fetch, clock: systemClock, logger: silentLogger, token: async () => token };
  const forges = new Map<string, Forge>();
  const forge = (host: string): Forge | undefined => {
    const apiUrl = apiOf(host, settings.forges)?.api;
    if (apiUrl === undefined) return undefined;
    const found = forges.get(host) ?? gitHub({ ...access, apiUrl }, (text) => parseYaml(text)[0]?.toJS());
    forges.set(host, found);
    return found;
  };
  const observer = life.add(
    new Observer({
      repositories: [
        {
          folder: workspace,
          reader: (at) => gitReader(at, run(at)),
          readManifests,
          clock: systemClock,
          logger: silentLogger,
        },
      ],
      scope: { settings, contexts: new Map(), defaultContext: context },
      watchCluster: (name, onChange) => {
        const watching = new Lifetime();
        const loaded = loadKubeconfig({ path: kubeconfig, environment: {} });
        const reader = kubeReader(watching.add(connectCluster(loaded.access(name))));
        return watching.add(new ClusterSource({ reader, onChange, clock: systemClock, logger: silentLogger }));
      },
      registry: registryClient({
        fetch,
        clock: systemClock,
        credentials: async () => undefined,
        isPlainHttp: (host) => host.startsWith('127.0.0.1:'),
      }),
      forge,
      clock: systemClock,
      logger: { ...silentLogger, error: (message) => bugs.push(message) },
    }),
  );
  life.add(observer.interest());
  const placement = (service: string, environment: string): Placement | undefined =>
    deriveFleet(observer.facts)
      .environments.find(({ name }) => name === environment)
      ?.placements.find((one) => one.service === service);
  const tags = (service: string, environment: string): readonly (string | undefined)[] => {
    const found = placement(service, environment);
    return [found?.selected, found?.written, found?.running].map((reading) => valueOf(reading)?.tag);
  };
  return {
    observer,
    forge,
    bugs,
    placement,
    tags,
    agree: (service, environment, tag) => {
      const [selected, written, running] = tags(service, environment);
      return selected !== undefined && selected === written && written === running && (tag ?? selected) === selected;
    },
    dispose: () => life.dispose(),
  };
}
