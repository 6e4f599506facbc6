import { describe, it } from 'mocha';
import { check } from './check';

/** `postBuild` is indented by two. */
function kustomization(postBuild: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  path: ./apps
  sourceRef:
    kind: GitRepository
    name: flux-system
${postBuild}`;
}

const variables = kustomization('  postBuild:\n    substitute:\n      cluster: production\n');

function settings(value: string, metadata = ''): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n${metadata}data:\n  value: ${value}\n`;
}

function checkSettings(text: string, postBuild = variables, says: readonly string[] = []): void {
  check('substitution-unset', { files: { 'clusters/apps.yaml': postBuild, 'apps/a.yaml': text }, says });
}

describe('substitution-unset', () => {
  it('finds a name that is not set', () => {
    checkSettings(settings('https://«${host}»/${cluster}'), variables, ['does not set host']);
    checkSettings(settings('|\n    echo «${HOME}»\n'));
  });

  it('leaves alone what is set, escaped, defaulted, commented or switched off', () => {
    for (const value of ['${cluster}', '$${host}', '${host:=a}', '${host:-}', '$host', 'a # ${host}']) {
      checkSettings(settings(value));
    }
    checkSettings(settings('${host}', '  annotations:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\n'));
  });

  it('is silent where nothing is replaced, and where a ConfigMap may know more', () => {
    checkSettings(settings('${host}'), kustomization(''));
    checkSettings(
      settings('${host}'),
      kustomization('  postBuild:\n    substituteFrom:\n      - kind: ConfigMap\n        name: more\n'),
    );
  });

  it('knows that Flux replaces always where it is told to', () => {
    checkSettings(settings('«${host}»'), kustomization('  postBuild:\n    substituteStrategy: Always\n'));
  });

  it('is silent for a Kustomization that a patch completes, and judges it completed', () => {
    const half = variables.replace(/ {2}sourceRef:\n.*\n.*\n/, '');
    checkSettings(settings('${host}'), half);
    const overlay = (patch: string): Readonly<Record<string, string>> => ({
      'clusters/kustomization.yaml': `resources:\n  - apps.yaml\npatches:\n  - path: patch.yaml\n`,
      'clusters/apps.yaml': variables,
      'clusters/patch.yaml': `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n  postBuild:\n    substitute:\n      ${patch}: a\n`,
      'root.yaml': kustomization('').replace('name: apps', 'name: root').replace('./apps', './clusters'),
    });
    check('substitution-unset', { files: { ...overlay('host'), 'apps/a.yaml': settings('${host}') } });
    check('substitution-unset', { files: { ...overlay('other'), 'apps/a.yaml': settings('«${host}»') } });
  });
});
