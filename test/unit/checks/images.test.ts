import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { check } from './check';

const base = {
  'apps/web/base/kustomization.yaml': kustomization('resources:\n  - deployment.yaml\n'),
  'apps/web/base/deployment.yaml': deployment('ghcr.io/acme/web:latest'),
};

function kustomization(rest: string): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${rest}`;
}

function deployment(image: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: ${image}
`;
}

const images = (tag: string, name = 'ghcr.io/acme/web'): string => `images:\n  - name: ${name}\n    newTag: ${tag}\n`;

describe('image-mutable-in-production', () => {
  it('stands where the tag is written', () => {
    check('image-mutable-in-production', {
      files: {
        ...base,
        'apps/web/production/kustomization.yaml': kustomization(`resources:\n  - ../base\n${images('«latest»')}`),
      },
      says: ['production runs ghcr.io/acme/web:latest in the container web of Deployment web'],
      fixed: null,
    });
    check('image-mutable-in-production', {
      files: { 'prod/web.yaml': deployment('«ghcr.io/acme/web»') },
      says: ['no tag, which means latest'],
    });
  });

  it('stands at the overlay that takes the base as it is, also behind a folder that gathers overlays', () => {
    const files = {
      ...base,
      'apps/web/production/kustomization.yaml': kustomization('resources:\n  - «../base»\n'),
      'apps/web/staging/kustomization.yaml': kustomization('resources:\n  - ../base\n'),
    };
    const [finding] = check('image-mutable-in-production', { files, says: ['which this overlay takes as it is'] });
    assert.equal(finding?.related[0]?.file, 'apps/web/base/deployment.yaml');
    check('image-mutable-in-production', {
      files: {
        ...files,
        'envs/production/kustomization.yaml': kustomization('resources:\n  - ../../apps/web/production\n'),
      },
    });
  });

  it('takes a moving tag that bears the name of an environment', () => {
    check('image-mutable-in-production', {
      files: {
        ...base,
        'apps/web/production/kustomization.yaml': kustomization(`resources:\n  - ../base\n${images('«production»')}`),
      },
      says: ['the moving tag production'],
    });
  });

  it('is silent where the overlay replaces it, outside production, on templates, and on builds that cannot be followed', () => {
    const overlay = (rest: string): string => kustomization(`resources:\n  - ../base\n${rest}`);
    check('image-mutable-in-production', {
      files: { ...base, 'apps/web/production/kustomization.yaml': overlay(images('v1.2.0')) },
    });
    check('image-mutable-in-production', { files: { ...base, 'apps/web/staging/kustomization.yaml': overlay('') } });
    check('image-mutable-in-production', { files: { 'prod/web.yaml': deployment('ghcr.io/acme/web:${TAG}') } });
    const digest = `ghcr.io/acme/web:latest@sha256:${'a'.repeat(64)}`;
    check('image-mutable-in-production', { files: { 'prod/web.yaml': deployment(digest) } });
    check('image-mutable-in-production', {
      files: {
        ...base,
        'apps/web/production/kustomization.yaml': overlay('components:\n  - https://github.com/acme/pins?ref=v1\n'),
      },
    });
  });
});

describe('image-mutable-in-production, odd ones', () => {
  const release = (values: string): string => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: web
spec:
  chart:
    spec:
      chart: web
  values:
${values}`;

  it('reads the values of a HelmRelease, and leaves the chart its own tag', () => {
    check('image-mutable-in-production', {
      files: { 'prod/web.yaml': release('    image:\n      repository: ghcr.io/acme/web\n      tag: «latest»\n') },
      says: ['by the value image'],
    });
    check('image-mutable-in-production', {
      files: { 'prod/web.yaml': release('    image:\n      repository: ghcr.io/acme/web\n') },
    });
    check('image-mutable-in-production', { files: { 'prod/web.yaml': release('    image: ghcr.io/acme/web\n') } });
  });

  it('leaves Istio its stand-in, and survives folders that include one another', () => {
    check('image-mutable-in-production', { files: { 'prod/web.yaml': deployment('auto') } });
    check('image-mutable-in-production', {
      files: {
        'production/a/kustomization.yaml': kustomization('resources:\n  - ../b\n'),
        'production/b/kustomization.yaml': kustomization('resources:\n  - ../a\n  - web.yaml\n'),
        'production/b/web.yaml': deployment('web'),
      },
    });
  });
});

describe('image-override-misses', () => {
  const overlay = (name: string): string => kustomization(`resources:\n  - ../base\n${images('v1', name)}`);

  it('offers the one image that is meant', () => {
    check('image-override-misses', {
      files: { ...base, 'apps/web/staging/kustomization.yaml': overlay('«acme/web»') },
      says: ['The images are ghcr.io/acme/web'],
      fixed: '- name: ghcr.io/acme/web',
    });
  });

  it('is silent where the entry hits, may hit, or is hit by another entry', () => {
    check('image-override-misses', {
      files: { ...base, 'apps/web/staging/kustomization.yaml': overlay('ghcr.io/acme/web') },
    });
    check('image-override-misses', { files: { ...base, 'apps/web/staging/kustomization.yaml': overlay('${NAME}') } });
    check('image-override-misses', {
      files: {
        ...base,
        'apps/web/staging/kustomization.yaml': `${overlay('acme/web')}components:\n  - https://github.com/acme/pins?ref=v1\n`,
      },
    });
    const renamed = images('v1').replace('    newTag', '    newName: acme/web\n    newTag');
    check('image-override-misses', {
      files: {
        ...base,
        'apps/web/mid/kustomization.yaml': kustomization(`resources:\n  - ../base\n${renamed}`),
        'apps/web/staging/kustomization.yaml': kustomization(`resources:\n  - ../mid\n${images('v2', 'acme/web')}`),
      },
    });
  });
});

describe('image-override-unknown-field', () => {
  const kustomization = (entry: string): string =>
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n  - name: ghcr.io/acme/app\n${entry}`;

  it('finds newDigest, and gives it its name', () => {
    check('image-override-unknown-field', {
      files: { 'apps/kustomization.yaml': kustomization('    «newDigest»: sha256:abc\n') },
      says: ['Its name is digest'],
      fixed: 'digest: sha256:abc',
    });
    check('image-override-unknown-field', {
      files: { 'apps/kustomization.yaml': kustomization('    «tag»: v1\n') },
      fixed: null,
    });
  });

  it('knows the fields in any case, and only kustomization files', () => {
    check('image-override-unknown-field', {
      files: { 'apps/kustomization.yaml': kustomization('    newtag: v1\n    digest: sha256:abc\n') },
    });
    check('image-override-unknown-field', { files: { 'apps/other.yaml': kustomization('    newDigest: a\n') } });
  });
});
