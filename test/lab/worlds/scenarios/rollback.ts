import assert from 'node:assert/strict';
import { listAt, textAt } from '../../../../src/lab/cluster/json';
import type { Scenario } from '../scenario';
import {
  automationFile,
  dropMarker,
  first,
  overlay,
  policyFile,
  restoreMarker,
  resume,
  scanFile,
  second,
  selectBy,
  suspend,
  third,
  writeTag,
} from '../stage';

const onlyFirst = '^production-v0\\.0\\.1-(?P<ts>100)$';
const withoutSecond = "spec:\n  exclusionList:\n    - '^.*\\.sig$'\n    - '^production-v0\\.0\\.2-200$'\n";

export const rollback: readonly Scenario[] = [
  {
    name: 'plain-revert',
    title: 'A plain revert is undone by the next run of the automation',
    play: async (stage) => {
      await stage.started();
      await stage.world.push('Revert "update backend"', { [overlay]: writeTag(first) });
      await stage.runs(first);
      await stage.run('ImageUpdateAutomation');
      assert.equal(await stage.world.writtenTag(), second);
      await stage.runs(second);
    },
  },
  {
    name: 'suspended-policy-and-scan',
    title: 'Suspending the policy and the scan does not keep a revert',
    play: async (stage) => {
      await stage.started();
      await stage.world.push('suspend', { [policyFile]: suspend, [scanFile]: suspend });
      await stage.applied();
      await stage.world.push('revert', { [overlay]: writeTag(first) });
      await stage.runs(first);
      await stage.run('ImageUpdateAutomation');
      assert.equal(await stage.world.writtenTag(), second);
      await stage.runs(second);
      assert.equal(stage.condition('ImagePolicy', 'Ready')?.status, 'True');
    },
  },
  {
    name: 'exclusion',
    title: 'Excluding the bad tag makes Flux write the one before, and the next one flows by itself',
    play: async (stage) => {
      await stage.started();
      await stage.world.push('exclude', { [scanFile]: (text) => text.replace('spec:\n', () => withoutSecond) });
      await stage.written(first);
      await stage.runs(first);
      for (const _ of [1, 2, 3]) await stage.run('ImageUpdateAutomation');
      assert.equal(await stage.world.writtenTag(), first);
      assert.equal(await stage.botCommits(), 2);
      await stage.pushTag(third);
      await stage.written(third);
      await stage.runs(third);
    },
  },
  {
    name: 'pin',
    title: 'Pinning the policy makes Flux write the earlier tag and keep it, whatever is pushed',
    play: async (stage) => {
      await stage.started();
      await stage.world.push('pin', { [policyFile]: selectBy(onlyFirst) });
      await stage.written(first);
      await stage.runs(first);
      await stage.pushTag(third);
      await stage.run('ImagePolicy');
      await stage.run('ImageUpdateAutomation');
      assert.equal(await stage.world.writtenTag(), first);
      assert.equal(await stage.botCommits(), 2);
    },
  },
  {
    name: 'race-of-revert-and-pin',
    title:
      'A revert with a pin is overwritten while the cluster has the old policy, and heals with two commits of the bot',
    play: async (stage) => {
      await stage.started();
      await stage.change('GitRepository', { suspend: true }); // the time until the source looks again
      await stage.world.push('revert and pin', { [overlay]: writeTag(first), [policyFile]: selectBy(onlyFirst) });
      await stage.run('ImageUpdateAutomation');
      assert.equal(await stage.world.writtenTag(), second);
      await stage.change('GitRepository', { suspend: false });
      await stage.written(first);
      await stage.runs(first);
      assert.equal(await stage.botCommits(), 3);
    },
  },
  {
    name: 'order-without-a-race',
    title:
      'Dropping the marker with the revert and the pin, and bringing it back once the pin is selected, cannot race',
    play: async (stage) => {
      await stage.started();
      await stage.change('GitRepository', { suspend: true });
      await stage.world.push('revert, pin and drop the marker', {
        [overlay]: (text) => dropMarker(writeTag(first)(text)),
        [policyFile]: selectBy(onlyFirst),
      });
      await stage.run('ImageUpdateAutomation');
      assert.equal(await stage.world.writtenTag(), first);
      assert.equal(stage.condition('ImageUpdateAutomation', 'Ready')?.message, 'repository up-to-date');
      await stage.change('GitRepository', { suspend: false });
      await stage.runs(first);
      assert.equal(textAt(stage.object('ImagePolicy'), 'status', 'latestRef', 'tag'), first);
      await stage.world.push('the marker again', { [overlay]: restoreMarker });
      await stage.runs(first);
      await stage.run('ImageUpdateAutomation');
      assert.equal(await stage.world.writtenTag(), first);
      assert.equal(await stage.botCommits(), 1);
    },
  },
  {
    name: 'automation-suspended-in-git',
    title: 'An automation that Git suspends keeps a revert until it is resumed',
    play: async (stage) => {
      await stage.started();
      await stage.world.push('suspend', { [automationFile]: suspend });
      await stage.applied();
      await stage.world.push('revert', { [overlay]: writeTag(first) });
      await stage.nudge('ImageUpdateAutomation');
      await stage.runs(first);
      assert.equal(await stage.botCommits(), 1);
      await stage.world.push('resume', { [automationFile]: resume });
      await stage.written(second);
      await stage.runs(second);
    },
  },
  {
    name: 'automation-suspended-in-the-cluster',
    title: 'A suspension in the cluster stays under an own field manager, and is undone where it is that of kubectl',
    play: async (stage) => {
      await stage.started();
      const isSuspended = () => stage.object('ImageUpdateAutomation')?.spec?.['suspend'];
      for (const [manager, isKept] of [
        ['flux-promote', true],
        ['kubectl-patch', false],
        ['kubectl', false],
        ['flux', true],
      ] as const) {
        await stage.change('ImageUpdateAutomation', { suspend: true }, manager);
        await stage.observed('ImageUpdateAutomation');
        await stage.run('Kustomization');
        assert.equal(isSuspended(), isKept ? true : undefined, manager);
        if (isKept) await stage.change('ImageUpdateAutomation', { suspend: null }, manager);
        await stage.observed('ImageUpdateAutomation');
      }
    },
  },
  {
    name: 'automation-born-suspended',
    title:
      'An automation that is suspended from birth never becomes Ready, and a Kustomization that waits for it fails',
    files: (files) => ({ ...files, [automationFile]: suspend(files[automationFile] ?? '') }),
    play: async (stage) => {
      const failed = await stage.says('Kustomization', 'Ready', 'False HealthCheckFailed');
      assert.match(
        failed.message,
        /timeout waiting for: \[ImageUpdateAutomation\/production\/backend status: 'InProgress'\]/,
      );
      assert.equal(textAt(stage.object('Kustomization'), 'status', 'lastAppliedRevision'), undefined);
      assert.deepEqual(stage.object('ImageUpdateAutomation')?.status, { observedGeneration: -1 });
      assert.equal(stage.world.runningImage(), `${stage.world.image}:${first}`);
    },
  },
  {
    name: 'rollback-behind-a-health-check',
    title: 'A rollback waits until the health check of the bad revision gives up',
    play: async (stage) => {
      await stage.started();
      await stage.world.push('a bad release', { [overlay]: (text) => dropMarker(writeTag('broken')(text)) });
      await stage.says('Kustomization', 'Healthy', 'Unknown');
      const verdicts = new Set<string>();
      // Looked for while it happens: a reconcile that begins from an older copy of the object writes the history without it.
      const unwatch = stage.world.watch('Kustomization', ({ status }) => {
        for (const entry of listAt(status, 'history')) verdicts.add(textAt(entry, 'lastReconciledStatus') ?? '');
      });
      const back = await stage.world.push('back', { [overlay]: writeTag(second) });
      await stage.world.wait('the source to have it', () =>
        textAt(stage.object('GitRepository'), 'status', 'artifact', 'revision')?.endsWith(back),
      );
      assert.equal(stage.world.runningImage(), `${stage.world.image}:broken`);
      await stage.runs(second);
      await stage.world.wait('the verdict that the bad revision has had its whole time', () =>
        verdicts.has('HealthCheckFailed'),
      );
      unwatch();
    },
  },
  {
    name: 'undo-frees-the-rollback',
    title: 'An undo of the rollout ends the health check, and the rollback goes on',
    play: async (stage) => {
      await stage.started();
      await stage.world.push('a bad release', { [overlay]: (text) => dropMarker(writeTag('broken')(text)) });
      await stage.world.wait('the bad release', () => stage.world.runningImage()?.endsWith(':broken'));
      await stage.says('Kustomization', 'Healthy', 'Unknown');
      await stage.world.push('back', { [overlay]: writeTag(second) });
      await stage.setImage(second, 'kubectl-rollout');
      await stage.runs(second);
    },
  },
  {
    name: 'drift',
    title: 'What is changed in the cluster alone is put back at the next reconcile, whoever changed it',
    play: async (stage) => {
      await stage.started();
      for (const manager of ['kubectl-rollout', 'flux-promote']) {
        await stage.setImage(first, manager);
        await stage.world.wait('the change', () => stage.world.runningImage()?.endsWith(first));
        await stage.run('Kustomization');
        await stage.runs(second);
      }
    },
  },
  {
    name: 'drift-under-suspension',
    title: 'A suspended Kustomization leaves a change in the cluster alone until it is resumed',
    play: async (stage) => {
      await stage.started();
      await stage.change('Kustomization', { suspend: true });
      await stage.setImage(first, 'kubectl-rollout');
      await stage.run('Kustomization');
      await stage.world.push('elsewhere', { 'note.txt': () => 'x' });
      await stage.applied('flux-system');
      assert.equal(stage.world.runningImage(), `${stage.world.image}:${first}`);
      await stage.change('Kustomization', { suspend: false });
      await stage.runs(second);
    },
  },
];
