// The GitOps repository of the fleet that `test/live/stack/seedFleet.ts` puts into a cluster, as facts.
import { readManifests } from '../../src/manifests/repository';
import { treeOf } from '../../src/manifests/tree';
import type { ClusterFacts, Facts, RepositoryFacts } from '../../src/model/facts';
import { known } from '../../src/model/reading';
import { defaultSettings } from '../../src/model/settings';
import { seededEnvironments, seededNamespace, seededService } from '../live/stack/seedFleet';

export function seededRepository(services: number): RepositoryFacts {
  const files: Record<string, string> = {};
  for (let service = 0; service < services; service += 1) {
    const name = seededService(service);
    const image = `registry.example.invalid/acme/${name}`;
    for (const environment of seededEnvironments) {
      const namespace = seededNamespace(service, environment);
      const folder = `apps/${environment}/${name}`;
      files[`${folder}/kustomization.yaml`] = `resources: [app.yaml]\nnamespace: ${namespace}\n`;
      files[`${folder}/app.yaml`] = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  template:
    spec:
      containers:
        - name: ${name}
          image: ${image}:v1.0.0-0123abc-1770000000 # {"$imagepolicy": "${namespace}:${name}"}
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: ${name}
spec:
  imageRepositoryRef: { name: ${name}, namespace: flux-system }
  policy: { alphabetical: { order: asc } }
`;
    }
  }
  const commit = {
    hash: '0'.repeat(40),
    author: { name: 'Bench', email: 'bench@example.invalid' },
    at: 0,
    subject: 'Everything',
    message: 'Everything',
    parents: [],
  };
  const manifests = readManifests(treeOf(files));
  return {
    folder: '/bench',
    remote: { name: 'origin', url: 'https://git.example.invalid/flux.git' },
    branch: 'main',
    content: known({ commit, recent: [commit.hash], manifests, files: new Map() }, 0),
    histories: new Map(),
    isShallow: false,
  };
}

export function factsOf(repository: RepositoryFacts, cluster: ClusterFacts): Facts {
  return {
    settings: defaultSettings,
    contexts: new Map(),
    defaultContext: cluster.context,
    repositories: [repository],
    clusters: new Map([[cluster.context, cluster]]),
    registry: new Map(),
    forges: new Map(),
  };
}
