// The wrong environment: what pulled a foreign tag in.
import { tag1 } from './plot';
import { all, automation, edit, type FaultRow, overlay, policy } from './row';

const stagingTag = 'staging-v0.0.1-aaaaaaa-1700000001';

export const crossingFaults: readonly FaultRow[] = [
  {
    name: 'automation of another environment covers the file',
    link: 'written',
    code: 'automation-crosses',
    part: 'automation',
    draft: (draft) => {
      const text = draft.files[automation] ?? '';
      draft.more = [
        text
          .replace('name: backend', 'name: staging')
          .replace('  git:', '  policySelector:\n    matchLabels:\n      stage: none\n  git:'),
      ];
    },
  },
  {
    name: 'policy accepts the tags of another environment',
    link: 'written',
    code: 'policy-crosses',
    part: 'images',
    draft: (draft) => {
      const text = draft.files[policy] ?? '';
      draft.files = {
        ...draft.files,
        [policy]: text.replace("'^production-v", "'^(?:production|staging)-v"),
        'images/staging.yaml': text
          .replaceAll(draft.namespace, draft.namespace.replace('production', 'staging'))
          .replace('name: backend\n  filter', `name: backend\n    namespace: ${draft.namespace}\n  filter`)
          .replace("'^production-v", "'^staging-v"),
      };
      draft.tags = [...draft.tags, stagingTag];
      draft.withheld = [...draft.withheld, 'images/staging.yaml'];
    },
  },
  {
    name: 'policy that takes the tags of all environments, with none beside it',
    link: 'written',
    code: 'policy-crosses',
    part: 'images',
    draft: all(edit(policy, "'^production-v", "'v"), (draft) => {
      draft.tags = [...draft.tags, 'staging-v0.0.9-ccccccc-1700000900'];
    }),
  },
  {
    name: 'marker of another environment',
    link: 'written',
    code: 'marker-crosses',
    part: 'images',
    draft: (draft) => {
      const text = (draft.files[policy] ?? '')
        .replace('name: backend\n', 'name: staging\n')
        .replace("'^production-v", "'^staging-v");
      draft.files = { ...draft.files, 'images/staging.yaml': text };
      draft.tags = [...draft.tags, stagingTag];
      edit(overlay, ':backend:tag', ':staging:tag')(draft);
    },
  },
  {
    name: 'tag of another environment, written by hand',
    link: 'written',
    code: 'tag-crosses',
    part: 'automation',
    draft: all(edit(automation, 'interval: 1m', 'interval: 10m'), (draft) => {
      draft.tags = [...draft.tags, stagingTag];
    }),
    isHealthyFirst: true,
    inject: (plot) => plot.push('By hand', { [overlay]: (text) => text.replace(tag1, stagingTag) }),
  },
];
