// One service in its own namespaces, repository and image on the live stack: what a team with Flux image automation has.
import { join } from 'node:path';
import { makeBareRepository } from '../../src/lab/git/bareRepository';
import { runGit } from '../../src/lab/git/labGit';
import { pushImage } from '../../src/lab/registry/pushImage';
import type { OpenedStack } from '../live/stack/openStack';

export type Order = 'timestamp' | 'semver' | 'alphabetical';
/** One automation for each environment, or one for all of them. */
export type Automations = 'each' | 'all';

export interface Shop {
  readonly name: string;
  readonly order: Order;
  readonly automations: Automations;
  /** What production ran before, and what it runs now. */
  readonly older: string;
  readonly newer: string;
  readonly image: string;
  readonly gitUrl: string;
  readonly repository: string;
  readonly clone: string;
}

export const bot = 'flux-bot';
export const automationIntervalMs = 10_000;

const policies: Readonly<Record<Order, (environment: string) => string>> = {
  timestamp: (environment) => `  filterTags:
    pattern: '^${environment}-v[0-9.]+-[0-9a-z]+-(?P<ts>[0-9]+)$'
    extract: $ts
  policy:
    numerical:
      order: asc
`,
  semver: (environment) =>
    environment === 'production'
      ? `  filterTags:
    pattern: '^(?P<version>[0-9]+\\.[0-9]+\\.[0-9]+)$'
    extract: $version
  policy:
    semver:
      range: '>=1.0.0'
`
      : `  policy:
    semver:
      range: '>=1.0.0-0'
`,
  alphabetical: (environment) => `  filterTags:
    pattern: '^${environment}-[0-9]{8}$'
  policy:
    alphabetical:
      order: asc
`,
};

const tags: Readonly<Record<Order, readonly [older: string, newer: string]>> = {
  timestamp: ['production-v0.0.1-025c591-1770392924', 'production-v0.0.2-deadbe5-1770399999'],
  semver: ['1.9.0', '1.10.0'],
  alphabetical: ['production-20260101', 'production-20260202'],
};

export interface ShopToOpen {
  readonly name: string;
  readonly order: Order;
  readonly automations: Automations;
  readonly folder: string;
  /** The newer version's image cannot be pulled. */
  readonly isBroken?: boolean;
}

/** The repository with the older tag written, the registry with the older build. Nothing is in the cluster yet. */
export async function openShop(
  stack: OpenedStack,
  { name, order, automations, folder, isBroken }: ShopToOpen,
): Promise<Shop> {
  const [older, newer] = tags[order];
  const repository = join(stack.git.root, `${name}.git`);
  const shop: Shop = {
    name,
    order,
    automations,
    older,
    newer: isBroken === true ? newer.replace('deadbe5', 'broken') : newer,
    image: `${stack.registry.host}/${name}/backend`,
    gitUrl: `${stack.git.baseUrl}/${name}.git`,
    repository,
    clone: join(folder, name),
  };
  await makeBareRepository(repository);
  await pushBuild(stack, shop, older);
  if (order !== 'semver') await pushBuild(stack, shop, older.replace('production', 'staging'));
  const parts = Object.entries(filesOf(shop)).map(
    ([path, text]) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`,
  );
  const person = 'Ada <ada@example.test> 1770000000 +0000';
  const input = `commit refs/heads/main\ncommitter ${person}\ndata 5\nBegin\n${parts.join('')}`;
  await runGit(['fast-import', '--quiet'], { cwd: repository, input });
  await runGit(['clone', '-q', shop.gitUrl, shop.clone]);
  await runGit(['config', 'user.name', 'Ada'], { cwd: shop.clone });
  await runGit(['config', 'user.email', 'ada@example.test'], { cwd: shop.clone });
  return shop;
}

export async function pushBuild(stack: OpenedStack, { image }: Pick<Shop, 'image'>, tag: string): Promise<void> {
  const name = image.slice(image.indexOf('/') + 1);
  await pushImage({ registryUrl: stack.registry.url, name, tag, labels: {}, created: Date.now(), salt: tag });
}

/** What is applied by hand: all else follows from Git. */
export function bootstrap({ name, gitUrl }: Shop): string {
  return [namespace(name), source(name, gitUrl), kustomization(name, 'cluster', './cluster', false)].join('---\n');
}

function filesOf(shop: Shop): Record<string, string> {
  const { name, image, order, automations, older, gitUrl } = shop;
  const files: Record<string, string> = {
    'cluster/kustomization.yaml': `resources:\n  - sync.yaml\n  - images.yaml\n${automations === 'all' ? '  - automation.yaml\n' : ''}`,
    'cluster/sync.yaml': [
      source(name, gitUrl),
      kustomization(name, 'staging', './apps/staging'),
      kustomization(name, 'production', './apps/production'),
    ].join('---\n'),
    'cluster/images.yaml': `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata:
  name: backend
  namespace: ${name}
spec:
  image: ${image}
  interval: 1m
  insecure: true
`,
  };
  if (automations === 'all') files['cluster/automation.yaml'] = automation(name, 'all', './apps');
  for (const environment of ['staging', 'production']) {
    const written =
      environment === 'production' || order === 'semver' ? older : older.replace('production', environment);
    const own = automations === 'each' ? '  - automation.yaml\n' : '';
    files[`apps/${environment}/kustomization.yaml`] = `namespace: ${name}
resources:
  - deployment.yaml
  - policy.yaml
${own}images:
  - name: ${image}
    newTag: ${written} # {"$imagepolicy": "${name}:${environment}:tag"}
`;
    files[`apps/${environment}/policy.yaml`] = `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: ${environment}
spec:
  imageRepositoryRef:
    name: backend
${policies[order](environment)}`;
    if (automations === 'each') {
      files[`apps/${environment}/automation.yaml`] = automation(name, environment, `./apps/${environment}`);
    }
    files[`apps/${environment}/deployment.yaml`] = deployment(environment, image);
  }
  // Where versions have no prefix, an exclusion takes the tag from staging as well: a team with such tags has no staging here.
  if (order === 'semver') {
    for (const file of Object.keys(files)) if (file.startsWith('apps/staging/')) delete files[file];
    files['cluster/sync.yaml'] = [source(name, gitUrl), kustomization(name, 'production', './apps/production')].join(
      '---\n',
    );
  }
  return files;
}

function namespace(name: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n`;
}

function source(name: string, gitUrl: string): string {
  return `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: shop
  namespace: ${name}
spec:
  interval: 1m
  url: ${gitUrl}
  ref:
    branch: main
`;
}

function kustomization(name: string, what: string, path: string, waits = true): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${what}
  namespace: ${name}
spec:
  interval: 10m
  retryInterval: 30s
  timeout: 2m
  wait: ${waits}
  prune: true
  path: ${path}
  sourceRef:
    kind: GitRepository
    name: shop
`;
}

function automation(name: string, what: string, path: string): string {
  return `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata:
  name: ${what}
  namespace: ${name}
spec:
  interval: ${automationIntervalMs / 1000}s
  sourceRef:
    kind: GitRepository
    name: shop
  git:
    checkout:
      ref:
        branch: main
    commit:
      author:
        name: ${bot}
        email: flux@lab.example
    push:
      branch: main
  update:
    path: ${path}
    strategy: Setters
`;
}

function deployment(environment: string, image: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: backend-${environment}
spec:
  replicas: 1
  selector:
    matchLabels:
      app: backend-${environment}
  template:
    metadata:
      labels:
        app: backend-${environment}
    spec:
      containers:
        - name: backend
          image: ${image}
`;
}
