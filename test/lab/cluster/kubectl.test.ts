// The lab's API against the client that users hold in their hands: the real kubectl.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'mocha';
import { numberAt, textAt, valueAt } from '../../../src/lab/cluster/json';
import type { KubeObject } from '../../../src/lab/cluster/object';
import type { Store } from '../../../src/lab/cluster/store';
import { Workloads } from '../../../src/lab/controllers/workloads';
import { withApi } from './client';
import { by, deployment, imagePolicy } from './objects';

function findKubectl(): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'kubectl'));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

interface Outcome {
  readonly code: number;
  readonly output: string;
}

interface Bench {
  readonly store: Store;
  readonly folder: string;
  /** Arguments after `kubectl -n production`; output is both streams. */
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Outcome>;
  readonly start: (args: readonly string[]) => ChildProcess;
}

const ref = { kind: 'Deployment', namespace: 'production', name: 'backend' };
const kubectl = findKubectl();

async function withKubectl(program: string, body: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-kubectl-'));
  try {
    await withApi(async ({ server, store }) => {
      const resolveImage = (image: string) => Promise.resolve(image.endsWith(':gone') ? undefined : 'sha256:abc');
      const workloads = new Workloads(store, { resolveImage, stepMs: 20 });
      for (const user of ['admin', 'viewer'] as const) {
        await writeFile(join(folder, `${user}.yaml`), server.kubeconfig('lab', user));
      }
      const environment = { ...process.env, HOME: folder, KUBECONFIG: join(folder, 'admin.yaml') };
      const all = (args: readonly string[]): string[] => ['-n', 'production', ...args];
      try {
        await body({
          store,
          folder,
          run: (args, env = {}) =>
            new Promise((resolve) => {
              const options = { env: { ...environment, ...env }, timeout: 20_000 };
              execFile(program, all(args), options, (error, stdout, stderr) => {
                resolve({ code: error === null ? 0 : 1, output: `${stdout}${stderr}`.trim() });
              });
            }),
          start: (args) => spawn(program, all(args), { env: environment, stdio: ['ignore', 'pipe', 'inherit'] }),
        });
      } finally {
        workloads.dispose();
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function imageOf(object: KubeObject | undefined): string | undefined {
  return textAt(object, 'spec', 'template', 'spec', 'containers', 0, 'image');
}

function managersOf(object: KubeObject | undefined): readonly string[] {
  return (object?.metadata.managedFields ?? []).map(({ manager, operation }) => `${manager} ${operation}`);
}

function registerSuite(program: string): void {
  const check = (title: string, body: (bench: Bench) => Promise<void>): void => {
    it(title, () => withKubectl(program, body)).timeout(60_000);
  };
  const good = async (outcome: Promise<Outcome>): Promise<string> => {
    const { code, output } = await outcome;
    assert.equal(code, 0, output);
    return output;
  };

  check('gets: tables, wide, jsonpath, short names, categories', async ({ run, store }) => {
    store.create(deployment(), by('test'));
    store.create(imagePolicy(), by('test'));
    await good(run(['rollout', 'status', 'deploy/backend']));
    assert.match(await good(run(['get', 'deploy'])), /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nbackend +2\/2 +2 +2 /);
    assert.match(await good(run(['get', 'deploy', '-o', 'wide'])), /app +registry\/backend:v1 +app=backend/);
    const path = 'jsonpath={.spec.template.spec.containers[0].image}';
    assert.equal(await good(run(['get', 'deploy', 'backend', '-o', path])), 'registry/backend:v1');
    assert.match(await good(run(['get', 'imgpol'])), /^NAME +IMAGE +TAG +READY +STATUS +AGE\nbackend /);
    assert.match(await good(run(['get', 'fluxcd'])), /backend/);
    assert.match(
      await good(run(['get', 'all', '-A'])),
      /pod\/backend-[\s\S]*deployment.apps\/backend[\s\S]*imagepolicy/,
    );
    assert.match(await good(run(['get', 'po', '-l', 'app=backend'])), /1\/1 +Running/);
    assert.match(await good(run(['describe', 'deploy', 'backend'])), /NewReplicaSetAvailable/);
    assert.match(await good(run(['get', 'crd'])), /imagepolicies.image.toolkit.fluxcd.io/);
    assert.equal(
      (await run(['get', 'deploy', 'none'])).output,
      'Error from server (NotFound): deployments.apps "none" not found',
    );
  });

  check('writes: annotate, label, patch, scale, edit, delete', async ({ run, store, folder }) => {
    store.create(deployment(), by('test'));
    store.create(imagePolicy(), by('test'));
    await good(run(['annotate', 'imgpol', 'backend', 'reconcile.fluxcd.io/requestedAt=now']));
    const policy = () => store.get({ ...ref, kind: 'ImagePolicy' });
    assert.equal(policy()?.metadata.annotations?.['reconcile.fluxcd.io/requestedAt'], 'now');
    await good(run(['label', 'deploy', 'backend', 'team=a']));
    const env = [{ name: 'B', value: '2' }];
    const strategic = { spec: { template: { spec: { containers: [{ name: 'app', env }] } } } };
    await good(run(['patch', 'deploy', 'backend', '-p', JSON.stringify(strategic)]));
    const names = [0, 1].map((index) =>
      textAt(store.get(ref), 'spec', 'template', 'spec', 'containers', 0, 'env', index, 'name'),
    );
    assert.deepEqual(new Set(names), new Set(['A', 'B']));
    await good(run(['patch', 'imgpol', 'backend', '--type=merge', '-p', '{"spec":{"suspend":true}}']));
    assert.equal(valueAt(policy(), 'spec', 'suspend'), true);
    const json = '[{"op":"replace","path":"/spec/suspend","value":false}]';
    await good(run(['patch', 'imgpol', 'backend', '--type=json', '-p', json]));
    assert.equal(valueAt(policy(), 'spec', 'suspend'), false);
    await good(run(['scale', 'deploy/backend', '--replicas=3']));
    assert.equal(numberAt(store.get(ref), 'spec', 'replicas'), 3);
    const editor = join(folder, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/pattern: .*/pattern: ^edited/; s/backend:v1/backend:v7/" "$1"\n');
    await chmod(editor, 0o755);
    for (const kind of ['imgpol', 'deploy']) await good(run(['edit', kind, 'backend'], { KUBE_EDITOR: editor }));
    assert.equal(textAt(policy(), 'spec', 'filterTags', 'pattern'), '^edited');
    assert.equal(imageOf(store.get(ref)), 'registry/backend:v7');
    assert.ok(managersOf(policy()).includes('kubectl-edit Update'), managersOf(policy()).join(', '));
    const stray = await run([
      'patch',
      'imgpol',
      'backend',
      '--type=merge',
      '-p',
      '{"spec":{"imageRepositoryRef":null}}',
    ]);
    assert.match(stray.output, /is invalid: spec.imageRepositoryRef: Required value/);
    await good(run(['delete', 'deploy', 'backend']));
    assert.equal(store.list('Pod').items.length, 0);
  });

  check('rolls out and back: set image, status, history, undo, restart', async ({ run, store }) => {
    store.create(deployment(), by('test'));
    await good(run(['rollout', 'status', 'deploy/backend']));
    await good(run(['set', 'image', 'deploy/backend', 'app=registry/backend:v2']));
    assert.match(await good(run(['rollout', 'status', 'deploy/backend'])), /successfully rolled out$/);
    assert.ok(managersOf(store.get(ref)).includes('kubectl-set Update'));
    assert.match(await good(run(['rollout', 'history', 'deploy/backend'])), /\n1 +<none>\n2 +<none>$/);
    await good(run(['rollout', 'undo', 'deploy/backend']));
    await good(run(['rollout', 'status', 'deploy/backend']));
    assert.equal(imageOf(store.get(ref)), 'registry/backend:v1');
    await good(run(['rollout', 'undo', 'deploy/backend', '--to-revision=2']));
    assert.equal(imageOf(store.get(ref)), 'registry/backend:v2');
    await good(run(['rollout', 'restart', 'deploy/backend']));
    await good(run(['rollout', 'status', 'deploy/backend']));
    await good(run(['set', 'image', 'deploy/backend', 'app=registry/backend:gone']));
    const stuck = await run(['rollout', 'status', 'deploy/backend', '--timeout=1s']);
    assert.equal(stuck.code, 1);
    assert.match(await good(run(['get', 'pods'])), /0\/1 +(?:ErrImagePull|ImagePullBackOff)/);
  });

  check('applies from either side', async ({ run, store, folder }) => {
    const file = join(folder, 'web.json');
    const write = (image: string, env: string) => {
      const made = deployment('web', image);
      const text = JSON.stringify(made).replace('"name":"A"', `"name":${JSON.stringify(env)}`);
      return writeFile(file, text);
    };
    const web = () => store.get({ ...ref, name: 'web' });
    const env = () => valueAt(web(), 'spec', 'template', 'spec', 'containers', 0, 'env');
    await write('registry/web:v1', 'A');
    assert.match(await good(run(['apply', '-f', file])), /created/);
    assert.match(await good(run(['apply', '-f', file])), /unchanged/);
    await write('registry/web:v2', 'B');
    const difference = await run(['diff', '-f', file]);
    assert.match(difference.output, /\+ +image: registry\/web:v2/);
    assert.match(await good(run(['apply', '-f', file])), /configured/);
    assert.deepEqual(env(), [{ name: 'B', value: '1' }]);
    await write('registry/web:v3', 'C');
    const other = ['apply', '--server-side', '--field-manager=other', '-f', file];
    assert.match(
      (await run(other)).output,
      /conflict with "kubectl-client-side-apply".*containers\[name="app"\]\.image/,
    );
    await good(run([...other, '--force-conflicts']));
    assert.equal(imageOf(web()), 'registry/web:v3');
    await write('registry/web:v3', 'D');
    await good(run(other));
    // kubectl hands what it applied from its own side to the new manager, so B and C go with the next apply.
    assert.deepEqual(env(), [{ name: 'D', value: '1' }]);
  });

  check('watches', async ({ start, store }) => {
    store.create(imagePolicy(), by('test'));
    const child = start(['get', 'imgpol', '-w']);
    assert.ok(child.stdout);
    const seen: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      seen.push(line.split(/\s+/, 3).join(' ').trim());
      const live = store.get({ ...ref, kind: 'ImagePolicy' });
      assert.ok(live !== undefined);
      const status = { latestRef: { name: 'registry/backend', tag: 'v1' } };
      if (seen.length === 2) store.updateStatus({ ...live, status }, by('test'));
      if (seen.length === 3) break;
    }
    child.kill();
    assert.equal(seen[0], 'NAME IMAGE TAG');
    assert.equal(seen[2], 'backend registry/backend v1');
  });

  check('is told no', async ({ run, store, folder }) => {
    store.create(deployment(), by('test'));
    const viewer = { KUBECONFIG: join(folder, 'viewer.yaml') };
    await good(run(['get', 'deploy'], viewer));
    const { code, output } = await run(['set', 'image', 'deploy/backend', 'app=x:y'], viewer);
    assert.equal(code, 1);
    assert.match(output, /is forbidden: User "viewer" cannot patch resource "deployments" in API group "apps"/);
  });
}

if (kubectl !== undefined) describe('lab cluster: kubectl', () => registerSuite(kubectl));
else if (process.env['CI'] === 'true') {
  describe('lab cluster: kubectl', () => {
    it('finds kubectl on the PATH', () => assert.fail('CI must run these tests: put kubectl on the PATH'));
  });
} else process.stdout.write('lab cluster: no kubectl on the PATH, so its tests do not run\n');
