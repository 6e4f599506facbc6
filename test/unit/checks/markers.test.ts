import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { applyEdits } from '../../../src/manifests/edits';
import { check, imageRepository, policy } from './check';

const semver = '  policy:\n    semver:\n      range: 1.x\n';

function marked(marker: string): string {
  return `apiVersion: apps/v1\nkind: Deployment\nspec:\n  image: ghcr.io/acme/app:1.0.0 # {"$imagepolicy": "${marker}"}\n`;
}

describe('marker-unknown-policy', () => {
  it('names what the namespace has, and repairs a typing error', () => {
    check('marker-unknown-policy', {
      files: {
        'p.yaml': policy('backend', semver),
        'd.yaml': marked('«flux-system:backnd:tag»'),
      },
      says: ['this repository declares only backend there'],
      fixed: 'image: ghcr.io/acme/app:1.0.0 # {"$imagepolicy": "flux-system:backend:tag"}',
    });
    check('marker-unknown-policy', {
      files: { 'p.yaml': policy('backend', semver), 'd.yaml': marked('«flux-system:web»') },
      fixed: null,
    });
  });

  it('knows a namespace by its automation too', () => {
    const automation = policy('apps', '  interval: 1m\n').replace('ImagePolicy', 'ImageUpdateAutomation');
    check('marker-unknown-policy', {
      files: { 'a.yaml': automation, 'd.yaml': marked('«flux-system:web»') },
      says: ['none at all'],
    });
  });

  it('is silent where the policy may be elsewhere', () => {
    check('marker-unknown-policy', {
      files: { 'p.yaml': policy('backend', semver), 'd.yaml': marked('flux-system:backend') },
    });
    check('marker-unknown-policy', { files: { 'p.yaml': policy('backend', semver), 'd.yaml': marked('other:web') } });
    check('marker-unknown-policy', {
      files: { 'p.yaml': policy('${name}-prod', semver), 'd.yaml': marked('flux-system:web-prod') },
    });
    check('marker-unknown-policy', {
      files: {
        'p.yaml': policy('backend', semver),
        'set.yaml': `apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nspec:\n  resources:\n    - apiVersion: image.toolkit.fluxcd.io/v1\n      kind: ImagePolicy\n`,
        'd.yaml': marked('flux-system:web'),
      },
    });
  });

  it('is silenced by a comment on the line above, and by severity', () => {
    const line = '  image: a:1 # {"$imagepolicy": "flux-system:web"}\n';
    const p = policy('backend', semver);
    check('marker-unknown-policy', {
      files: { 'p.yaml': p, 'd.yaml': `a:\n  # flux-promote-disable-next-line marker-unknown-policy\n${line}` },
    });
    check('marker-unknown-policy', {
      files: { 'p.yaml': p, 'd.yaml': `a:\n  # flux-promote-disable-next-line\n${line}` },
    });
    check('marker-unknown-policy', {
      files: { 'p.yaml': p, 'd.yaml': `a:\n${line}` },
      severities: { 'marker-unknown-policy': 'off' },
    });
    check('marker-unknown-policy', {
      files: {
        'p.yaml': p,
        'd.yaml': `a:\n  # flux-promote-disable-next-line pattern-refused\n${line.replace('flux-system:web', '«flux-system:web»')}`,
      },
    });
  });
});

function automation(namespace: string, path: string, spec = ''): string {
  return `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata:
  name: apps
  namespace: ${namespace}
spec:
${spec}  sourceRef:
    kind: GitRepository
    name: flux-system
    namespace: flux-system
  update:
    path: ${path}
`;
}

describe('marker-wrong-namespace', () => {
  it('names the namespace that has the policy', () => {
    const files = { 'p.yaml': policy('app', semver, 'apps'), 'a.yaml': automation('flux-system', '.') };
    check('marker-wrong-namespace', {
      files: { ...files, 'd.yaml': marked('«flux-system:app:tag»') },
      fixed: 'image: ghcr.io/acme/app:1.0.0 # {"$imagepolicy": "apps:app:tag"}',
    });
    check('marker-wrong-namespace', { files: { ...files, 'd.yaml': marked('apps:app') } });
    check('marker-wrong-namespace', { files: { ...files, 'd.yaml': marked('elsewhere:app') } });
  });
});

describe('marker-not-selected', () => {
  const kustomization =
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - p.yaml\n  - a.yaml\n';
  const labelled = (label: string): string =>
    policy('app', semver).replace('  namespace: flux-system\nspec', `  namespace: flux-system\n${label}spec`);
  const files = (label: string, selector: string, marker: string): Record<string, string> => ({
    'f/kustomization.yaml': kustomization,
    'f/p.yaml': labelled(label),
    'f/a.yaml': automation('flux-system', '.', selector),
    'd.yaml': marked(marker),
  });
  const web = '  labels:\n    tier: web\n';
  const selector = '  policySelector:\n    matchLabels:\n      tier: web\n';

  it('compares labels, and what a selector says of them besides', () => {
    check('marker-not-selected', {
      files: files('', selector, '«flux-system:app»'),
      says: ['its labels are not tier=web'],
      fixed: null,
    });
    check('marker-not-selected', { files: files(web, selector, 'flux-system:app') });
    check('marker-not-selected', { files: files('', '', 'flux-system:app') });
    const expressions = '  policySelector:\n    matchExpressions:\n      - {key: tier, operator: Exists}\n';
    check('marker-not-selected', { files: files('', expressions, '«flux-system:app»'), fixed: null });
    check('marker-not-selected', { files: files(web, expressions, 'flux-system:app') });
  });
});

describe('marker-outside-update-path', () => {
  it('speaks where the automation is known to write to this repository', () => {
    const files = { 'p.yaml': policy('app', semver), 'a.yaml': automation('flux-system', './apps/prod') };
    check('marker-outside-update-path', {
      files: {
        ...files,
        'apps/prod/d.yaml': marked('flux-system:app'),
        'apps/base/d.yaml': marked('«flux-system:app»'),
      },
      fixed: null,
    });
    check('marker-outside-update-path', { files: { ...files, 'apps/base/d.yaml': marked('flux-system:app') } });
  });
});

describe('marker-wrong-part', () => {
  const images = (field: string, marker: string): string =>
    `kind: Kustomization\nimages:\n  - name: a/b\n    ${field}: x1 # {"$imagepolicy": "${marker}"}\n`;

  it('gives the suffix of the field', () => {
    check('marker-wrong-part', {
      files: { 'k.yaml': images('newTag', '«flux-system:app»') },
      fixed: 'newTag: x1 # {"$imagepolicy": "flux-system:app:tag"}',
    });
    check('marker-wrong-part', {
      files: { 'k.yaml': images('newName', '«flux-system:app:tag»') },
      fixed: 'newName: x1 # {"$imagepolicy": "flux-system:app:name"}',
    });
    check('marker-wrong-part', {
      files: { 'd.yaml': 'containers:\n  - image: a:1 # {"$imagepolicy": "«flux-system:app:tag»"}\n' },
      fixed: '- image: a:1 # {"$imagepolicy": "flux-system:app"}',
    });
    check('marker-wrong-part', { files: { 'k.yaml': images('newTag', 'flux-system:app:tag') } });
    check('marker-wrong-part', { files: { 'v.yaml': 'image:\n  tag: a # {"$imagepolicy": "flux-system:app"}\n' } });
  });
});

describe('marker-type-trap', () => {
  const tag = (value: string): string => `newTag: ${value} # {"$imagepolicy": "flux-system:app:tag"}\n`;

  it('quotes what YAML reads as something else', () => {
    check('marker-type-trap', {
      files: { 'k.yaml': tag('«1.0»') },
      fixed: 'newTag: "1.0" # {"$imagepolicy": "flux-system:app:tag"}',
    });
    check('marker-type-trap', { files: { 'k.yaml': tag('«2024-01-02»') } });
    for (const fine of ['"1.0"', "'12'", '1.0.0', 'v1']) check('marker-type-trap', { files: { 'k.yaml': tag(fine) } });
  });
});

describe('marker-other-image', () => {
  const files = { 'p.yaml': policy('app', semver), 'r.yaml': imageRepository() };
  const image = (name: string, marker: string): string => `a: ${name}:1 # {"$imagepolicy": "${marker}"}\n`;

  it('compares the last part of the name', () => {
    check('marker-other-image', {
      files: { ...files, 'd.yaml': image('ghcr.io/acme/web', '«flux-system:app»') },
      says: ['This line is of ghcr.io/acme/web'],
      fixed: null,
    });
    check('marker-other-image', { files: { ...files, 'd.yaml': image('mirror.example.com/app', 'flux-system:app') } });
    check('marker-other-image', { files: { ...files, 'd.yaml': image('${NAME}', 'flux-system:app') } });
    check('marker-other-image', { files: { 'p.yaml': files['p.yaml'], 'd.yaml': image('other', 'flux-system:app') } });
    const entry = (name: string, marker: string): string =>
      `kind: Kustomization\nimages:\n  - name: ${name}\n    newTag: x1 # {"$imagepolicy": "${marker}"}\n`;
    check('marker-other-image', { files: { ...files, 'k.yaml': entry('acme/web', '«flux-system:app:tag»') } });
    check('marker-other-image', { files: { ...files, 'k.yaml': entry('web', 'flux-system:app:tag') } });
  });
});

describe('marker-no-digest', () => {
  const digest = (marker: string): string => `digest: sha256:0 # {"$imagepolicy": "${marker}"}\n`;

  it('looks at the policy', () => {
    check('marker-no-digest', {
      files: { 'p.yaml': policy('app', semver), 'k.yaml': digest('«flux-system:app:digest»') },
      fixed: null,
    });
    const reflecting = policy('app', `${semver}  digestReflectionPolicy: IfNotPresent\n`);
    check('marker-no-digest', { files: { 'p.yaml': reflecting, 'k.yaml': digest('flux-system:app:digest') } });
    check('marker-no-digest', { files: { 'k.yaml': digest('flux-system:app:digest') } });
  });
});

describe('marker-malformed', () => {
  it('writes what is meant', () => {
    check('marker-malformed', {
      files: { 'd.yaml': `image: a:1 «# {'$imagepolicy': 'flux-system:app:tag'}»\n` },
      fixed: 'image: a:1 # {"$imagepolicy": "flux-system:app:tag"}',
    });
    check('marker-malformed', {
      files: { 'd.yaml': 'image: a:1 «# {"$imagepolicy": "app"}»\n' },
      says: ['namespace:policy'],
      fixed: null,
    });
    check('marker-malformed', { files: { 'd.yaml': marked('flux-system:app') } });
    check('marker-malformed', {
      files: { 'd.yaml': '# image: a:1 # {"$imagepolicy": "flux-system:app"}\nimage: a:1\n' },
    });
  });
});

describe('marker-dead-place', () => {
  const marker = '# {"$imagepolicy": "flux-system:app"}';

  it('moves a marker from above a key behind the value', () => {
    const [finding] = check('marker-dead-place', { files: { 'd.yaml': `a:\n  b: 1\n  «${marker}»\n  image: a:1\n` } });
    assert.deepEqual(
      applyEdits(`a:\n  b: 1\n  ${marker}\n  image: a:1\n`, finding?.fixes[0]?.edits[0]?.edits ?? []),
      `a:\n  b: 1\n  image: a:1 ${marker}\n`,
    );
  });

  it('says why each place is dead', () => {
    check('marker-dead-place', { files: { 'd.yaml': `a: {b: c} «${marker}»\n` }, says: ['on one line'], fixed: null });
    check('marker-dead-place', {
      files: { 'd.yaml': `kind: List\nitems:\n  - image: a:1 «${marker}»\n` },
      says: ['a new file'],
    });
    check('marker-dead-place', {
      files: { 'd.yaml': `- op: add\n  value: a:1 «${marker}»\n` },
      says: ['a list at the top'],
    });
    check('marker-dead-place', { files: { 'd.yaml': `image: a:1 ${marker}\n` } });
    check('marker-dead-place', { files: { 'd.yaml': `a: 1\n# image: a:1 ${marker}\nb: 2\n` } });
  });
});
