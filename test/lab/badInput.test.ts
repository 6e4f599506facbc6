// The composed reading side, as a session has it, with one source after another gone bad: every row stays, the trouble is one
// sentence where it belongs, and no credential reaches a message or the log, not even when a server repeats it.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import { gitHub } from '../../src/base/forge/github';
import { gitReader } from '../../src/base/git/reader';
import { parseJson } from '../../src/base/json';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { Lifetime } from '../../src/base/lifetime';
import type { Logger } from '../../src/base/logger';
import { redactedLogger } from '../../src/base/redact';
import { registryClient } from '../../src/base/registry/client';
import { applyReconcile } from '../../src/changes/applyCluster';
import { applyDispatch } from '../../src/changes/applyDispatch';
import { planPromotion } from '../../src/changes/planPromotion';
import { derivePreflight } from '../../src/changes/preflight';
import { ClusterAccess } from '../../src/editor/clusterAccess';
import { deriveFleet } from '../../src/fleet/deriveFleet';
import { rowsByEnvironment } from '../../src/fleet/rows';
import { deriveViewMessage } from '../../src/fleet/viewMessage';
import { readManifests } from '../../src/manifests/repository';
import { ProblemError } from '../../src/model/problem';
import { defaultSettings, type Settings } from '../../src/model/settings';
import { Observer } from '../../src/sources/observer';
import { shopFiles } from '../unit/fleet/shop';
import { commit, git, remoteAndClone, removeFolder, run, temporaryFolder, write } from './gitFixture';
import { type Answer, html, json, type ScriptedServer, scriptedServer } from './scriptedServer';

const { signal } = new AbortController();
const secret = 'S3cr3tS3cr3tS3cr3t';
const forgeToken = `ghp_${secret}`;
const production = { service: 'backend', environment: 'production' };

/** What the request brought to prove who it is, as a careless server would print it. */
const echo = ({ headers }: IncomingMessage) => ({
  kind: 'Status',
  message: `refused: authorization: ${headers.authorization ?? 'none'}`,
  errors: [{ message: `refused: ${headers.authorization ?? 'none'}` }],
});
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (request, response) =>
    json(response, echo(request), code, headers);
const page: Answer = (_request, response) => html(response);
const nothing: Answer = (request) => request.socket.resetAndDestroy();
const notFound = status(404);

describe('with a source gone bad', function () {
  this.timeout(30_000);
  let folder = '';
  let clone = '';
  let log: string[] = [];
  let lifetime = new Lifetime();
  const servers: ScriptedServer[] = [];

  beforeEach(() => {
    folder = temporaryFolder();
    clone = remoteAndClone(folder).clone;
    log = [];
    lifetime = new Lifetime();
  });
  afterEach(async () => {
    lifetime.dispose();
    for (const server of servers.splice(0)) await server.close();
    removeFolder(folder);
    assert.doesNotMatch(log.join('\n'), new RegExp(secret));
  });

  const serve = async (answer: Answer): Promise<string> => {
    const server = await scriptedServer(answer);
    servers.push(server);
    return server.url;
  };

  interface Sources {
    readonly cluster?: Answer;
    readonly registry?: Answer;
    readonly forge?: Answer;
    readonly context?: string;
  }

  /** Reads everything once, as Refresh does. */
  const read = async (sources: Sources) => {
    const keep = (message: string): void => void log.push(message);
    const logger: Logger = redactedLogger({ trace: keep, debug: keep, info: keep, warn: keep, error: keep });
    const [cluster, registry, forge] = [
      await serve(sources.cluster ?? nothing),
      await serve(sources.registry ?? notFound),
      await serve(sources.forge ?? notFound),
    ];
    const { host } = new URL(registry);
    const files = Object.entries(shopFiles()).map(([path, text]) => [path, text.replaceAll('ghcr.io', host)]);
    commit(clone, 'Deploy', Object.fromEntries(files) as Record<string, string>);
    git(clone, 'push', '-q', 'origin', 'HEAD');
    write(folder, {
      kubeconfig: JSON.stringify({
        clusters: [{ name: 'here', cluster: { server: cluster } }],
        users: [{ name: 'me', user: { token: secret } }],
        contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
      }),
    });
    const settings: Settings = {
      ...defaultSettings,
      services: [{ image: 'backend', owner: 'acme', repository: 'backend', inputs: {} }],
      forges: [{ api: forge, kind: 'github' }],
    };
    const clusters = new ClusterAccess({
      load: async () => loadKubeconfig({ path: join(folder, 'kubeconfig'), environment: {} }),
      assertWritable: () => undefined,
      clock: systemClock,
      logger,
    });
    await clusters.load();
    const gitHubOf = (apiUrl: string) =>
      gitHub({ fetch, clock: systemClock, logger, apiUrl, token: async () => forgeToken }, parseJson);
    const observer = lifetime.add(
      new Observer({
        repositories: [
          { folder: clone, reader: (at) => gitReader(at, run(at)), readManifests, clock: systemClock, logger },
        ],
        scope: { settings, contexts: new Map(), defaultContext: sources.context ?? 'here' },
        watchCluster: (name, onChange) => clusters.watch(name, onChange),
        registry: registryClient({
          fetch,
          clock: systemClock,
          credentials: async () => ({ username: 'ada', password: secret }),
          isPlainHttp: () => true,
        }),
        forge: () => gitHubOf(forge),
        clock: systemClock,
        logger,
      }),
    );
    await observer.refresh(signal);
    const facts = observer.facts;
    const fleet = deriveFleet(facts);
    const rows = rowsByEnvironment(fleet, Date.now());
    // Git speaks for itself whatever the others do.
    assert.deepEqual(
      rows.map(({ label, children }) => [label, ...children.map((row) => row.description.split(' · ')[0])]),
      [
        ['staging', 'v0.0.2'],
        ['production', 'v0.0.1'],
      ],
    );
    const shown = JSON.stringify([rows, fleet.problems]);
    assert.doesNotMatch(shown, new RegExp(secret));
    const said = {
      line: deriveViewMessage(facts, fleet, Date.now()) ?? '',
      lines: (derivePreflight(fleet, facts, production, Date.now())?.lines ?? []).map(({ text }) => text).join('\n'),
      plan: planPromotion(derivePreflight(fleet, facts, production, Date.now()) ?? assert.fail(), fleet, {
        reason: '',
        inputs: {},
      }),
    };
    return { ...said, clusters, client: gitHubOf(forge) };
  };

  const clusterFaults: readonly (readonly [string, Sources, RegExp])[] = [
    ['a sign-in page', { cluster: page }, /answered with something that is not Kubernetes .* Check the server/],
    [
      'no answer',
      { cluster: nothing },
      /^The cluster here cannot be reached \(ECONNRESET\)\. Check the network or VPN/,
    ],
    ['a refused login', { cluster: status(401) }, /^The cluster here does not accept the credentials\. Sign in again/],
    ['no rights', { cluster: status(403) }, /^The cluster here does not allow you to .* Ask for that right/],
    ['a failing server', { cluster: status(500) }, /^The cluster here could not .* \(HTTP 500\)\. It is tried again/],
    [
      'an unknown context',
      { context: 'there' },
      /^The context there is not in the kubeconfig\. Choose another context/,
    ],
  ];
  for (const [name, sources, line] of clusterFaults) {
    it(`the cluster: ${name}, said above the rows`, async () => assert.match((await read(sources)).line, line));
  }

  const registryFaults: readonly (readonly [string, Answer, RegExp])[] = [
    ['401', status(401), /does not let you read acme\/backend\. Sign in with docker login 127/],
    ['404', status(404), /does not have what was asked of acme\/backend\. Check its name and tag/],
    ['429', status(429, { 'retry-after': '7' }), /asks to wait before the next request\. It is asked again later/],
    ['500', status(500), /could not answer about acme\/backend \(HTTP 500\)/],
    ['HTML', page, /answered with something that a registry would not say .* Check the image's host/],
    ['no answer', nothing, /cannot be reached\. Check the network and the host's name/],
  ];
  for (const [name, registry, line] of registryFaults) {
    it(`the registry: ${name}, said by the pre-flight`, async () => {
      const { lines } = await read({ registry });
      assert.match(lines, line);
      assert.doesNotMatch(lines, new RegExp(secret));
    });
  }

  const forgeFaults: readonly (readonly [string, Answer, RegExp, RegExp])[] = [
    ['401', status(401), /does not accept the login\. Sign in again/, /does not accept the login/],
    ['404', status(404), /there is no such thing, or it is private\. Check/, /there is no such thing/],
    ['422', status(422), /refused to/, /refused to list the runs .*: refused/],
    ['502', status(502), /\(HTTP 502\)\. Try again in a moment/, /\(HTTP 502\)\. Try again/],
    ['HTML', page, /something that is not its API/, /something that is not its API|HTTP/],
  ];
  for (const [name, forge, refusal, failure] of forgeFaults) {
    it(`the forge: ${name}, said by the refusal and by what was tried`, async () => {
      const { plan, client } = await read({ forge });
      assert.ok(plan.kind === 'refusal');
      assert.match(`${plan.reason} ${plan.wayOut ?? ''}`, refusal);
      const dispatch = {
        kind: 'dispatch',
        title: '',
        owner: 'acme',
        repository: 'backend',
        workflow: 'promote-production.yml',
        ref: 'main',
        inputs: { staging_tag: 'x' },
        image: '',
        source: { service: 'backend', environment: 'staging', tag: 'x' },
        target: { ...production, tag: 'y' },
        summary: [],
      } as const;
      const problem = await problemOf(applyDispatch(dispatch, client, signal));
      assert.match(problem.message, failure);
      assert.doesNotMatch(JSON.stringify([plan, problem]), new RegExp(secret));
    });
  }

  it('a refused reconcile says which right is missing', async () => {
    const discovery: Answer = (request, response) => {
      if (request.method === 'PATCH') return json(response, { ...echo(request), reason: 'Forbidden' }, 403);
      return json(response, { versions: [{ version: 'v1' }], resources: [], items: [], metadata: {} });
    };
    const { clusters } = await read({ cluster: discovery });
    const object = { kind: 'Kustomization', namespace: 'flux-system', name: 'apps' };
    const problem = await problemOf(applyReconcile(object, clusters.penOf('here'), 0, signal));
    assert.equal(problem.code, 'cluster-forbidden');
    assert.match(problem.message, /does not allow you to .*kustomizations/);
    assert.doesNotMatch(JSON.stringify(problem), new RegExp(secret));
  });

  it('a kubeconfig that is signed in again needs no restart', async () => {
    const seen: (string | undefined)[] = [];
    const { clusters } = await read({
      cluster: (request, response) => {
        seen.push(request.headers.authorization);
        return json(response, echo(request), 401);
      },
    });
    const again = `again-${secret}`;
    const pen = clusters.penOf('here');
    const text = JSON.stringify({
      clusters: [{ name: 'here', cluster: { server: servers[0]?.url } }],
      users: [{ name: 'me', user: { token: again } }],
      contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
    });
    write(folder, { kubeconfig: text });
    await clusters.load();
    await problemOf(applyReconcile({ kind: 'Kustomization', namespace: 'x', name: 'y' }, pen, 0, signal));
    assert.equal(seen.at(-1), `Bearer ${again}`);
  });
});

async function problemOf(promise: Promise<unknown>): Promise<ProblemError['problem']> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('no problem');
}
