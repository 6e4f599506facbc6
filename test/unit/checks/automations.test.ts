import { describe, it } from 'mocha';
import { check, imageRepository, policy } from './check';

const semver = '  policy:\n    semver:\n      range: 1.x\n';
const markedApp = 'image: ghcr.io/acme/app:1.0.0 # {"$imagepolicy": "flux-system:app"}\n';

/** `spec` is indented by two. */
function automation(spec = '', path = './apps', name = 'apps'): string {
  return `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata:
  name: ${name}
  namespace: flux-system
spec:
${spec}  sourceRef:
    kind: GitRepository
    name: flux-system
  update:
    path: ${path}
`;
}

describe('automation-declares-suspend-false', () => {
  it('removes the line', () => {
    check('automation-declares-suspend-false', {
      files: { 'a.yaml': automation('  suspend: «false»\n') },
      fixed: 'sourceRef:',
    });
    check('automation-declares-suspend-false', { files: { 'a.yaml': automation('  suspend: true\n') } });
    check('automation-declares-suspend-false', { files: { 'a.yaml': imageRepository('  suspend: false\n') } });
  });
});

describe('automation-no-branch', () => {
  const unnamed = (spec: string): string => automation(spec).replace('name: apps', 'name: «apps»');

  it('looks at the checkout and at the GitRepository', () => {
    check('automation-no-branch', {
      files: { 'a.yaml': unnamed('  git:\n    checkout:\n      ref:\n        tag: v1\n') },
      fixed: null,
    });
    check('automation-no-branch', {
      files: { 'a.yaml': automation('  git:\n    checkout:\n      ref:\n        branch: main\n') },
    });
    check('automation-no-branch', { files: { 'a.yaml': automation('  git: {}\n') } });
  });
});

describe('automation-removed-template-field', () => {
  const template = (text: string): string => automation(`  git:\n    commit:\n      messageTemplate: '${text}'\n`);

  it('marks the field, and only inside an action', () => {
    check('automation-removed-template-field', {
      files: { 'a.yaml': template('{{ range «.Updated».Images }}{{ end }}') },
      fixed: null,
    });
    check('automation-removed-template-field', { files: { 'a.yaml': template('{{ «.Changed.ImageResult» }}') } });
    check('automation-removed-template-field', { files: { 'a.yaml': template('{{ .Values.Updated }} .Updated') } });
    check('automation-removed-template-field', {
      files: { 'a.yaml': template('{{ .Updated }}') },
      settings: { fluxVersion: '2.6' },
    });
  });
});

describe('automation-covers-other-environment', () => {
  const files = {
    'p.yaml': policy('app', semver),
    'apps/staging/app.yaml': markedApp,
    'r.yaml': imageRepository(),
  };

  it('judges an automation by its name', () => {
    check('automation-covers-other-environment', {
      files: { ...files, 'a.yaml': automation('', '«./apps»', 'production') },
      says: ['takes in tags of staging'],
      fixed: null,
    });
    check('automation-covers-other-environment', {
      files: { ...files, 'a.yaml': automation('', './apps', 'staging') },
    });
    check('automation-covers-other-environment', { files: { ...files, 'a.yaml': automation() } });
  });
});

describe('suspended-scan-protects-nothing', () => {
  const files = { 'p.yaml': policy('app', semver), 'apps/app.yaml': markedApp };

  it('speaks only where an automation still writes', () => {
    const suspended = imageRepository('  suspend: «true»\n');
    check('suspended-scan-protects-nothing', {
      files: { ...files, 'r.yaml': suspended, 'a.yaml': automation() },
      fixed: null,
    });
    const silent = imageRepository('  suspend: true\n');
    check('suspended-scan-protects-nothing', { files: { ...files, 'r.yaml': silent } });
    check('suspended-scan-protects-nothing', {
      files: { ...files, 'r.yaml': silent, 'a.yaml': automation('  suspend: true\n') },
    });
    check('suspended-scan-protects-nothing', {
      files: { ...files, 'p.yaml': policy('app', `${semver}  suspend: «true»\n`), 'a.yaml': automation() },
    });
  });
});

describe('repository-image-invalid', () => {
  it('leaves the bare name', () => {
    const repository = (image: string): string => imageRepository().replace('ghcr.io/acme/app', image);
    check('repository-image-invalid', {
      files: { 'r.yaml': repository('«https://ghcr.io/acme/app»') },
      says: ['a scheme'],
      fixed: 'image: ghcr.io/acme/app',
    });
    check('repository-image-invalid', {
      files: { 'r.yaml': repository('«localhost:5000/app:1»') },
      fixed: 'image: localhost:5000/app',
    });
    check('repository-image-invalid', { files: { 'r.yaml': repository('localhost:5000/app') } });
    check('repository-image-invalid', { files: { 'r.yaml': repository('${REGISTRY}/app:1') } });
  });
});

describe('repository-exclusions-drop-sig', () => {
  const numbers = policy('app', '  policy:\n    numerical: {}\n');
  const list = (first: string): string => imageRepository(`  exclusionList:\n    - ${first}\n    - '^beta-'\n`);

  it('repeats the default where a policy takes signatures', () => {
    check('repository-exclusions-drop-sig', {
      files: { 'p.yaml': numbers, 'r.yaml': list("«'^alpha-'»") },
      fixed: "- '^.*\\.sig$'\n    - '^alpha-'",
    });
    check('repository-exclusions-drop-sig', { files: { 'p.yaml': numbers, 'r.yaml': list("'\\.sig$'") } });
    check('repository-exclusions-drop-sig', {
      files: { 'p.yaml': policy('app', semver), 'r.yaml': list("'^alpha-'") },
    });
    check('repository-exclusions-drop-sig', { files: { 'r.yaml': list("'^alpha-'") } });
  });
});

describe('api-version-not-served', () => {
  const old = (version: string): string => policy('app', semver).replace('fluxcd.io/v1', `fluxcd.io/${version}`);

  it('moves v1beta2 to v1', () => {
    const files = {
      'p.yaml': old('v1beta2').replace('image.toolkit.fluxcd.io/v1beta2', '«image.toolkit.fluxcd.io/v1beta2»'),
    };
    check('api-version-not-served', { files, fixed: 'apiVersion: image.toolkit.fluxcd.io/v1' });
    check('api-version-not-served', { files: { 'p.yaml': old('v1beta2') }, settings: { fluxVersion: '2.8' } });
    check('api-version-not-served', { files: { 'p.yaml': old('v1') } });
  });

  it('takes every release before 2.0 for an old one', () => {
    const components = '# Flux Version: v0.38.3\napiVersion: v1\nkind: Namespace\n';
    check('api-version-not-served', { files: { 'c/gotk-components.yaml': components, 'p.yaml': old('v1beta1') } });
  });

  it('believes what the repository installs', () => {
    const components = '# Flux Version: v2.6.4\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: flux-system\n';
    const installed = { 'clusters/a/flux-system/gotk-components.yaml': components };
    check('api-version-not-served', { files: { ...installed, 'p.yaml': old('v1beta2') } });
    check('api-version-not-served', {
      files: {
        ...installed,
        'p.yaml': old('v1').replace('image.toolkit.fluxcd.io/v1', '«image.toolkit.fluxcd.io/v1»'),
      },
      fixed: null,
    });
  });
});

describe('extract-substituted', () => {
  const filter = (extract: string): string =>
    policy(
      'app',
      `  filterTags:\n    pattern: '^(?P<ts>[0-9]+)$'\n    extract: ${extract}\n  policy:\n    numerical: {}\n`,
    );
  const kustomization = (postBuild: string): string => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  path: ./apps
${postBuild}  sourceRef:
    kind: GitRepository
    name: flux-system
`;
  const variables = kustomization('  postBuild:\n    substitute:\n      a: b\n');

  it('takes the braces away', () => {
    check('extract-substituted', {
      files: { 'k.yaml': variables, 'apps/p.yaml': filter("'«${ts}»'") },
      fixed: "extract: '$ts'",
    });
    check('extract-substituted', {
      files: { 'k.yaml': variables, 'apps/p.yaml': filter("'«${ts}»0'") },
      fixed: "extract: '$${ts}0'",
    });
    check('extract-substituted', { files: { 'k.yaml': variables, 'apps/p.yaml': filter("'$ts'") } });
    check('extract-substituted', { files: { 'k.yaml': variables, 'apps/p.yaml': filter("'$${ts}'") } });
    check('extract-substituted', { files: { 'k.yaml': kustomization(''), 'apps/p.yaml': filter("'${ts}'") } });
  });
});

describe('automation-born-suspended-under-wait', () => {
  const kustomization = (wait: string): string => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  path: ./apps
  wait: ${wait}
`;

  it('needs both', () => {
    check('automation-born-suspended-under-wait', {
      files: { 'k.yaml': kustomization('true'), 'apps/a.yaml': automation('  suspend: «true»\n') },
      fixed: null,
    });
    check('automation-born-suspended-under-wait', {
      files: { 'k.yaml': kustomization('false'), 'apps/a.yaml': automation('  suspend: true\n') },
    });
    check('automation-born-suspended-under-wait', {
      files: { 'k.yaml': kustomization('true'), 'apps/a.yaml': automation() },
    });
  });
});

describe('automation-source-missing', () => {
  const repository = (namespace: string): string =>
    `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  namespace: ${namespace}\nspec:\n  url: https://github.com/acme/gitops\n`;
  const named = (namespace: string): string =>
    automation().replace('    name: flux-system\n', `    name: flux-system\n    namespace: ${namespace}\n`);

  it('finds the repository in another namespace, and names that', () => {
    check('automation-source-missing', {
      files: { 'a.yaml': named('«apps»'), 'b.yaml': repository('flux-system') },
      says: ['it is in flux-system'],
      fixed: 'namespace: flux-system',
    });
    check('automation-source-missing', {
      files: {
        'a.yaml': automation().replace('name: flux-system\n  update', 'name: «flux-system»\n  update'),
        'b.yaml': repository('apps'),
      },
      fixed: null,
    });
  });

  it('is silent where the repository is there, and where no file declares one', () => {
    check('automation-source-missing', { files: { 'a.yaml': automation(), 'b.yaml': repository('flux-system') } });
    check('automation-source-missing', { files: { 'a.yaml': named('apps') } });
  });

  it('finds an automation without any', () => {
    const text = automation().replace('  sourceRef:\n    kind: GitRepository\n    name: flux-system\n', '');
    check('automation-source-missing', {
      files: { 'a.yaml': text.replace('name: apps', 'name: «apps»') },
      says: ['no sourceRef'],
      fixed: null,
    });
  });
});
