// A GitOps repository of any size, the same for the same numbers: services with a base and one overlay per environment,
// ImagePolicies, ImageRepositories and automations, releases of charts, and what lies about that Flux has no eye for.

export const environments = ['develop', 'staging', 'production'] as const;

export type EnvironmentName = (typeof environments)[number];

export interface RepositorySize {
  readonly services: number;
  /** HelmReleases, each with its HelmRepository in a second file. */
  readonly releases: number;
  /** Files of other kinds that no build takes in. */
  readonly others: number;
}

/** 10,000 files, of which 3,009 can matter to a rule. */
export const checkedSize: RepositorySize = { services: 300, releases: 300, others: 3091 };

/** `production-v1.4.17-1700000000`; the builds of one service follow one another by number. */
export function buildTag(environment: EnvironmentName, build: number): string {
  return `${environment}-v1.${Math.floor(build / 20)}.${build % 20}-${1_700_000_000 + build * 600}`;
}

export function serviceName(index: number): string {
  return `service-${String(index).padStart(3, '0')}`;
}

export function overlayFile(service: string, environment: EnvironmentName): string {
  return `apps/${service}/overlays/${environment}/kustomization.yaml`;
}

/** The file that the automation writes to. */
export function overlayText(service: string, environment: EnvironmentName, tag: string): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${environment}
resources:
  - ../../base
  - policy.yaml
  - settings.yaml
  - quota.yaml
patches:
  - path: replicas.yaml
images:
  - name: ${imageOf(service)}
    newTag: ${tag} # {"$imagepolicy": "${environment}:${service}:tag"}
`;
}

export function policyText(service: string, environment: EnvironmentName): string {
  return `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: ${service}
spec:
  imageRepositoryRef:
    name: ${service}
    namespace: flux-system
  filterTags:
    pattern: '^${environment}-v[0-9]+\\.[0-9]+\\.[0-9]+-(?P<ts>[0-9]+)$'
    extract: $ts
  policy:
    numerical:
      order: asc
`;
}

export function gitOpsFiles(size: RepositorySize): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const services = Array.from({ length: size.services }, (_, index) => serviceName(index));
  for (const environment of environments) addCluster(files, environment, services);
  services.forEach((service, index) => addService(files, service, index));
  for (let index = 0; index < size.releases; index++) addRelease(files, `release-${index}`);
  for (let index = 0; index < size.others; index++) {
    files.set(`config/team-${index % 40}/settings-${index}.yaml`, settingsText(`settings-${index}`, 8));
  }
  return files;
}

function imageOf(service: string): string {
  return `ghcr.io/acme/${service}`;
}

function addCluster(files: Map<string, string>, environment: EnvironmentName, services: readonly string[]): void {
  const overlays = services.map((service) => `  - ../../apps/${service}/overlays/${environment}\n`).join('');
  files.set(
    `environments/${environment}/kustomization.yaml`,
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - automation.yaml\n${overlays}`,
  );
  files.set(
    `environments/${environment}/automation.yaml`,
    `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata:
  name: apps
  namespace: ${environment}
spec:
  interval: 5m
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
        name: fluxcdbot
        email: fluxcdbot@acme.test
    push:
      branch: main
  update:
    path: ./apps
    strategy: Setters
`,
  );
  files.set(
    `clusters/${environment}/apps.yaml`,
    `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps-${environment}
  namespace: flux-system
spec:
  interval: 10m
  path: ./environments/${environment}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`,
  );
}

function addService(files: Map<string, string>, service: string, index: number): void {
  const base = `apps/${service}/base`;
  files.set(
    `${base}/kustomization.yaml`,
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - deployment.yaml\n  - service.yaml\n  - settings.yaml\n  - account.yaml\n',
  );
  files.set(`${base}/deployment.yaml`, deploymentText(service));
  files.set(
    `${base}/service.yaml`,
    `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${service}\nspec:\n  selector:\n    app: ${service}\n  ports:\n    - name: http\n      port: 80\n      targetPort: 8080\n`,
  );
  files.set(`${base}/settings.yaml`, settingsText(`${service}-base`, 6));
  files.set(`${base}/account.yaml`, `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ${service}\n`);
  for (const environment of environments) {
    const overlay = `apps/${service}/overlays/${environment}`;
    files.set(overlayFile(service, environment), overlayText(service, environment, buildTag(environment, index % 50)));
    files.set(`${overlay}/policy.yaml`, policyText(service, environment));
    files.set(`${overlay}/settings.yaml`, settingsText(`${service}-${environment}`, 6));
    files.set(
      `${overlay}/quota.yaml`,
      `apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: ${service}\nspec:\n  minAvailable: 1\n  selector:\n    matchLabels:\n      app: ${service}\n`,
    );
    files.set(
      `${overlay}/replicas.yaml`,
      `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${service}\nspec:\n  replicas: 3\n`,
    );
  }
  files.set(
    `clusters/images/${service}.yaml`,
    `apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\nmetadata:\n  name: ${service}\n  namespace: flux-system\nspec:\n  image: ${imageOf(service)}\n  interval: 5m\n`,
  );
}

function deploymentText(service: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${service}
  labels:
    app: ${service}
spec:
  selector:
    matchLabels:
      app: ${service}
  template:
    metadata:
      labels:
        app: ${service}
    spec:
      serviceAccountName: ${service}
      containers:
        - name: app
          image: ${imageOf(service)}:latest
          ports:
            - containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
`;
}

function addRelease(files: Map<string, string>, name: string): void {
  files.set(
    `infrastructure/${name}/release.yaml`,
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: ${name}\n  namespace: infrastructure\nspec:\n  interval: 30m\n  chart:\n    spec:\n      chart: ${name}\n      version: 4.2.x\n      sourceRef:\n        kind: HelmRepository\n        name: ${name}\n  values:\n    replicaCount: 2\n    image:\n      repository: ghcr.io/acme/${name}\n      tag: v4.2.0\n`,
  );
  files.set(
    `infrastructure/${name}/repository.yaml`,
    `apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata:\n  name: ${name}\n  namespace: infrastructure\nspec:\n  interval: 1h\n  url: https://charts.acme.test/${name}\n`,
  );
}

function settingsText(name: string, count: number): string {
  const lines = Array.from({ length: count }, (_, index) => `  SETTING_${index}: "value ${index} of ${name}"\n`).join(
    '',
  );
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  labels:\n    team: platform\ndata:\n${lines}`;
}
