// The kinds that the lab's API serves, with the names that kubectl and the extension look for.
// Source: the CRDs of Flux 2.9 (shared names, categories), Kubernetes' API reference for the rest.
import type { KubeObject } from './object';

export interface Kind {
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly isNamespaced: boolean;
  /** `spec` and `status` are written apart from each other. */
  readonly hasStatus: boolean;
  /** `metadata.generation` counts changes of everything but metadata and status. */
  readonly hasGeneration: boolean;
  readonly hasScale: boolean;
  /** Defined by a CRD: no strategic merge patch, lists are atomic. */
  readonly isCustom: boolean;
  /** Cannot be written through the API. */
  readonly isReadOnly: boolean;
}

const core = { group: '', version: 'v1', hasGeneration: false, hasScale: false, isCustom: false, isReadOnly: false };
const apps = { ...core, group: 'apps', hasStatus: true, hasGeneration: true, hasScale: true, isNamespaced: true };
const flux = { ...apps, hasScale: false, isCustom: true };
const image = { ...flux, group: 'image.toolkit.fluxcd.io', categories: ['all', 'fluxcd', 'fluxcd-images'] };
const plain = { ...core, categories: [], hasStatus: false, isNamespaced: true };

export const kinds: readonly Kind[] = [
  { ...plain, kind: 'Namespace', plural: 'namespaces', shortNames: ['ns'], isNamespaced: false, hasStatus: true },
  { ...plain, kind: 'Pod', plural: 'pods', shortNames: ['po'], categories: ['all'], hasStatus: true },
  { ...plain, kind: 'Event', plural: 'events', shortNames: ['ev'] },
  { ...plain, kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] },
  { ...plain, kind: 'Service', plural: 'services', shortNames: ['svc'], categories: ['all'], hasStatus: true },
  { ...plain, kind: 'Secret', plural: 'secrets', shortNames: [] },
  { ...plain, kind: 'ResourceQuota', plural: 'resourcequotas', shortNames: ['quota'], hasStatus: true },
  { ...apps, kind: 'Deployment', plural: 'deployments', shortNames: ['deploy'], categories: ['all'] },
  { ...apps, kind: 'ReplicaSet', plural: 'replicasets', shortNames: ['rs'], categories: ['all'] },
  {
    ...flux,
    kind: 'GitRepository',
    group: 'source.toolkit.fluxcd.io',
    plural: 'gitrepositories',
    shortNames: ['gitrepo'],
    categories: ['all', 'fluxcd', 'fluxcd-sources'],
  },
  {
    ...flux,
    kind: 'Kustomization',
    group: 'kustomize.toolkit.fluxcd.io',
    plural: 'kustomizations',
    shortNames: ['ks'],
    categories: ['all', 'fluxcd', 'fluxcd-appliers'],
  },
  { ...image, kind: 'ImageRepository', plural: 'imagerepositories', shortNames: ['imgrepo', 'imagerepo'] },
  { ...image, kind: 'ImagePolicy', plural: 'imagepolicies', shortNames: ['imgpol', 'imagepol'] },
  {
    ...image,
    kind: 'ImageUpdateAutomation',
    plural: 'imageupdateautomations',
    shortNames: ['iua', 'imgupd', 'imgauto'],
  },
  {
    ...plain,
    kind: 'CustomResourceDefinition',
    group: 'apiextensions.k8s.io',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    isNamespaced: false,
    isReadOnly: true,
  },
];

export function kindNamed(name: string): Kind | undefined {
  return kinds.find((kind) => kind.kind === name);
}

export function apiVersionOf({ group, version }: Kind): string {
  return group === '' ? version : `${group}/${version}`;
}

/** One object per custom kind, so that a look-up of the CRDs finds what the API serves. */
export function customResourceDefinitions(): readonly KubeObject[] {
  return kinds
    .filter((kind) => kind.isCustom)
    .map((kind) => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${kind.plural}.${kind.group}` },
      spec: {
        group: kind.group,
        names: {
          kind: kind.kind,
          listKind: `${kind.kind}List`,
          plural: kind.plural,
          singular: kind.kind.toLowerCase(),
          shortNames: kind.shortNames,
          categories: kind.categories,
        },
        scope: 'Namespaced',
        versions: [{ name: kind.version, served: true, storage: true, subresources: { status: {} } }],
      },
      status: {
        conditions: [
          { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
          { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the names were accepted' },
        ],
        storedVersions: [kind.version],
      },
    }));
}
