import { placeholderTag } from './buildTag';
import { type FluxState, type LabAddresses, overlayFolder, placementKey } from './fluxState';
import { type Environment, environments, fluxBot, owner, type Service } from './names';

/** `flux/apps/<service>`: the base and one overlay for each environment. */
export function appFiles(service: Service, state: FluxState, addresses: LabAddresses): Record<string, string> {
  const { features } = state;
  const files: Record<string, string> = {};
  if (features.has(`${service}-base`)) {
    const base = `flux/apps/${service}/base`;
    files[`${base}/deployment.yaml`] = deployment(service, state, addresses);
    files[`${base}/service.yaml`] = clusterService(service);
    files[`${base}/kustomization.yaml`] = kustomization(['deployment.yaml', 'service.yaml']);
  }
  if (features.has(service)) {
    for (const environment of environments) {
      const folder = overlayFolder(service, environment);
      files[`${folder}/kustomization.yaml`] = overlay(service, environment, state, addresses);
      files[`${folder}/image-policy.yaml`] = imagePolicy(service, environment);
      if (features.has('automation-per-service')) {
        files[`${folder}/image-update-automation.yaml`] = imageUpdateAutomation(
          { name: service, environment, path: folder },
          state,
        );
      }
    }
  }
  return files;
}

function deployment(service: Service, { features }: FluxState, { registryHost }: LabAddresses): string {
  const probe = features.has(`${service}-probe`)
    ? `          readinessProbe:
            httpGet:
              path: ${service === 'backend' ? '/healthz' : '/'}
              port: http
`
    : '';
  const resources = features.has(`${service}-resources`)
    ? `          resources:
            requests:
              cpu: 50m
              memory: 64Mi
`
    : '';
  const user = features.has('ordinary-user')
    ? `      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
`
    : '';
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${service}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: ${service}
  template:
    metadata:
      labels:
        app: ${service}
    spec:
${user}      containers:
        - name: ${service}
          image: ${registryHost}/${owner}/${service}:latest
          ports:
            - name: http
              containerPort: 8080
${probe}${resources}`;
}

function clusterService(service: Service): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${service}
spec:
  selector:
    app: ${service}
  ports:
    - name: http
      port: 80
      targetPort: http
`;
}

function overlay(service: Service, environment: Environment, state: FluxState, { registryHost }: LabAddresses): string {
  const { features, tags } = state;
  const tag = tags.get(placementKey(service, environment)) ?? placeholderTag(environment);
  const base = service === 'backend' ? '../base' : '../../base';
  const automation = features.has('automation-per-service') ? ['image-update-automation.yaml'] : [];
  return `${kustomization([base, 'image-policy.yaml', ...automation], environment)}images:
  - name: ${registryHost}/${owner}/${service}
    newTag: ${tag} # {"$imagepolicy": "${environment}:${service}:tag"}
`;
}

export function kustomization(resources: readonly string[], namespace?: Environment): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
${namespace === undefined ? '' : `namespace: ${namespace}\n`}resources:
${resources.map((resource) => `  - ${resource}\n`).join('')}`;
}

function imagePolicy(service: Service, environment: Environment): string {
  return `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: ${service}
spec:
  imageRepositoryRef:
    name: ${service}
    namespace: flux-system
  filterTags:
    pattern: '^${environment}-v[0-9]+\\.[0-9]+\\.[0-9]+-[a-f0-9]+-(?P<ts>[0-9]+)$'
    extract: '$ts'
  policy:
    numerical:
      order: asc
`;
}

export interface Automation {
  readonly name: string;
  readonly environment: Environment;
  readonly path: string;
}

export function imageUpdateAutomation({ name, environment, path }: Automation, { features }: FluxState): string {
  return `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata:
  name: ${name}
spec:
  interval: ${features.has('short-intervals') ? '5s' : '1m'}
  sourceRef:
    kind: GitRepository
    name: flux-system
    namespace: flux-system
  git:
    checkout:
      ref:
        branch: main
    commit:
      author:
        name: ${fluxBot.name}
        email: ${fluxBot.email}
      messageTemplate: |
        ${writeBackTitle(environment, name)}

        {{ range .Changed.Changes -}}
        - {{ .OldValue }} -> {{ .NewValue }}
        {{ end -}}
    push:
      branch: main
  update:
    path: ./${path}
    strategy: Setters
`;
}

export interface TagChange {
  readonly from: string;
  readonly to: string;
}

/** What the template above gives; `automation` is its name. */
export function writeBackMessage(environment: Environment, automation: string, changed: readonly TagChange[]): string {
  return `${writeBackTitle(environment, automation)}\n\n${changed.map(({ from, to }) => `- ${from} -> ${to}\n`).join('')}`;
}

function writeBackTitle(environment: Environment, automation: string): string {
  return `chore(${environment}): update ${automation}`;
}
