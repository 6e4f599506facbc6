// The wrong environment: what pulled a foreign tag in.
import { automation, type FaultRow, policy } from './row';

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
      draft.tags = [...draft.tags, 'staging-v0.0.1-aaaaaaa-1700000001'];
      draft.withheld = [...draft.withheld, 'images/staging.yaml'];
    },
  },
];
