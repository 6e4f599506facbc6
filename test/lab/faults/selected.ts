// selected: the ImagePolicy has chosen a tag.
import { tag1, tag2 } from './plot';
import { all, edit, type FaultRow, newer, overlay, policy, repository, withhold } from './row';

export const selectedFaults: readonly FaultRow[] = [
  {
    name: 'policy refused',
    link: 'selected',
    code: 'policy-invalid',
    part: 'images',
    draft: edit(policy, "'^production", "'^(?!latest)production"),
  },
  {
    name: 'policy refused after it was failing: Stalled before Ready',
    link: 'selected',
    code: 'policy-invalid',
    part: 'images',
    draft: edit(policy, "'^production-v", "'^nosuch-v"),
    inject: async (plot) => {
      await plot.until('matches nothing', ({ faults }) => faults[0]?.code === 'policy-no-match');
      await plot.patch('ImagePolicy', { spec: { filterTags: { pattern: '^(?!latest)' } } });
    },
  },
  {
    name: 'policy that is not what Git declares, and fails',
    link: 'selected',
    code: 'policy-outdated',
    part: 'images',
    isHealthyFirst: true,
    inject: (plot) => plot.patch('ImagePolicy', { spec: { filterTags: { pattern: '^prod-v(?P<ts>[0-9]+)$' } } }),
  },
  {
    name: 'policy matching nothing',
    link: 'selected',
    code: 'policy-no-match',
    part: 'images',
    draft: edit(policy, "'^production-v", "'^prod-v"),
  },
  {
    name: 'policy out of range',
    link: 'selected',
    code: 'policy-out-of-range',
    part: 'images',
    draft: all(
      edit(policy, "'$ts'", "'$version'"),
      edit(policy, 'numerical:\n      order: asc', "semver:\n      range: '>=9.0.0'"),
    ),
  },
  {
    name: 'policy unparsable',
    link: 'selected',
    code: 'policy-unparsable',
    part: 'images',
    draft: edit(policy, "    extract: '$ts'\n", ''),
  },
  {
    name: 'policy suspended with an old reference',
    link: 'selected',
    code: 'policy-suspended',
    part: 'images',
    isHealthyFirst: true,
    inject: (plot) => plot.patch('ImagePolicy', { spec: { suspend: true } }),
  },
  {
    name: 'policy: no such ImageRepository',
    link: 'scanned',
    code: 'repository-missing',
    part: 'images',
    draft: edit(policy, 'name: backend\n  filter', 'name: nobody\n  filter'),
  },
  {
    name: 'policy access denied',
    link: 'selected',
    code: 'policy-access-denied',
    part: 'images',
    draft: (draft) => {
      const other = `${draft.namespace}-other`;
      const text = (draft.files[repository] ?? '').replace(`namespace: ${draft.namespace}`, `namespace: ${other}`);
      draft.files = { ...draft.files, [repository]: text };
      draft.withheld = [repository];
      draft.more = [`apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${other}\n`, text];
      edit(policy, 'name: backend\n  filter', `name: backend\n    namespace: ${other}\n  filter`)(draft);
    },
  },
  {
    name: 'policy selecting another tag, which wins',
    link: 'selected',
    code: 'policy-prefers-another',
    part: 'images',
    draft: all(newer, edit(overlay, tag1, tag2)),
    ask: () => ({ wanted: tag1 }),
  },
  {
    name: 'policy to which all tags are the same',
    link: 'selected',
    code: 'policy-prefers-another',
    part: 'images',
    draft: all(newer, edit(policy, "'$ts'", "'$time'"), edit(policy, 'numerical', 'alphabetical')),
    ask: () => ({ wanted: tag2 }),
  },
  {
    name: 'policy not taking the tag',
    link: 'selected',
    code: 'policy-ignores-tag',
    part: 'images',
    inject: (plot) => plot.pushTag('hotfix-7'),
    ask: () => ({ wanted: 'hotfix-7' }),
  },
  {
    name: 'policy declared, not in the cluster',
    link: 'selected',
    code: 'policy-missing',
    part: 'images',
    draft: withhold(policy),
  },
  {
    name: 'marker orphaned',
    link: 'selected',
    code: 'marker-orphaned',
    part: 'images',
    draft: edit(overlay, ':backend:tag', ':nobody:tag'),
  },
  {
    name: 'marker orphaned: it names another namespace',
    link: 'selected',
    code: 'marker-orphaned',
    part: 'images',
    draft: edit(overlay, /"\$imagepolicy": "[^:]*:/, '"$imagepolicy": "flux-system:'),
  },
  {
    name: 'marker of another image',
    link: 'scanned',
    code: 'repository-other-image',
    part: 'images',
    draft: all(
      (draft) => {
        const { [repository]: list = '', [policy]: rule = '' } = draft.files;
        const other = [list.replace(/image: (.*)/, 'image: $1-other'), rule].map((text) =>
          text.replaceAll(': backend\n', ': other\n'),
        );
        draft.files = { ...draft.files, 'images/other.yaml': other.join('---\n') };
      },
      edit(overlay, ':backend:tag', ':other:tag'),
    ),
    inject: async (plot) => {
      await plot.pushTag(tag2, `${plot.draft.image}-other`);
      await plot.nudge('ImageRepository', 'other');
    },
  },
  {
    name: 'half-deleted policy',
    link: 'selected',
    code: 'object-deleting',
    part: 'images',
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.patch('ImagePolicy', { metadata: { finalizers: ['example.invalid/keep'] } });
      plot.afterwards(() => plot.patch('ImagePolicy', { metadata: { finalizers: null } }));
      await plot.field.api.remove(plot.path('ImagePolicy'));
    },
  },
  {
    name: 'policy: no tag was stored',
    link: 'selected',
    code: 'policy-no-tags',
    part: 'images',
    draft: edit(repository, 'spec:\n', "spec:\n  exclusionList: ['.*']\n"),
  },
  {
    name: 'nothing wrong, only waiting: for the next scan',
    link: 'selected',
    code: 'policy-pending',
    part: 'images',
    draft: edit(repository, 'interval: 1m', 'interval: 10m'),
    isHealthyFirst: true,
    inject: (plot) => plot.pushTag(tag2),
    ask: () => ({ wanted: tag2 }),
  },
];
