import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { rowsByEnvironment } from '../../../src/fleet/rows';
import { deriveViewMessage } from '../../../src/fleet/viewMessage';
import { deriveViewState } from '../../../src/fleet/viewState';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import type { ClusterFacts, Facts, RepositoryContent } from '../../../src/model/facts';
import type { Problem, ProblemCode } from '../../../src/model/problem';
import { failed, mapReading, type Reading, unknown } from '../../../src/model/reading';
import { unknownCluster } from '../../../src/sources/cluster';
import { minute, now, shopFacts, shopFiles } from './shop';

const problem = (code: ProblemCode, message: string): Problem => ({ code, message });
const unreachable = problem('cluster-unreachable', 'The cluster lab cannot be reached.');
const forbidden = problem('cluster-forbidden', 'The cluster lab does not allow you to list pods.');

function withContent(change: (content: Reading<RepositoryContent>) => Reading<RepositoryContent>): Facts {
  const facts = shopFacts();
  return { ...facts, repositories: facts.repositories.map((one) => ({ ...one, content: change(one.content) })) };
}

function withFiles(files: Readonly<Record<string, string>>): Facts {
  return withContent((content) =>
    mapReading(content, (value) => ({ ...value, manifests: readManifests(treeOf(files)) })),
  );
}

function withCluster(change: (cluster: ClusterFacts) => ClusterFacts): Facts {
  const facts = shopFacts();
  return { ...facts, clusters: new Map([...facts.clusters].map(([name, cluster]) => [name, change(cluster)])) };
}

function withoutContext(change: Partial<Facts> = {}): Facts {
  const { defaultContext: _, ...facts } = shopFacts();
  return { ...facts, clusters: new Map(), ...change };
}

const allStale = (cluster: ClusterFacts): ClusterFacts => ({
  context: cluster.context,
  gitRepositories: failed(cluster.gitRepositories, unreachable),
  kustomizations: failed(cluster.kustomizations, unreachable),
  imageRepositories: failed(cluster.imageRepositories, unreachable),
  imagePolicies: failed(cluster.imagePolicies, unreachable),
  imageUpdateAutomations: failed(cluster.imageUpdateAutomations, unreachable),
  deployments: failed(cluster.deployments, unreachable),
  replicaSets: failed(cluster.replicaSets, unreachable),
  pods: failed(cluster.pods, unreachable),
});

describe('deriveViewMessage', () => {
  const silentRemote = problem('git-failed', 'The remote origin could not be reached.');
  const missing = problem('kubeconfig-missing', 'There is no kubeconfig at /nowhere.');
  const broken = { ...shopFiles(), 'clusters/lab/broken.yaml': 'apiVersion: x.toolkit.fluxcd.io/v1\nkind: [\n' };
  const choose = 'Run “Choose Cluster Context…” to see what is selected and running.';
  const cases: readonly (readonly [string, Facts, string | undefined])[] = [
    ['nothing when all is well', shopFacts(), undefined],
    [
      'how old Git is while the remote is silent',
      withContent((content) => failed({ ...content, at: now - 5 * minute } as typeof content, silentRemote)),
      'The remote origin could not be reached. Git is shown as of 5 min ago.',
    ],
    [
      'that the remote has never answered',
      withContent((content) => failed({ ...content, at: 0 } as typeof content, silentRemote)),
      'The remote origin could not be reached. Git is shown as this clone has it.',
    ],
    ['that no cluster is chosen', withoutContext(), `No cluster is chosen. ${choose}`],
    [
      'for which environments no cluster is chosen',
      withoutContext({ contexts: new Map([['staging', 'lab']]) }),
      `No cluster is chosen for production. ${choose}`,
    ],
    ['that there is no kubeconfig', withoutContext({ kubeconfigProblem: missing }), missing.message],
    ['that the cluster never answered', withCluster(() => unknownCluster('lab', unreachable)), unreachable.message],
    [
      'how old the cluster is since it fell silent',
      withCluster(allStale),
      `${unreachable.message} The cluster lab is shown as of 0 s ago.`,
    ],
    [
      'nothing while the cluster is asked for the first time',
      withCluster(() => unknownCluster('lab', problem('not-read-yet', 'not yet'))),
      undefined,
    ],
    ['what is not allowed', withCluster((one) => ({ ...one, pods: unknown(forbidden) })), forbidden.message],
    [
      'how much is not allowed',
      withCluster((one) => ({ ...one, pods: unknown(forbidden), deployments: unknown(forbidden) })),
      `${forbidden.message} So it is with 1 more of 8 kinds.`,
    ],
    [
      'which file is broken',
      withFiles(broken),
      'clusters/lab/broken.yaml cannot be read as YAML (line 3); correct it, Flux skips or refuses it as it is.',
    ],
    [
      'that the registry is silent',
      shopFacts({ registry: unknown(problem('registry-unreachable', 'The registry ghcr.io cannot be reached.')) }),
      'The registry ghcr.io cannot be reached.',
    ],
  ];
  for (const [name, facts, line] of cases) {
    it(`says ${name}`, () => assert.equal(deriveViewMessage(facts, deriveFleet(facts), now), line));
  }

  it('leaves an empty view to its welcome content', () => {
    const facts = withContent(() => unknown(silentRemote));
    assert.equal(deriveViewMessage(facts, deriveFleet(facts), now), undefined);
  });

  it('gives the kubeconfig’s trouble to the cells that need a cluster', () => {
    const [environment] = deriveFleet(withoutContext({ kubeconfigProblem: missing })).environments;
    const running = environment?.placements[0]?.running;
    assert.equal(running?.state === 'unknown' && running.problem, missing);
  });
});

describe('a row', () => {
  it('says that its history is cut short', () => {
    const shallow = problem('git-shallow', 'The clone is shallow. Run git fetch --unshallow.');
    const facts = shopFacts();
    const repositories = facts.repositories.map((one) => ({
      ...one,
      histories: new Map([...one.histories].map(([key, history]) => [key, failed(history, shallow)])),
    }));
    const rows = rowsByEnvironment(deriveFleet({ ...facts, repositories }), now);
    const details = rows.at(-1)?.children[0]?.children ?? [];
    assert.equal(details.find(({ label }) => label === 'History')?.description, shallow.message);
    assert.ok(details.some(({ label }) => label === 'Last write-back'));
  });
});

describe('deriveViewState', () => {
  const cases: readonly (readonly [string, Facts])[] = [
    ['ready', shopFacts()],
    ['loading', { ...shopFacts(), repositories: [] }],
    ['loading', withContent(() => unknown(problem('not-read-yet', 'not yet')))],
    ['git-missing', withContent(() => unknown(problem('git-missing', 'no git')))],
    ['git-unborn', withContent(() => unknown(problem('git-unborn', 'no commit')))],
    ['failed', withContent(() => unknown(problem('git-failed', 'no')))],
    ['not-flux', withFiles({ 'note.yaml': 'kind: Note\n' })],
    ['unreadable', withFiles({ 'policy.yaml': 'apiVersion: image.toolkit.fluxcd.io/v1\nkind: [\n' })],
  ];
  for (const [state, facts] of cases) {
    it(`is ${state}`, () => assert.equal(deriveViewState(facts, deriveFleet(facts)), state));
  }

  it('waits for the other folders before it says what is missing', () => {
    const [one] = shopFacts().repositories;
    assert.ok(one !== undefined);
    const none = unknown<RepositoryContent>(problem('git-not-a-repository', 'none'));
    const later = unknown<RepositoryContent>(problem('not-read-yet', 'not yet'));
    const facts = {
      ...shopFacts(),
      repositories: [
        { ...one, content: none },
        { ...one, content: later },
      ],
    };
    assert.equal(deriveViewState(facts, deriveFleet(facts)), 'loading');
  });
});
