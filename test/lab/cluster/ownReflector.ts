// The extension's own reflector of Deployments, through a kubeconfig whose context is `lab`.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../src/base/clock';
import { asObject, asString } from '../../../src/base/json';
import { kubeReader } from '../../../src/base/kubernetes/client';
import { connectCluster } from '../../../src/base/kubernetes/connection';
import { loadKubeconfig } from '../../../src/base/kubernetes/kubeconfig';
import { Reflector } from '../../../src/base/kubernetes/reflector';
import { silentLogger } from '../../../src/base/logger';

export interface Seen {
  /** Resolves when the reflector knows exactly these names, whatever trouble it is in. */
  readonly knows: (...names: readonly string[]) => Promise<void>;
}

export async function withReflector(
  kubeconfig: string,
  clock: Clock,
  run: (seen: Seen) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'flux-promote-'));
  const path = join(folder, 'config');
  await writeFile(path, kubeconfig);
  const connection = connectCluster(loadKubeconfig({ path, environment: {} }).access('lab'));
  const waiting = new Set<() => void>();
  const reflector: Reflector<string> = new Reflector({
    reader: kubeReader(connection),
    resource: { group: 'apps', version: 'v1', plural: 'deployments' },
    decode: (object) => asString(asObject(object['metadata'])?.['name']),
    onChange: () => {
      for (const check of waiting) check();
    },
    clock,
    logger: silentLogger,
  });
  try {
    reflector.start();
    await run({
      knows: (...names) =>
        new Promise((resolve) => {
          const check = (): void => {
            const { reading } = reflector;
            if (reading.state === 'unknown' || new Set(reading.value).size !== names.length) return;
            if (!names.every((name) => reading.value.includes(name))) return;
            waiting.delete(check);
            resolve();
          };
          waiting.add(check);
          check();
        }),
    });
  } finally {
    reflector.dispose();
    connection.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}
