// What scenarios do and wait for, in words. Times are out of their hands: intervals are long, and what a clock would begin is begun
// by hand, so that both worlds go through the same steps.
import assert from 'node:assert/strict';
import { type JsonObject, textAt } from '../../../src/lab/cluster/json';
import type { KubeObject } from '../../../src/lab/cluster/object';
import { type Condition, conditionOf } from '../../../src/lab/controllers/conditions';
import { requestOf } from '../../../src/lab/controllers/controller';
import type { World } from '../controllers/world';

export const first = 'production-v0.0.1-100';
export const second = 'production-v0.0.2-200';
export const third = 'production-v0.0.3-300';

export const overlay = 'apps/production/kustomization.yaml';
export const policyFile = 'apps/production/image-policy.yaml';
export const automationFile = 'apps/production/automation.yaml';
export const scanFile = 'clusters/lab/images.yaml';

const bootstrapKinds: readonly string[] = ['GitRepository', 'Kustomization', 'ImageRepository'];

export type FluxKind = 'GitRepository' | 'Kustomization' | 'ImageRepository' | 'ImagePolicy' | 'ImageUpdateAutomation';

export const writeTag =
  (tag: string) =>
  (text: string): string =>
    text.replace(/newTag: \S+/, `newTag: ${tag}`);
export const dropMarker = (text: string): string => text.replace(/ # \{.*\}/, '');
export const restoreMarker = (text: string): string =>
  text.replace(/(newTag: \S+)/, '$1 # {"$imagepolicy": "production:backend:tag"}');
export const suspend = (text: string): string => text.replace('spec:\n', 'spec:\n  suspend: true\n');
export const withoutAutomation = (files: Record<string, string>): Record<string, string> => ({
  ...files,
  [overlay]: (files[overlay] ?? '').replace('  - automation.yaml\n', ''),
});
export const withAutomation = (text: string): string =>
  text.replace('  - image-policy.yaml\n', '  - image-policy.yaml\n  - automation.yaml\n');
export const resume = (text: string): string => text.replace('  suspend: true\n', '');
export const selectBy =
  (pattern: string) =>
  (text: string): string =>
    text.replace(/pattern: .*/, () => `pattern: '${pattern}'`);

export class Stage {
  readonly world: World;
  /** Lets everything come to rest, and records from there on. */
  readonly begin: () => Promise<void>;

  constructor(world: World, begin: () => Promise<void>) {
    this.world = world;
    this.begin = begin;
  }

  object(kind: FluxKind, name = defaultName(kind)): KubeObject | undefined {
    return this.world.get(kind, name, namespaceOf(kind));
  }

  condition(kind: FluxKind, type: string, name = defaultName(kind)): Condition | undefined {
    const object = this.object(kind, name);
    return object === undefined ? undefined : conditionOf(object, type);
  }

  /** Resolves when the condition has that status, and the reason where one is given. */
  async says(kind: FluxKind, type: string, expected: string, name = defaultName(kind)): Promise<Condition> {
    return this.world.wait(`${kind} ${name} to say ${type} ${expected}`, () => {
      const found = this.condition(kind, type, name);
      return found !== undefined && `${found.status} ${found.reason}`.startsWith(expected) ? found : undefined;
    });
  }

  nudge(kind: FluxKind, name = defaultName(kind)): Promise<void> {
    return this.world.nudge(kind, name, namespaceOf(kind));
  }

  /** The controller has come to the end of a run that was asked for here. */
  async run(kind: FluxKind, name = defaultName(kind)): Promise<void> {
    const token = `${Date.now()} ${Math.random()}`;
    await this.world.nudge(kind, name, namespaceOf(kind), token);
    await this.world.wait(
      `a run of ${kind} ${name}`,
      () => textAt(this.object(kind, name), 'status', 'lastHandledReconcileAt') === token,
    );
  }

  async written(tag: string): Promise<void> {
    await this.world.wait(`${tag} in Git`, async () => (await this.world.writtenTag()) === tag);
  }

  /** The source has the newest commit, and these Kustomizations have it: all, unless some are named. */
  async applied(...names: readonly string[]): Promise<void> {
    await this.fetched();
    const [head = ''] = await this.world.log('main', '%H');
    for (const name of names.length > 0 ? names : ['flux-system', 'apps-production'])
      await this.world.wait(`${head} to be applied by ${name}`, () => {
        const object = this.object('Kustomization', name);
        const isApplied = textAt(object, 'status', 'lastAppliedRevision')?.endsWith(head) === true;
        return isApplied && this.condition('Kustomization', 'Ready', name)?.status === 'True';
      });
  }

  /** Asks for the newest commit where nobody has: who pushes asks, the automation does not. */
  async fetched(): Promise<void> {
    await this.observed('GitRepository');
    await this.world.wait('the source to have done what it was asked for', () => {
      const source = this.object('GitRepository');
      return source !== undefined && textAt(source, 'status', 'lastHandledReconcileAt') === requestOf(source);
    });
    const [head = ''] = await this.world.log('main', '%H');
    const revision = textAt(this.object('GitRepository'), 'status', 'artifact', 'revision');
    if (revision?.endsWith(head) !== true) await this.run('GitRepository');
  }

  async runs(tag: string): Promise<void> {
    await this.applied();
    assert.equal(this.world.runningImage(), `${this.world.image}:${tag}`);
  }

  /** The automation has written the newest tag, and it runs. The recording begins here. */
  async started(): Promise<void> {
    await this.arrived();
    await this.begin();
  }

  async arrived(): Promise<void> {
    await this.written(second);
    await this.runs(second);
    await this.says('ImageUpdateAutomation', 'Ready', 'True');
  }

  /** Git's tag runs. The recording begins here. */
  async startedWithoutAutomation(): Promise<void> {
    await this.runs(first);
    await this.begin();
  }

  /** Its controller has looked at what it says now. */
  async observed(kind: FluxKind): Promise<void> {
    await this.world.wait(`${kind} to be observed`, () => {
      const object = this.object(kind);
      return object?.status?.['observedGeneration'] === object?.metadata.generation;
    });
  }

  async pushTag(tag: string): Promise<void> {
    await this.world.pushTag(tag);
    await this.run('ImageRepository');
  }

  async botCommits(): Promise<number> {
    return (await this.world.log()).filter((line) => line.startsWith('fluxcdbot:')).length;
  }

  /** In the cluster, as somebody who is no controller. */
  async change(kind: FluxKind, spec: JsonObject, fieldManager = 'flux-promote'): Promise<void> {
    const ref = { kind, name: defaultName(kind), namespace: namespaceOf(kind) };
    await this.world.patch(ref, { type: 'merge', body: { spec } }, fieldManager);
  }

  /** Of the Deployment, as `kubectl rollout undo` or `kubectl set image` do it. */
  async setImage(tag: string, fieldManager: string): Promise<void> {
    const containers = [{ name: 'backend', image: `${this.world.image}:${tag}` }];
    const body = { spec: { template: { spec: { containers } } } };
    const ref = { kind: 'Deployment', name: 'backend', namespace: 'production' };
    await this.world.patch(ref, { type: 'strategic', body }, fieldManager);
  }
}

function defaultName(kind: string): string {
  if (kind === 'GitRepository') return 'flux-system';
  return kind === 'Kustomization' ? 'apps-production' : 'backend';
}

function namespaceOf(kind: string): string {
  return bootstrapKinds.includes(kind) ? 'flux-system' : 'production';
}
