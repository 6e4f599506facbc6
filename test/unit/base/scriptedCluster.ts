// A cluster that answers a reflector from scripts, and the reflector on a clock of the test's.
import { asObject, asString } from '../../../src/base/json';
import type { ListPage, WatchEvent, WatchStart } from '../../../src/base/kubernetes/client';
import { ClusterError } from '../../../src/base/kubernetes/clusterProblem';
import { Reflector } from '../../../src/base/kubernetes/reflector';
import { silentLogger } from '../../../src/base/logger';
import { FakeClock } from './fakeClock';

interface OpenWatch {
  readonly start: WatchStart;
  push(event: WatchEvent): void;
  end(): void;
  fail(error: Error): void;
}

type Answer<T> = T | Error;

/** Answers from scripts; a watch that is not scripted stays open and is driven by the test. */
export class ScriptedCluster {
  readonly context = 'lab';
  readonly lists: (string | undefined)[] = [];
  readonly watches: OpenWatch[] = [];
  listScript: Answer<ListPage>[] = [];
  watchScript: Error[] = [];

  async list(
    _resource: unknown,
    part: { readonly limit: number; readonly next?: string | undefined },
  ): Promise<ListPage> {
    this.lists.push(`${part.limit}${part.next === undefined ? '' : `+${part.next}`}`);
    const answer = this.listScript.shift() ?? page('1');
    if (answer instanceof Error) throw answer;
    return answer;
  }

  async watch(_resource: unknown, start: WatchStart): Promise<AsyncIterable<WatchEvent>> {
    const refusal = this.watchScript.shift();
    if (refusal !== undefined) throw refusal;
    const queue: (WatchEvent | Error | 'end')[] = [];
    let wake: () => void = () => undefined;
    const push = (item: WatchEvent | Error | 'end'): void => {
      queue.push(item);
      wake();
    };
    this.watches.push({ start, push, end: () => push('end'), fail: push });
    return (async function* () {
      for (;;) {
        const item = queue.shift();
        if (item === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else if (item === 'end') return;
        else if (item instanceof Error) throw item;
        else yield item;
      }
    })();
  }
}

export function object(name: string, version: string, value = ''): Record<string, unknown> {
  return { metadata: { namespace: 'ns', name, resourceVersion: version }, value };
}

export function page(resourceVersion: string, ...names: readonly string[]): ListPage {
  return { items: names.map((name) => object(name, resourceVersion)), resourceVersion };
}

export function http(status: number, retryAfterMs?: number): ClusterError {
  const code = status === 403 ? 'cluster-forbidden' : 'cluster-failed';
  return new ClusterError({ code, message: String(status) }, { status, retryAfterMs });
}

export function reset(): ClusterError {
  return new ClusterError({ code: 'cluster-unreachable', message: 'reset' });
}

export function begin(script: Partial<Pick<ScriptedCluster, 'listScript' | 'watchScript'>> = {}) {
  const clock = new FakeClock();
  const cluster = Object.assign(new ScriptedCluster(), script);
  let changes = 0;
  const decoded: string[] = [];
  const reflector = new Reflector<string>({
    reader: cluster,
    resource: { group: 'g', version: 'v1', plural: 'things' },
    decode: (raw) => {
      const name = asString(asObject(raw['metadata'])?.['name']) ?? '';
      decoded.push(name);
      return name === 'broken' ? undefined : `${name}${asString(raw['value']) ?? ''}`;
    },
    onChange: () => {
      changes += 1;
    },
    clock,
    logger: silentLogger,
  });
  const names = (): string => {
    const { reading } = reflector;
    return reading.state === 'unknown' ? reading.problem.code : `${reading.state} ${reading.value.join(',')}`;
  };
  return { clock, cluster, reflector, names, decoded, changes: () => changes };
}
