// The fleet of `fleet/shop` in the situations in which a rollback is planned, and what its plans say.
import assert from 'node:assert/strict';
import type { CommitPlan, Way, WayName } from '../../../src/changes/plan';
import { planRollback, type RollbackIntent } from '../../../src/changes/planRollback';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import type { Facts } from '../../../src/model/facts';
import { known, valueOf } from '../../../src/model/reading';
import { select } from '../../../src/policy/select';
import { editObject, image, now, shopFacts, shopFiles, shopObjects, tags, tip } from '../fleet/shop';

export const silent = { code: 'registry-unreachable', message: 'The registry does not answer.' } as const;
export const productionFile = 'apps/production/kustomization.yaml';
export const policyFile = 'apps/production/image.yaml';
export const listFile = 'clusters/lab/images.yaml';
export const intent: RollbackIntent = {
  service: 'backend',
  environment: 'production',
  tag: tags.production0,
  reason: 'It returns 500.',
};

export function filesWith(file: string, from: string | RegExp, to: string): Record<string, string> {
  const files = shopFiles();
  files[file] = (files[file] ?? '').replace(from, () => to);
  return files;
}

export function withStatus(which: string, change: object): readonly Record<string, unknown>[] {
  return editObject(shopObjects(), which, (object) => ({ ...object, ...change }));
}

export function withSpec(which: string, change: object): readonly Record<string, unknown>[] {
  return editObject(shopObjects(), which, (object) => ({
    ...object,
    spec: { ...(object['spec'] as object), ...change },
  }));
}

export function registryOf(...names: readonly string[]): Facts {
  return shopFacts({ registry: known({ tags: names, digests: new Map() }, now) });
}

export function plan(facts: Facts, change: Partial<RollbackIntent> = {}) {
  return planRollback(deriveFleet(facts), facts, { ...intent, ...change });
}

export function wayOf(facts: Facts, name: WayName, change: Partial<RollbackIntent> = {}): Way {
  const ways = plan(facts, change);
  assert.ok(ways.kind === 'ways', JSON.stringify(ways));
  const found = [ways.recommended, ...ways.others].find((one) => one?.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

export function commitOf(facts: Facts, name: WayName, change: Partial<RollbackIntent> = {}): CommitPlan {
  const { plan: made } = wayOf(facts, name, change);
  assert.ok(made.kind === 'commit', JSON.stringify(made));
  return made;
}

export function refusalOf(facts: Facts, name: WayName, change: Partial<RollbackIntent> = {}): string {
  const { plan: made } = wayOf(facts, name, change);
  assert.ok(made.kind === 'refusal', name);
  return `${made.reason} ${made.wayOut ?? ''}`.trim();
}

/** The files as the plan leaves them. */
export function after(facts: Facts, { changes }: CommitPlan): Record<string, string> {
  const files = valueOf(facts.repositories[0]?.content)?.files ?? new Map<string, string>();
  return { ...Object.fromEntries(files), ...Object.fromEntries(changes.map((one) => [one.file, one.after])) };
}

/** What production's policy selects once the plan is applied. */
export function selectedAfter(facts: Facts, made: CommitPlan): string {
  const { objects } = readManifests(treeOf(after(facts, made)));
  const policy = objects
    .map(({ object }) => object)
    .find((one) => one.kind === 'ImagePolicy' && one.meta.namespace === 'production');
  const list = objects.map(({ object }) => object).find((one) => one.kind === 'ImageRepository');
  assert.ok(policy?.kind === 'ImagePolicy' && list?.kind === 'ImageRepository');
  const registry = valueOf(facts.registry.get(image));
  const answer = select(policy.spec, registry?.tags ?? [], { exclude: list.exclusionList });
  return answer.kind === 'tag' ? answer.tag : answer.kind;
}

export function namesOf(facts: Facts, change: Partial<RollbackIntent> = {}): readonly (string | undefined)[] {
  const ways = plan(facts, change);
  assert.ok(ways.kind === 'ways', JSON.stringify(ways));
  return [ways.recommended?.name, ...ways.others.map(({ name }) => name)];
}

export const failing = (namespace: string, reason: string) =>
  withStatus(`Kustomization flux-system/apps-${namespace}`, {
    status: {
      observedGeneration: 1,
      conditions: [{ type: 'Ready', status: 'False', reason, message: 'timeout' }],
    },
  });

export const waiting = withStatus('Kustomization flux-system/apps-production', {
  status: {
    observedGeneration: 1,
    lastAttemptedRevision: `main@sha1:${tip}`,
    conditions: [
      { type: 'Reconciling', status: 'True', reason: 'Progressing', message: 'Running health checks' },
      {
        type: 'Healthy',
        status: 'Unknown',
        reason: 'Progressing',
        message: 'Running health checks',
        lastTransitionTime: new Date(now).toISOString(),
      },
    ],
  },
});

/** The shop with its ImageRepository applied by production's own Kustomization. */
export function listInProduction(): Record<string, string> {
  const files = shopFiles();
  files['apps/production/images.yaml'] = files[listFile] ?? '';
  files[listFile] = '';
  files[productionFile] = (files[productionFile] ?? '')
    .replace('namespace: production\n', '')
    .replace('  - image.yaml', '  - image.yaml\n  - images.yaml');
  files[policyFile] = (files[policyFile] ?? '').replaceAll(
    'name: backend\nspec',
    'name: backend\n  namespace: production\nspec',
  );
  return files;
}

export function patched(kind: string, path: string, value: string): Facts {
  const files = shopFiles();
  files['clusters/lab/kustomization.yaml'] =
    `resources: [images.yaml, sync.yaml, staging.yaml, production.yaml]\npatches:\n  - target: { kind: ${kind} }\n    patch: |\n      - op: add\n        path: ${path}\n        value: ${value}\n`;
  return shopFacts({ files });
}
