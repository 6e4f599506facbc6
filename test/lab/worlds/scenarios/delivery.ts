import assert from 'node:assert/strict';
import type { Scenario } from '../scenario';
import { automationFile, first, overlay, second, third, withAutomation, withoutAutomation } from '../stage';

export const delivery: readonly Scenario[] = [
  {
    name: 'bootstrap',
    title: 'A new environment becomes Ready, and its automation writes the newest tag',
    files: withoutAutomation,
    play: async (stage) => {
      await stage.runs(first);
      await stage.world.push('the automation', { [overlay]: withAutomation });
      await stage.arrived();
      assert.equal(await stage.botCommits(), 1);
    },
  },
  {
    name: 'new-tag',
    title: 'A new tag is selected, written and rolled out',
    play: async (stage) => {
      await stage.started();
      await stage.pushTag(third);
      await stage.written(third);
      await stage.runs(third);
    },
  },
  {
    name: 'push-branch',
    title: 'An automation with a push branch writes there, and the environment stays',
    files: (files) =>
      withoutAutomation({
        ...files,
        [automationFile]: (files[automationFile] ?? '').replace(
          'push:\n      branch: main',
          'push:\n      branch: updates',
        ),
      }),
    play: async (stage) => {
      const { world } = stage;
      await stage.startedWithoutAutomation();
      await world.push('the automation', { [overlay]: withAutomation });
      for (const tag of [second, third]) {
        if (tag === third) await stage.pushTag(third);
        await world.wait(`${tag} on the branch`, async () =>
          (await world.remoteText(overlay, 'updates').catch(() => '')).includes(`newTag: ${tag} `),
        );
        await stage.runs(first);
      }
    },
  },
  {
    name: 'marker-elsewhere',
    title: "A marker outside the automation's path stays as it is",
    files: (files) => ({
      ...files,
      'apps/staging/values.yaml': `tag: ${first} # {"$imagepolicy": "production:backend:tag"}\n`,
    }),
    play: async (stage) => {
      await stage.started();
      await stage.pushTag(third);
      await stage.written(third);
      await stage.runs(third);
      assert.match(await stage.world.remoteText('apps/staging/values.yaml'), new RegExp(`^tag: ${first} `));
    },
  },
  {
    name: 'images-entry-misses',
    title: 'An images entry whose name does not match is written for nothing, and everything looks well',
    tags: [first, second, 'latest'],
    files: (files) =>
      withoutAutomation({ ...files, [overlay]: (files[overlay] ?? '').replace(/- name: (\S+)/, '- name: $1-old') }),
    play: async (stage) => {
      await stage.runs('latest');
      await stage.begin();
      await stage.world.push('the automation', { [overlay]: withAutomation });
      await stage.written(second);
      await stage.runs('latest');
    },
  },
  {
    name: 'prune',
    title: 'What Git no longer has is deleted',
    play: async (stage) => {
      await stage.started();
      await stage.world.push('no automation', {
        [overlay]: (text) => text.replace('  - image-policy.yaml\n  - automation.yaml\n', ''),
      });
      await stage.applied();
      assert.equal(stage.object('ImagePolicy'), undefined);
      assert.equal(stage.object('ImageUpdateAutomation'), undefined);
    },
  },
  {
    name: 'depends-on',
    title: 'A Kustomization whose dependency is not there waits until it depends on nothing that is missing',
    play: async (stage) => {
      await stage.started();
      await stage.world.push('a dependency', {
        'clusters/lab/apps.yaml': (text) =>
          `${text}---\n${text
            .replace('name: apps-production', 'name: later')
            .replace('./apps/production', './later')
            .replace('spec:\n', 'spec:\n  dependsOn:\n    - name: missing\n')}`,
        'later/map.yaml': () => 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: later\n  namespace: production\n',
      });
      await stage.says('Kustomization', 'Ready', 'False DependencyNotReady', 'later');
      await stage.applied();
      await stage.world.push('no dependency', {
        'clusters/lab/apps.yaml': (text) => text.replace('  dependsOn:\n    - name: missing\n', ''),
      });
      await stage.applied();
      await stage.says('Kustomization', 'Ready', 'True', 'later');
    },
  },
];
