// What the API serves, in the forms that clients ask for it: the legacy lists, the aggregated discovery (one request), and the
// few lines of OpenAPI that kubectl needs to know that the server checks fields itself.
// Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/
import type { JsonObject } from './json';
import { apiVersionOf, type Kind, kinds } from './kinds';

interface Resource {
  readonly plural: string;
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly isNamespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly Subresource[];
}

interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly group: string;
  readonly version: string;
}

const reading = ['get', 'list', 'watch'];
const writing = ['create', 'delete', 'patch', 'update'];
const subresourceVerbs = ['get', 'patch', 'update'];

function resourceOf(kind: Kind): Resource {
  const { group, version } = kind;
  return {
    ...kind,
    verbs: kind.isReadOnly ? reading : [...reading, ...writing].toSorted(),
    subresources: [
      ...(kind.hasScale ? [{ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1' }] : []),
      ...(kind.hasStatus ? [{ name: 'status', kind: kind.kind, group, version }] : []),
    ],
  };
}

const reviews: readonly Resource[] = ['SelfSubjectAccessReview', 'SelfSubjectRulesReview'].map((kind) => ({
  plural: `${kind.toLowerCase()}s`,
  kind,
  group: 'authorization.k8s.io',
  version: 'v1',
  isNamespaced: false,
  shortNames: [],
  categories: [],
  verbs: ['create'],
  subresources: [],
}));

const resources: readonly Resource[] = [...kinds.map(resourceOf), ...reviews];
const groups: readonly string[] = [...new Set(resources.map(({ group }) => group))].filter((group) => group !== '');

function inGroup(group: string): readonly Resource[] {
  return resources.filter((resource) => resource.group === group);
}

function versionOf(group: string): { readonly groupVersion: string; readonly version: string } {
  return { groupVersion: group === '' ? 'v1' : `${group}/v1`, version: 'v1' };
}

function groupOf(name: string): JsonObject {
  return { name, versions: [versionOf(name)], preferredVersion: versionOf(name) };
}

function resourceList(group: string): JsonObject {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: versionOf(group).groupVersion,
    resources: inGroup(group).flatMap((resource) => [
      {
        name: resource.plural,
        singularName: resource.kind.toLowerCase(),
        namespaced: resource.isNamespaced,
        kind: resource.kind,
        verbs: resource.verbs,
        shortNames: resource.shortNames,
        categories: resource.categories,
      },
      ...resource.subresources.map(({ name, kind, group, version }) => ({
        name: `${resource.plural}/${name}`,
        singularName: '',
        namespaced: resource.isNamespaced,
        kind,
        verbs: subresourceVerbs,
        ...(group === resource.group ? {} : { group, version }),
      })),
    ]),
  };
}

function aggregated(names: readonly string[], version: string): JsonObject {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: names.map((name) => ({
      metadata: name === '' ? {} : { name },
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: inGroup(name).map((resource) => ({
            resource: resource.plural,
            responseKind: { group: name, version: resource.version, kind: resource.kind },
            scope: resource.isNamespaced ? 'Namespaced' : 'Cluster',
            singularResource: resource.kind.toLowerCase(),
            verbs: resource.verbs,
            shortNames: resource.shortNames,
            categories: resource.categories,
            subresources: resource.subresources.map(({ name, kind, group, version }) => ({
              subresource: name,
              responseKind: { group, version, kind },
              verbs: subresourceVerbs,
            })),
          })),
        },
      ],
    })),
  };
}

/** kubectl looks in here for the query parameter by which the server checks fields; it then leaves the checking to the server. */
function openApi(group: string): JsonObject {
  const paths = inGroup(group).map((resource) => {
    const scope = resource.isNamespaced ? '/namespaces/{namespace}' : '';
    const identity = { group, version: resource.version, kind: resource.kind };
    const operation = {
      'x-kubernetes-group-version-kind': identity,
      parameters: [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }],
      responses: { '200': { description: 'OK' } },
    };
    return [`${rootOf(group)}${scope}/${resource.plural}/{name}`, { patch: operation }] as const;
  });
  return {
    openapi: '3.0.0',
    info: { title: 'Flux Promote practice lab', version: 'v1' },
    paths: Object.fromEntries(paths),
  };
}

function rootOf(group: string): string {
  return group === '' ? '/api/v1' : `/apis/${group}/v1`;
}

export const serverVersion: JsonObject = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3-flux-promote-lab',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'loopback',
};

export interface Discovered {
  readonly body: JsonObject;
  readonly type?: string;
}

/** The answer for a discovery path, or undefined where the path is none. */
export function discover(path: string, accept: string): Discovered | undefined {
  if (path === '/version') return { body: serverVersion };
  if (path === '/openapi/v3') {
    const entries = ['', ...groups].map((group) => {
      const root = rootOf(group);
      return [root.slice(1), { serverRelativeURL: `/openapi/v3${root}` }] as const;
    });
    return { body: { paths: Object.fromEntries(entries) } };
  }
  const version = /;v=(v2|v2beta1);as=APIGroupDiscoveryList/.exec(accept)?.[1];
  if (version !== undefined && (path === '/api' || path === '/apis')) {
    const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    return { body: aggregated(path === '/api' ? [''] : groups, version), type };
  }
  if (path === '/api') return { body: { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] } };
  if (path === '/apis') return { body: { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupOf) } };
  for (const group of ['', ...groups]) {
    if (path === rootOf(group)) return { body: resourceList(group) };
    if (path === `/openapi/v3${rootOf(group)}`) return { body: openApi(group) };
    if (group !== '' && path === `/apis/${group}`) {
      return { body: { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) } };
    }
  }
  return undefined;
}

/** The kind that a path's group, version and plural name, if it is served. */
export function kindAt(groupVersion: string, plural: string): Kind | undefined {
  return kinds.find((kind) => apiVersionOf(kind) === groupVersion && kind.plural === plural);
}
