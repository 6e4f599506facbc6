// The GitOps repository of the fleet that `test/live/stack/seedFleet.ts` puts into a cluster.
import { seededEnvironments, seededNamespace, seededService } from '../live/stack/seedFleet';

/** By path. */
export function seededFiles(services: number): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (let service = 0; service < services; service += 1) {
    const name = seededService(service);
    const image = `registry.example.invalid/acme/${name}`;
    for (const environment of seededEnvironments) {
      const namespace = seededNamespace(service, environment);
      const folder = `apps/${environment}/${name}`;
      files.set(`${folder}/kustomization.yaml`, `resources: [app.yaml]\nnamespace: ${namespace}\n`);
      files.set(
        `${folder}/app.yaml`,
        `apiVersion: apps/v1
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
`,
      );
    }
  }
  return files;
}
