// The fault table: one row for every clause of "why nothing happened". Each row says how its fault comes into a delivery that
// is healthy otherwise, and what the explanation must name: that fault, at that link, and nothing else.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JsonObject, listAt, objectAt, textAt } from '../../src/lab/cluster/json';
import type { FaultCode } from '../../src/model/fault';
import type { LinkName } from '../../src/model/fleet';
import { type Draft, type Plot, type PlotQuestion, podNames, tag1, tag2 } from './explain/plot';
import { forgeWith } from './explain/runs';
import { installHook, protectBranch } from './git/serverHooks';

export interface FaultRow {
  /** Unique, in the words of the clause. */
  readonly name: string;
  readonly link: LinkName;
  readonly code: FaultCode;
  /** Before the delivery is made. */
  readonly draft?: (draft: Draft) => void;
  /** After it is made, and healthy where `isHealthyFirst`. */
  readonly inject?: (plot: Plot) => Promise<void>;
  readonly isHealthyFirst?: true;
  readonly ask?: (plot: Plot) => PlotQuestion;
  /** What only the practice lab can be made to do; said why. */
  readonly labOnly?: string;
  /** Which part of a delivery it breaks: two rows of one part are no pair. */
  readonly part: 'run' | 'images' | 'automation' | 'source' | 'apply' | 'workload';
}

const edit = (file: string, from: string | RegExp, to: string) => (draft: Draft) => {
  const before = draft.files[file] ?? '';
  const after = typeof from === 'string' ? before.replace(from, () => to) : before.replace(from, to);
  if (after === before) throw new Error(`${file} has no ${String(from)}`);
  draft.files = { ...draft.files, [file]: after };
};
const all =
  (...edits: readonly ((draft: Draft) => void)[]) =>
  (draft: Draft) => {
    for (const one of edits) one(draft);
  };
/** A newer tag that Flux ought to write. */
const newer = (draft: Draft): void => {
  draft.tags = [...draft.tags, tag2];
};
const withhold = (file: string) => (draft: Draft) => {
  draft.withheld = [...draft.withheld, file];
};

const repository = 'images/repository.yaml';
const policy = 'images/policy.yaml';
const automation = 'images/automation.yaml';
const source = 'sync/source.yaml';
const apps = 'sync/apps.yaml';
const overlay = 'apps/production/kustomization.yaml';
const deployment = 'apps/production/deployment.yaml';

const failTags = (status: number, code: string, message: string) => async (plot: Plot) => {
  const path = plot.draft.image.slice(plot.field.registry.host.length + 1);
  const body = JSON.stringify({ errors: [{ code, message }] });
  plot.field.failTags(path, { status, headers: { 'content-type': 'application/json' }, body });
  await plot.nudge('ImageRepository');
};
const answers = 'the registry must answer as no healthy one does';
const kubelet = 'a kubelet must say so';

export const faultRows: readonly FaultRow[] = [
  // requested, built
  {
    name: 'no run',
    link: 'requested',
    code: 'run-missing',
    part: 'run',
    ask: () => ({ wanted: tag2, forge: forgeWith() }),
  },
  {
    name: 'run failed at a step',
    link: 'built',
    code: 'run-failed',
    part: 'run',
    ask: () => ({ forge: forgeWith('failed') }),
  },
  {
    name: 'run cancelled',
    link: 'built',
    code: 'run-cancelled',
    part: 'run',
    ask: () => ({ forge: forgeWith('cancelled') }),
  },
  {
    name: 'run waiting for approval',
    link: 'built',
    code: 'run-waiting',
    part: 'run',
    ask: () => ({ forge: forgeWith('waiting') }),
  },
  {
    name: 'run under way',
    link: 'built',
    code: 'run-going',
    part: 'run',
    ask: () => ({ forge: forgeWith('running') }),
  },
  // published
  { name: 'tag absent', link: 'published', code: 'tag-missing', part: 'run', ask: () => ({ wanted: tag2 }) },
  {
    name: 'tag in another repository',
    link: 'published',
    code: 'tag-elsewhere',
    part: 'run',
    inject: (plot) => plot.pushTag(tag2, `${plot.draft.image}-elsewhere`),
    ask: (plot) => ({ wanted: tag2, images: [`${plot.draft.image}-elsewhere`] }),
  },
  // scanned
  {
    name: 'tag excluded',
    link: 'scanned',
    code: 'tag-excluded',
    part: 'images',
    draft: all(newer, edit(repository, 'spec:\n', "spec:\n  exclusionList: ['^.*\\.sig$', '-1700000200$']\n")),
    ask: () => ({ wanted: tag2 }),
  },
  {
    name: 'scan suspended',
    link: 'scanned',
    code: 'scan-suspended',
    part: 'images',
    draft: edit(repository, 'spec:\n', 'spec:\n  suspend: true\n'),
  },
  {
    name: 'scan failing: authentication',
    link: 'scanned',
    code: 'scan-unauthorized',
    part: 'images',
    isHealthyFirst: true,
    inject: failTags(401, 'UNAUTHORIZED', 'authentication required'),
    labOnly: answers,
  },
  {
    name: 'scan failing: permission',
    link: 'scanned',
    code: 'scan-unauthorized',
    part: 'images',
    isHealthyFirst: true,
    inject: failTags(403, 'DENIED', 'requested access to the resource is denied'),
    labOnly: answers,
  },
  {
    name: 'scan failing: TLS',
    link: 'scanned',
    code: 'scan-tls',
    part: 'images',
    isHealthyFirst: true,
    inject: failTags(
      502,
      'UNKNOWN',
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    ),
    labOnly: answers,
  },
  {
    name: 'scan failing: rate limit',
    link: 'scanned',
    code: 'scan-rate-limited',
    part: 'images',
    isHealthyFirst: true,
    inject: failTags(429, 'TOOMANYREQUESTS', 'too many requests'),
    labOnly: answers,
  },
  {
    name: 'scan failing: the registry is broken',
    link: 'scanned',
    code: 'scan-failed',
    part: 'images',
    isHealthyFirst: true,
    inject: failTags(500, 'UNKNOWN', 'unknown error'),
    labOnly: answers,
  },
  {
    name: 'scan failing: URL with a scheme',
    link: 'scanned',
    code: 'scan-url',
    part: 'images',
    draft: edit(repository, 'image: ', 'image: https://'),
  },
  {
    name: 'scan failing: no such repository',
    link: 'scanned',
    code: 'scan-url',
    part: 'images',
    draft: edit(repository, /image: (.*)/, 'image: $1-nowhere'),
  },
  {
    name: 'scan failing: exclusion pattern',
    link: 'scanned',
    code: 'scan-pattern',
    part: 'images',
    draft: edit(repository, 'spec:\n', "spec:\n  exclusionList: ['(']\n"),
  },
  { name: 'scan stale', link: 'scanned', code: 'scan-stale', part: 'images', ask: () => ({ laterMs: 3_600_000 }) },
  {
    name: 'no ImageRepository',
    link: 'scanned',
    code: 'repository-missing',
    part: 'images',
    draft: withhold(repository),
  },
  {
    name: 'tags of another image scanned',
    link: 'scanned',
    code: 'repository-other-image',
    part: 'images',
    draft: edit(repository, /image: (.*)/, 'image: $1-other'),
    inject: async (plot) => {
      await plot.pushTag(tag1, `${plot.draft.image}-other`);
      await plot.nudge('ImageRepository');
    },
  },
  // selected
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
  // written
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
      await writeFile(join(plot.bare, 'refs/heads/main.lock'), '');
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
  // the wrong environment
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
  // fetched
  {
    name: 'source failing',
    link: 'fetched',
    code: 'source-failed',
    part: 'source',
    isHealthyFirst: true,
    inject: async (plot) => plot.patch('GitRepository', { spec: { url: `${plot.field.git.baseUrl}/none.git` } }),
  },
  {
    name: 'source suspended',
    link: 'fetched',
    code: 'source-suspended',
    part: 'source',
    isHealthyFirst: true,
    inject: (plot) => plot.patch('GitRepository', { spec: { suspend: true } }),
  },
  {
    name: 'source on another branch',
    link: 'fetched',
    code: 'source-other-branch',
    part: 'source',
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.branch('release');
      await plot.patch('GitRepository', { spec: { ref: { branch: 'release' } } });
    },
  },
  {
    name: 'source pinned to a tag',
    link: 'fetched',
    code: 'source-pinned',
    part: 'source',
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.tag('v1');
      await plot.patch('GitRepository', { spec: { ref: { branch: null, tag: 'v1' } } });
    },
  },
  {
    name: 'source not yet at the commit',
    link: 'fetched',
    code: 'source-behind',
    part: 'source',
    draft: edit(source, 'interval: 1m', 'interval: 10m'),
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.patch('GitRepository', { spec: { interval: '1h' } });
      await plot.push('Later', { 'notes.txt': () => 'one more' }, 'unannounced');
    },
  },
  { name: 'no source', link: 'fetched', code: 'source-missing', part: 'source', draft: withhold(source) },
  // applied
  {
    name: 'Kustomization suspended',
    link: 'applied',
    code: 'kustomization-suspended',
    part: 'apply',
    isHealthyFirst: true,
    inject: (plot) => plot.patch('Kustomization', { spec: { suspend: true } }),
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
    draft: (draft) => {
      const other = (draft.files[deployment] ?? '')
        .replaceAll('backend', 'other')
        .replace(/image: .*/, `image: ${draft.image}-missing:broken`);
      draft.files = { ...draft.files, 'apps/production/other.yaml': other };
      edit(overlay, 'resources:', 'resources:\n  - other.yaml')(draft);
      edit(apps, 'timeout: 30s', 'timeout: 2s\n  wait: true')(draft);
    },
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
    name: 'an image override misses',
    link: 'applied',
    code: 'image-override-misses',
    part: 'apply',
    draft: all(
      edit(overlay, /name: (.*)\n/, 'name: $1-renamed\n'),
      edit(deployment, /image: (.*)/, `image: $1:${tag1}`),
    ),
  },
  // rolled out
  {
    name: 'rollout stuck: pull error',
    link: 'rolled out',
    code: 'image-pull',
    part: 'workload',
    isHealthyFirst: true,
    inject: (plot) =>
      plot.push('A sidecar', {
        [deployment]: (text) => `${text}        - name: sidecar\n          image: ${plot.draft.image}-broken:1\n`,
      }),
  },
  {
    name: 'rollout stuck: crash',
    link: 'rolled out',
    code: 'crash-loop',
    part: 'workload',
    isHealthyFirst: true,
    inject: async (plot) => {
      const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' };
      await patchPods(plot, {
        state: { waiting },
        ready: false,
        restartCount: 4,
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      });
    },
    labOnly: kubelet,
  },
  {
    name: 'rollout stuck: configuration',
    link: 'rolled out',
    code: 'container-config',
    part: 'workload',
    isHealthyFirst: true,
    inject: (plot) =>
      patchPods(plot, {
        state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "db" not found' } },
        ready: false,
      }),
    labOnly: kubelet,
  },
  {
    name: 'rollout stuck: readiness',
    link: 'rolled out',
    code: 'not-ready',
    part: 'workload',
    isHealthyFirst: true,
    inject: async (plot) => {
      await patchPods(plot, { ready: false });
    },
    labOnly: kubelet,
  },
  {
    name: 'drifted',
    link: 'rolled out',
    code: 'workload-drifted',
    part: 'workload',
    isHealthyFirst: true,
    draft: (draft) => {
      draft.tags = [...draft.tags, 'other-1'];
    },
    inject: (plot) =>
      plot.patch(
        'Deployment',
        { spec: { template: { spec: { containers: [{ name: 'backend', image: `${plot.draft.image}:other-1` }] } } } },
        'kubectl-set',
      ),
  },
  // bad input
  {
    name: 'half-deleted policy',
    link: 'selected',
    code: 'object-deleting',
    part: 'images',
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.patch('ImagePolicy', { metadata: { finalizers: ['example.invalid/keep'] } });
      await plot.field.api.remove(plot.path('ImagePolicy'));
    },
  },
];

/** What a kubelet says of the container, and that the pod is not ready. */
async function patchPods(plot: Plot, status: JsonObject): Promise<void> {
  for (const name of await podNames(plot)) {
    const path = plot.path('Pod', name);
    const pod = await plot.field.api.get(path);
    const containerStatuses = listAt(pod, 'status', 'containerStatuses').map((one) => ({
      ...objectAt(one),
      ...status,
    }));
    const conditions = listAt(pod, 'status', 'conditions').map((one) => ({
      ...objectAt(one),
      ...(textAt(one, 'type')?.endsWith('Ready') === true ? { status: 'False' } : {}),
    }));
    await plot.field.api.patch(`${path}/status`, { status: { containerStatuses, conditions } }, 'kubelet');
  }
}

/** What an injection left on disk that would outlive its row. */
export async function clearFault(plot: Plot): Promise<void> {
  await rm(join(plot.bare, 'refs/heads/main.lock'), { force: true });
  await installHook(plot.bare, 'pre-receive', 'exit 0');
}
