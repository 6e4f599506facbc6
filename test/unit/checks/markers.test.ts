import { describe, it } from 'mocha';
import { check, policy } from './check';

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
