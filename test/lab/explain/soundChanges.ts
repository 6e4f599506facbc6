// No false alarm: while sound changes go through, nothing is ever said to have failed, at no event of any watch. Each kind of
// object is watched by a connection of its own, and the clone by a third party: what they say arrives in any order.
import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { runGit } from '../../../src/lab/git/labGit';
import { pushImage } from '../../../src/lab/registry/pushImage';
import type { Placement } from '../../../src/model/fleet';
import { valueOf } from '../../../src/model/reading';
import { type ObservedWorld, observeWorld, type WorldToObserve } from '../observedWorld';
import { makeTemporaryFolder, removeTemporaryFolder } from '../temporaryFolder';
import { until } from '../until';

const author = ['-c', 'user.name=Colleague', '-c', 'user.email=colleague@example.test'];
const apps = 'flux/apps/backend';
const cluster = 'flux/clusters/lab';

export interface OpenedLab extends WorldToObserve {
  readonly registryUrl: string;
  /** Of the GitOps repository. */
  readonly gitUrl: string;
  /** Of any of these changes. */
  readonly patienceMs: number;
  readonly stop: () => Promise<void>;
}

/** The practice lab's own content on whatever controllers; `open` is given an empty folder. */
export function goThroughCalmly(open: (folder: string) => Promise<OpenedLab>): void {
  const alarms: string[] = [];
  let folder: string;
  let colleague: string;
  let lab: OpenedLab;
  let world: ObservedWorld;

  const placements = (): readonly Placement[] =>
    deriveFleet(world.observer.facts).environments.flatMap((environment) => environment.placements);
  const look = (): void => {
    for (const { service, environment, chain, drift } of placements()) {
      for (const { name, faults } of chain)
        for (const { code, verdict, text } of faults)
          if (verdict === 'failed') alarms.push(`${service} in ${environment}, ${name}: ${code}: ${text}`);
      if (drift !== undefined) alarms.push(`${service} in ${environment}: ${drift.found} is a drift`);
    }
  };
  /** Everything is where it ought to be, and the given tags among it; and nothing was said to have failed on the way. */
  const goesThrough = async (
    what: string,
    tags: readonly string[] = [],
    environments = 3,
    ofFlux?: RegExp,
  ): Promise<void> => {
    await until(
      () => {
        const all = placements();
        const tagsWritten = all.map(({ written }) => valueOf(written)?.tag);
        return (
          new Set(all.map(({ environment }) => environment)).size === environments &&
          all.every(({ chain }) => chain.every(({ link }) => link.state === 'done' || link.state === 'unknown')) &&
          all.every(({ service, environment }) => world.agree(service, environment)) &&
          tags.every((tag) => tagsWritten.includes(tag))
        );
      },
      { timeoutMs: lab.patienceMs, what },
    );
    assert.deepEqual(
      alarms.filter((alarm) => ofFlux?.test(alarm) !== true),
      [],
    );
  };
  const build = async (environment: string, service = 'backend'): Promise<string> => {
    const before = world.tags(service, environment)[1] ?? '';
    const tag = before.replace(/\d+$/, (seconds) => `${Number(seconds) + 1}`);
    const name = `acme/${service}`;
    await pushImage({ registryUrl: lab.registryUrl, name, tag, labels: {}, created: Date.now(), salt: tag });
    return tag;
  };
  const git = (...given: readonly string[]): Promise<string> => runGit([...author, ...given], { cwd: colleague });
  const edit = async (file: string, change: (text: string) => string, from = file): Promise<void> => {
    const text = await readFile(join(colleague, from), 'utf8');
    const changed = change(text);
    assert.notEqual(changed, text);
    await mkdir(dirname(join(colleague, file)), { recursive: true });
    await writeFile(join(colleague, file), changed);
  };
  const push = async (message: string, change: () => Promise<void>): Promise<void> => {
    await git('pull', '-q', '--rebase');
    await change();
    await git('add', '-A');
    await git('commit', '-q', '-m', message);
    await git('push', '-q', 'origin', 'HEAD');
  };

  before(async () => {
    folder = await makeTemporaryFolder();
    lab = await open(folder);
    world = observeWorld(lab);
    colleague = join(folder, 'colleague');
    await runGit(['clone', '-q', lab.gitUrl, colleague]);
    await goesThrough('the lab to be well');
    world.observer.onDidChange(look);
  });
  after(async () => {
    world.dispose();
    await lab.stop();
    await removeTemporaryFolder(folder);
    assert.deepEqual(world.bugs, []);
  });

  it('a build into every environment, and a commit of somebody else', async () => {
    await push('Say hello', () => writeFile(join(colleague, 'hello.txt'), 'hello\n'));
    const built = ['develop', 'staging', 'production'].map((environment) => build(environment));
    await goesThrough('all of them to be delivered', [
      ...(await Promise.all(built)),
      await build('staging', 'frontend'),
    ]);
  });

  it('another name for a policy and for an automation', async () => {
    await push('Rename two things', async () => {
      await edit(`${apps}/production/image-policy.yaml`, (text) => text.replace('name: backend', 'name: backend-prod'));
      await edit(`${apps}/production/kustomization.yaml`, (text) =>
        text.replace('production:backend:', 'production:backend-prod:'),
      );
      await edit(`${apps}/staging/image-update-automation.yaml`, (text) =>
        text.replace('name: backend', 'name: writer'),
      );
    });
    const built = ['develop', 'staging', 'production'].map((environment) => build(environment));
    await goesThrough('builds by the new names', await Promise.all(built));
  });

  it('a new environment', async () => {
    await push('Add an environment for quality assurance', async () => {
      const qa = (text: string): string => text.replaceAll('production', 'qa');
      await cp(join(colleague, apps, 'production'), join(colleague, apps, 'qa'), { recursive: true });
      for (const file of ['image-update-automation.yaml', 'kustomization.yaml'])
        await edit(`${apps}/qa/${file}`, (text) => qa(text).replace('newTag: qa-', 'newTag: production-'));
      await edit(
        'flux/environments/qa/kustomization.yaml',
        (text) => qa(text).replace(/.*frontend.*\n/, ''),
        'flux/environments/production/kustomization.yaml',
      );
      for (const file of ['apps.yaml', 'namespaces.yaml'])
        await edit(
          `${cluster}/${file}`,
          (text) => `${text}---\n${qa(text.split('---\n').find((one) => one.includes('production')) ?? '')}`,
        );
    });
    await goesThrough('the new environment', [], 4);
    const tag = await build('production');
    await until(() => world.agree('backend', 'qa', tag), {
      timeoutMs: lab.patienceMs,
      what: 'a build in the new environment',
    });
    await goesThrough('a build in both', [tag], 4);
  });

  it('other folders, of which Flux itself says for a moment that it does not find them', async () => {
    await push('Rename two folders', async () => {
      await rename(join(colleague, apps, 'develop'), join(colleague, apps, 'dev'));
      await rename(join(colleague, 'flux/environments/staging'), join(colleague, 'flux/environments/stage'));
      const dev = (text: string): string => text.replace('backend/develop', 'backend/dev');
      await edit(`${apps}/dev/image-update-automation.yaml`, dev);
      await edit('flux/environments/develop/kustomization.yaml', dev);
      await edit(`${cluster}/apps.yaml`, (text) => text.replace('environments/staging', 'environments/stage'));
    });
    const built = ['develop', 'staging'].map((environment) => build(environment));
    const own = /automation-update: .*lstat .*no such file|artifact-failed: .*path not found/;
    await goesThrough('builds in the new folders', await Promise.all(built), 4, own);
  });
}
