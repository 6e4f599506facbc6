import assert from 'node:assert/strict';
import { textAt } from '../../../../src/lab/cluster/json';
import type { Scenario } from '../scenario';
import { first, overlay, policyFile, scanFile, second, selectBy, withoutAutomation } from '../stage';

const broken = '^(?!latest)';

export const trouble: readonly Scenario[] = [
  {
    name: 'broken-pattern',
    title: 'A pattern that cannot be compiled stalls the policy, which keeps its last answer',
    files: withoutAutomation,
    play: async (stage) => {
      await stage.startedWithoutAutomation();
      await stage.world.push('a broken pattern', { [policyFile]: selectBy(broken) });
      await stage.says('ImagePolicy', 'Stalled', 'True InvalidPolicy');
      const failed = await stage.says('Kustomization', 'Ready', 'False HealthCheckFailed');
      assert.match(failed.message, /failed early due to stalled resources/);
      assert.equal(textAt(stage.object('ImagePolicy'), 'status', 'latestRef', 'tag'), second);
    },
  },
  {
    name: 'stalled-before-ready',
    title: 'A policy that failed already keeps the old words on Ready: only Stalled tells the truth',
    files: withoutAutomation,
    play: async (stage) => {
      await stage.startedWithoutAutomation();
      await stage.world.push('a pattern for nothing', { [policyFile]: selectBy('^nosuch$') });
      await stage.says('ImagePolicy', 'Ready', 'False Failure');
      await stage.says('Kustomization', 'Ready', 'False HealthCheckFailed');
      await stage.world.push('a broken pattern', { [policyFile]: selectBy(broken) });
      await stage.says('ImagePolicy', 'Stalled', 'True InvalidPolicy');
      assert.equal(stage.condition('ImagePolicy', 'Ready')?.reason, 'Failure');
      await stage.says('Kustomization', 'Ready', 'False HealthCheckFailed');
    },
  },
  {
    name: 'unparsable-number',
    title: 'A tag without the number that the policy sorts by fails the whole selection',
    files: withoutAutomation,
    play: async (stage) => {
      await stage.startedWithoutAutomation();
      await stage.pushTag('latest');
      await stage.world.push('any tag', { [policyFile]: selectBy('.*') });
      await stage.says('ImagePolicy', 'Ready', 'False Failure');
      await stage.says('Kustomization', 'Ready', 'False HealthCheckFailed');
      assert.equal(textAt(stage.object('ImagePolicy'), 'status', 'latestRef', 'tag'), second);
    },
  },
  {
    name: 'source-fails',
    title: 'A source that cannot be fetched keeps its last artifact and recovers',
    play: async (stage) => {
      await stage.started();
      const before = textAt(stage.object('GitRepository'), 'status', 'artifact', 'revision');
      await stage.change('GitRepository', { ref: { branch: 'nope' } });
      await stage.world.wait('the missing branch', () =>
        stage.condition('GitRepository', 'FetchFailed')?.message.includes('nope'),
      );
      await stage.change('GitRepository', { ref: { branch: 'main' }, url: `${stage.world.gitUrl}/none.git` });
      await stage.world.wait('the missing repository', () =>
        stage.condition('GitRepository', 'FetchFailed')?.message.includes('not found'),
      );
      await stage.says('ImageUpdateAutomation', 'Ready', 'False GitOperationFailed');
      assert.equal(textAt(stage.object('GitRepository'), 'status', 'artifact', 'revision'), before);
      await stage.change('GitRepository', { url: stage.world.gitUrl });
      await stage.says('GitRepository', 'Ready', 'True');
      await stage.says('ImageUpdateAutomation', 'Ready', 'True');
    },
  },
  {
    name: 'build-fails',
    title: 'A Kustomization that does not build says so and leaves the cluster alone',
    files: withoutAutomation,
    play: async (stage) => {
      await stage.startedWithoutAutomation();
      await stage.world.push('a missing file', {
        [overlay]: (text) => text.replace('resources:\n', 'resources:\n  - missing.yaml\n'),
      });
      await stage.says('Kustomization', 'Ready', 'False BuildFailed');
      assert.equal(stage.world.runningImage(), `${stage.world.image}:${first}`);
    },
  },
  {
    name: 'path-missing',
    title: 'A Kustomization whose folder is not there says so',
    files: withoutAutomation,
    play: async (stage) => {
      await stage.startedWithoutAutomation();
      // In the cluster: in Git the old path could be applied once more before the new one arrives.
      await stage.change('Kustomization', { path: './apps/none' });
      await stage.says('Kustomization', 'Ready', 'False ArtifactFailed');
    },
  },
  {
    name: 'image-with-a-scheme',
    title: 'An image name with a scheme stalls the scan',
    files: withoutAutomation,
    play: async (stage) => {
      await stage.startedWithoutAutomation();
      await stage.world.push('a scheme', { [scanFile]: (text) => text.replace('image: ', 'image: https://') });
      await stage.says('ImageRepository', 'Stalled', 'True ImageURLInvalid');
    },
  },
  {
    name: 'scan-fails',
    title: 'A scan that the registry refuses keeps what was found before',
    files: withoutAutomation,
    play: async (stage) => {
      await stage.startedWithoutAutomation();
      await stage.world.push('no such image', { [scanFile]: (text) => text.replace(/image: (\S+)/, 'image: $1-none') });
      await stage.says('ImageRepository', 'Ready', 'False');
      assert.equal(textAt(stage.object('ImagePolicy'), 'status', 'latestRef', 'tag'), second);
    },
  },
];
