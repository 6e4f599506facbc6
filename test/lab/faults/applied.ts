// applied: the Kustomization has applied the revision.
import { type Draft, tag1 } from './plot';
import { all, apps, deployment, edit, type FaultRow, overlay, withhold } from './row';

/** Another Deployment of the same Kustomization, whose image is not there. */
function unhealthyNeighbour(draft: Draft): void {
  const other = (draft.files[deployment] ?? '')
    .replaceAll('backend', 'other')
    .replace(/image: .*/, `image: ${draft.image}-missing:broken`);
  draft.files = { ...draft.files, 'apps/production/other.yaml': other };
  edit(overlay, 'resources:', 'resources:\n  - other.yaml')(draft);
}

export const appliedFaults: readonly FaultRow[] = [
  {
    name: 'Kustomization suspended',
    link: 'applied',
    code: 'kustomization-suspended',
    part: 'apply',
    isHealthyFirst: true,
    inject: (plot) => plot.patch('Kustomization', { spec: { suspend: true } }),
  },
  {
    name: 'Kustomization suspended by Git',
    link: 'applied',
    code: 'kustomization-suspended',
    part: 'apply',
    draft: edit(apps, '  prune: true', '  prune: true\n  suspend: true'),
  },
  { name: 'no Kustomization', link: 'applied', code: 'kustomization-missing', part: 'apply', draft: withhold(apps) },
  {
    name: 'Kustomization failing: build',
    link: 'applied',
    code: 'build-failed',
    part: 'apply',
    isHealthyFirst: true,
    inject: (plot) =>
      plot.push('Typo', { [overlay]: (text) => text.replace('resources:', 'resources:\n  - nowhere.yaml') }),
  },
  {
    name: 'Kustomization failing: apply',
    link: 'applied',
    code: 'apply-failed',
    part: 'apply',
    isHealthyFirst: true,
    inject: (plot) =>
      plot.push('A kind that nobody serves', {
        'apps/production/widget.yaml': () => 'apiVersion: example.invalid/v1\nkind: Widget\nmetadata:\n  name: one\n',
        [overlay]: (text) => text.replace('resources:', 'resources:\n  - widget.yaml'),
      }),
  },
  {
    name: 'Kustomization failing: health of another object',
    link: 'applied',
    code: 'health-failed',
    part: 'apply',
    draft: all(unhealthyNeighbour, edit(apps, 'timeout: 30s', 'timeout: 2s\n  wait: true')),
  },
  {
    name: 'nothing wrong, only waiting: for the health of another object',
    link: 'applied',
    code: 'health-waiting',
    part: 'apply',
    draft: all(unhealthyNeighbour, edit(apps, 'timeout: 30s', 'timeout: 5m\n  wait: true')),
  },
  {
    name: 'stuck in the health check of an older revision',
    link: 'applied',
    code: 'health-older-revision',
    part: 'apply',
    draft: edit(apps, 'timeout: 30s', 'timeout: 10m\n  wait: true'),
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.push('A bad one', {
        [deployment]: (text) => text + '        - name: sidecar\n          image: ' + plot.draft.image + '-broken:1\n',
      });
      await plot.until('waits for health', ({ faults }) =>
        faults.some(({ link, code }) => link === 'rolled out' || code === 'health-waiting'),
      );
      await plot.push('The next one', { 'notes.txt': () => 'next' });
    },
  },
  {
    name: 'waiting for a dependency',
    link: 'applied',
    code: 'dependency-waiting',
    part: 'apply',
    draft: edit(apps, '  prune: true', '  prune: true\n  dependsOn:\n    - name: nobody'),
  },
  {
    name: 'waiting for a dependency that waits for another',
    link: 'applied',
    code: 'dependency-waiting',
    part: 'apply',
    draft: all(edit(apps, '  prune: true', '  prune: true\n  dependsOn:\n    - name: middle'), (draft) => {
      const middle = (draft.files[apps] ?? '').replace('name: backend', 'name: middle');
      draft.more = [...draft.more, middle.replace('- name: middle', '- name: nobody')];
    }),
  },
  {
    name: 'waiting for itself',
    link: 'applied',
    code: 'dependency-waiting',
    part: 'apply',
    draft: all(edit(apps, '  prune: true', '  prune: true\n  dependsOn:\n    - name: middle'), (draft) => {
      const middle = (draft.files[apps] ?? '').replace('name: backend', 'name: middle');
      draft.more = [...draft.more, middle.replace('- name: middle', '- name: backend')];
    }),
  },
  {
    name: 'a health check of an object that nobody applies',
    link: 'applied',
    code: 'health-failed',
    part: 'apply',
    draft: (draft) =>
      edit(
        apps,
        'timeout: 30s',
        `timeout: 2s\n  healthChecks:\n    - apiVersion: apps/v1\n      kind: Deployment\n      name: nobody\n      namespace: ${draft.namespace}`,
      )(draft),
  },
  {
    name: 'Kustomization failing: two manifests of one object',
    link: 'applied',
    code: 'build-failed',
    part: 'apply',
    isHealthyFirst: true,
    inject: (plot) =>
      plot.push('Twice', {
        'apps/production/again.yaml': () => plot.draft.files[deployment] ?? '',
        [overlay]: (text) => text.replace('resources:', 'resources:\n  - again.yaml'),
      }),
  },
  {
    name: 'Kustomization failing: a namespace that does not exist',
    link: 'applied',
    code: 'apply-failed',
    part: 'apply',
    isHealthyFirst: true,
    inject: (plot) =>
      plot.push('A ConfigMap for nowhere', {
        'apps/production/nowhere/kustomization.yaml': () => 'namespace: nowhere\nresources:\n  - map.yaml\n',
        'apps/production/nowhere/map.yaml': () => 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n',
        [overlay]: (text) => text.replace(/^namespace: .*\n/, '').replace('resources:', 'resources:\n  - nowhere'),
        [deployment]: (text) =>
          text.replace('name: backend\n', `name: backend\n  namespace: ${plot.draft.namespace}\n`),
      }),
  },
  {
    name: 'Kustomization failing: an immutable field',
    link: 'applied',
    code: 'apply-failed',
    part: 'apply',
    isHealthyFirst: true,
    inject: (plot) =>
      plot.push('Another selector', { [deployment]: (text) => text.replaceAll('app: backend', 'app: other') }),
  },
  {
    name: 'Kustomization path not containing the file',
    link: 'applied',
    code: 'kustomization-path',
    part: 'apply',
    isHealthyFirst: true,
    inject: (plot) => plot.patch('Kustomization', { spec: { path: './images' } }),
  },
  {
    name: 'no Kustomization applies the file',
    link: 'applied',
    code: 'kustomization-path',
    part: 'apply',
    draft: edit(apps, './apps/production', './apps/nowhere'),
  },
  {
    name: 'an image override beats the marker',
    link: 'applied',
    code: 'image-override-beats',
    part: 'apply',
    isHealthyFirst: true,
    draft: (draft) => {
      draft.tags = [...draft.tags, 'pinned'];
    },
    inject: (plot) => plot.patch('Kustomization', { spec: { images: [{ name: plot.draft.image, newTag: 'pinned' }] } }),
  },
  {
    name: 'an override puts another image in place of the marked one',
    link: 'applied',
    code: 'image-override-beats',
    part: 'apply',
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.pushTag(tag1, `${plot.draft.image}-mirror`);
      const images = [{ name: plot.draft.image, newName: `${plot.draft.image}-mirror` }];
      await plot.patch('Kustomization', { spec: { images } });
    },
  },
  {
    name: 'an image override misses',
    link: 'applied',
    code: 'image-override-misses',
    part: 'apply',
    draft: all(
      edit(overlay, /name: (.*)\n/, 'name: $1-renamed\n'),
      edit(deployment, /image: (.*)/, `image: $1:${tag1}`),
    ),
  },
];
