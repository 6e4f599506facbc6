// Any process of the control plane is killed in the middle of a delivery; after it is back, the extension's picture is right again:
// it is what Git, the cluster and the registry say.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { textAt } from '../../src/lab/cluster/json';
import { formatBuildTag } from '../../src/lab/content/buildTag';
import { runGit } from '../../src/lab/git/labGit';
import { pushImage } from '../../src/lab/registry/pushImage';
import { valueOf } from '../../src/model/reading';
import { type ObservedWorld, observeWorld } from '../lab/observedWorld';
import { until } from '../lab/until';
import { openPracticeWorld, type PracticeWorld } from './practiceWorld';
import { type RunningStack, startStack } from './stack/stack';

const processes = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kwok',
  'source-controller',
  'kustomize-controller',
  'image-reflector-controller',
  'image-automation-controller',
  'registry',
  'git',
];
const overlay = 'flux/apps/backend/develop/kustomization.yaml';
const { signal } = new AbortController();

describe('a process of the control plane that is killed', function () {
  // Flux's watches come back up to 70 s after the API server is.
  this.timeout(180_000);
  const settled = { timeoutMs: 150_000, what: 'the picture to be right' };
  let stack: RunningStack;
  let practice: PracticeWorld;
  let world: ObservedWorld;
  let builds = 0;

  const publish = async (): Promise<string> => {
    builds += 1;
    const [version, seconds] = [`1.0.${builds}`, Math.floor(Date.now() / 1000)];
    const tag = formatBuildTag({ environment: 'develop', version, commit: '0123abc', seconds });
    const built = { name: 'acme/backend', labels: {}, created: seconds * 1000, salt: tag };
    await pushImage({ ...built, registryUrl: stack.registry.url, tag });
    return tag;
  };
  /** What is true, from those who know it. */
  const truth = async (): Promise<readonly (string | undefined)[]> => {
    const policy = await stack.api.get('/apis/image.toolkit.fluxcd.io/v1/namespaces/develop/imagepolicies/backend');
    const written = await runGit(['--git-dir', join(stack.git.root, 'flux.git'), 'show', `main:${overlay}`]);
    const deployment = await stack.api.get('/apis/apps/v1/namespaces/develop/deployments/backend');
    const image = textAt(deployment, 'spec', 'template', 'spec', 'containers', 0, 'image');
    return [textAt(policy, 'status', 'latestRef', 'tag'), /newTag: (\S+)/.exec(written)?.[1], image?.split(':').at(-1)];
  };
  const isRight = async (tag: string): Promise<boolean> =>
    world.agree('backend', 'develop', tag) && (await truth()).every((known) => known === tag);

  before(async () => {
    stack = await startStack();
    assert.deepEqual([...stack.processes].sort(), [...processes].sort());
    practice = await openPracticeWorld(stack);
    world = observeWorld({ ...stack, ...practice });
    await until(() => world.agree('backend', 'develop') && world.agree('frontend', 'production'), settled);
  });
  after(async () => {
    world.dispose();
    await practice.stop();
    await stack.stop();
    assert.deepEqual(world.bugs, []);
  });

  for (const name of processes) {
    it(`${name}, before a build is published: the build arrives, and all is known`, async () => {
      // A registry that is dead takes no build.
      const early = name === 'registry' ? await publish() : undefined;
      await stack.kill(name);
      const tag = early ?? (await publish());
      if (name === 'kube-apiserver') {
        const isStale = () => world.observer.facts.clusters.get(stack.context)?.imagePolicies.state === 'stale';
        await until(isStale, { timeoutMs: 60_000, what: 'the silence to be seen' });
      }
      await stack.restart(name);
      await until(() => isRight(tag), settled);
      await world.observer.refresh(signal);
      const { clusters, repositories, registry, forges } = world.observer.facts;
      const readings = [...clusters.values()].map(({ imagePolicies }) => imagePolicies);
      for (const { state } of [...readings, ...registry.values(), ...forges.values()]) assert.equal(state, 'known');
      for (const { content } of repositories) assert.ok(valueOf(content) !== undefined && content.state === 'known');
    });

    it(`${name}, as soon as the build is selected: it arrives`, async () => {
      const tag = await publish();
      await until(() => world.tags('backend', 'develop')[0] === tag, { ...settled, what: 'the build to be selected' });
      await stack.kill(name);
      await stack.restart(name);
      await until(() => isRight(tag), settled);
    });
  }
});
