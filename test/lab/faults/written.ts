// written: the automation has put the selected tag into Git.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeBareRepository } from '../../../src/lab/git/bareRepository';
import { runGit } from '../../../src/lab/git/labGit';
import { installHook, protectBranch } from '../git/serverHooks';
import { tag2 } from './plot';
import { all, automation, edit, type FaultRow, newer, overlay, policy, repository, source, withhold } from './row';

export const writtenFaults: readonly FaultRow[] = [
  {
    name: 'tag that nobody selects and nobody has written',
    link: 'written',
    code: 'tag-not-written',
    part: 'automation',
    draft: all(newer, edit(overlay, / # .*/, ''), (draft) => {
      const { [policy]: _policy, [automation]: _automation, [repository]: _repository, ...files } = draft.files;
      draft.files = files;
    }),
    ask: () => ({ wanted: tag2 }),
  },
  {
    name: 'automation suspended by Git',
    link: 'written',
    code: 'automation-suspended-in-git',
    part: 'automation',
    draft: all(newer, edit(automation, 'spec:\n', 'spec:\n  suspend: true\n')),
  },
  {
    name: 'automation suspended by somebody in the cluster',
    link: 'written',
    code: 'automation-suspended-in-cluster',
    part: 'automation',
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.patch('ImageUpdateAutomation', { spec: { suspend: true } }, 'kubectl-edit');
      await plot.pushTag(tag2);
      await plot.nudge('ImageRepository');
    },
  },
  {
    name: 'automation: push rejected',
    link: 'written',
    code: 'automation-push-rejected',
    part: 'automation',
    draft: newer,
    inject: (plot) => protectBranch(plot.bare, 'main'),
  },
  {
    name: 'automation: push race, which passes',
    link: 'written',
    code: 'push-race',
    part: 'automation',
    isHealthyFirst: true,
    inject: async (plot) => {
      const lock = join(plot.bare, 'refs/heads/main.lock');
      await writeFile(lock, '');
      plot.afterwards(() => rm(lock, { force: true }));
      await plot.pushTag(tag2);
      await plot.nudge('ImageRepository');
    },
  },
  {
    name: 'automation: template',
    link: 'written',
    code: 'automation-template',
    part: 'automation',
    draft: all(newer, edit(automation, '    push:', "      messageTemplate: '{{ .NoSuchField }}'\n    push:")),
  },
  {
    name: 'automation: removed template field',
    link: 'written',
    code: 'automation-template',
    part: 'automation',
    draft: all(newer, edit(automation, '    push:', "      messageTemplate: '{{ .Updated.Images }}'\n    push:")),
  },
  {
    name: 'automation: source',
    link: 'written',
    code: 'automation-source',
    part: 'automation',
    draft: all(newer, edit(automation, 'name: backend\n  git', 'name: nobody\n  git')),
  },
  {
    name: 'automation: selector',
    link: 'written',
    code: 'automation-invalid-selector',
    part: 'automation',
    draft: all(
      newer,
      edit(
        automation,
        '  git:',
        '  policySelector:\n    matchExpressions:\n      - key: app\n        operator: Nonsense\n  git:',
      ),
    ),
  },
  {
    name: 'automation: Git is not reached',
    link: 'written',
    code: 'automation-git',
    part: 'automation',
    draft: all(newer, edit(automation, /branch: main/, 'branch: gone')),
  },
  {
    name: 'automation not selecting the policy',
    link: 'written',
    code: 'automation-selector',
    part: 'automation',
    draft: all(newer, edit(automation, '  git:', '  policySelector:\n    matchLabels:\n      team: blue\n  git:')),
  },
  {
    name: 'automation not selecting the policy: by an expression',
    link: 'written',
    code: 'automation-selector',
    part: 'automation',
    draft: all(
      newer,
      edit(
        automation,
        '  git:',
        '  policySelector:\n    matchExpressions:\n      - {key: team, operator: In, values: [blue, red]}\n  git:',
      ),
    ),
  },
  {
    name: 'path not covering the file',
    link: 'written',
    code: 'automation-path',
    part: 'automation',
    draft: all(newer, edit(automation, './apps/production', './apps/nowhere')),
  },
  {
    name: 'automation in another namespace',
    link: 'written',
    code: 'automation-namespace',
    part: 'automation',
    draft: (draft) => {
      newer(draft);
      const other = `${draft.namespace}-other`;
      const text = (draft.files[automation] ?? '')
        .replace(`namespace: ${draft.namespace}`, `namespace: ${other}`)
        .replace('name: backend\n  git', `name: backend\n    namespace: ${draft.namespace}\n  git`);
      draft.files = { ...draft.files, [automation]: text };
      draft.withheld = [automation];
      draft.more = [`apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${other}\n`, text];
    },
  },
  {
    name: 'no automation',
    link: 'written',
    code: 'automation-missing',
    part: 'automation',
    draft: all(newer, withhold(automation)),
  },
  {
    name: 'marker malformed',
    link: 'written',
    code: 'marker-malformed',
    part: 'automation',
    draft: all(newer, edit(overlay, '{"$imagepolicy": ', 'keep {"$imagepolicy": ')),
  },
  {
    name: 'marker of the whole image on a tag',
    link: 'written',
    code: 'marker-wrong-part',
    part: 'automation',
    draft: all(newer, edit(overlay, ':backend:tag', ':backend')),
  },
  {
    name: 'marker of the name on a tag',
    link: 'written',
    code: 'marker-wrong-part',
    part: 'automation',
    draft: all(newer, edit(overlay, ':backend:tag', ':backend:name')),
  },
  {
    name: 'marker dead',
    link: 'written',
    code: 'marker-dead',
    part: 'automation',
    draft: all(newer, edit(overlay, /( *)newTag: (\S+) (# .*)/, '$1$3\n$1newTag: $2')),
  },
  {
    name: 'marker lost',
    link: 'written',
    code: 'marker-lost',
    part: 'automation',
    draft: all(newer, edit(overlay, / # .*/, '')),
  },
  {
    name: 'another automation writing against it',
    link: 'written',
    code: 'automation-conflict',
    part: 'automation',
    draft: (draft) => {
      draft.more = [(draft.files[automation] ?? '').replace('name: backend', 'name: second')];
    },
  },
  {
    name: 'commit on a push branch that nobody merged',
    link: 'written',
    code: 'push-branch-unmerged',
    part: 'automation',
    draft: all(newer, edit(automation, 'push:\n      branch: main', 'push:\n      branch: updates')),
  },
  {
    name: 'commit on the branch that the automation checks out',
    link: 'written',
    code: 'push-branch-unmerged',
    part: 'automation',
    draft: all(
      newer,
      edit(automation, /branch: main\n {4}commit/, 'branch: develop\n    commit'),
      edit(automation, '    push:\n      branch: main\n', ''),
    ),
    inject: async (plot) => {
      await plot.branch('develop');
      await plot.nudge('ImageUpdateAutomation');
    },
  },
  {
    name: 'automation of another repository',
    link: 'written',
    code: 'automation-elsewhere',
    part: 'automation',
    draft: all(newer, edit(automation, 'name: backend\n  git', 'name: other\n  git'), (draft) => {
      const text = (draft.files[source] ?? '').replace('name: backend', 'name: other');
      draft.more = [text.replace(/url: (.*)\.git/, 'url: $1-other.git')];
    }),
    inject: async (plot) => {
      const { bare } = plot;
      const other = bare.replace(/\.git$/, '-other.git');
      await makeBareRepository(other);
      await runGit(['fetch', '--quiet', bare, 'main:main'], { cwd: other });
      await runGit(['fast-import', '--quiet', '--force'], {
        cwd: other,
        input: [
          'commit refs/heads/main\ncommitter Ada <ada@example.invalid> 1700000000 +0000\ndata 5\nOther',
          'from refs/heads/main^0\ndeleteall\nM 100644 inline apps/production/values.yaml\ndata 5\na: 1\n\n',
        ].join('\n'),
      });
      await plot.nudge('GitRepository', 'other');
      await plot.nudge('ImageUpdateAutomation');
    },
  },
  {
    name: 'nothing wrong, only waiting: for the automation',
    link: 'written',
    code: 'automation-pending',
    part: 'automation',
    isHealthyFirst: true,
    inject: async (plot) => {
      await installHook(plot.bare, 'pre-receive', 'sleep 20');
      await plot.pushTag(tag2);
      await plot.nudge('ImageRepository');
    },
  },
];
