// Where each suite of `test/lab` runs: in the lab's world alone, or in both. `docs/two-worlds.md` shows this as a table.

/** Run unchanged against the real control plane too, by `npm run test:live`. */
export const inBothWorlds: readonly string[] = [
  'test/lab/controllers/automation.test.ts',
  'test/lab/controllers/idle.test.ts',
  'test/lab/controllers/kustomize.test.ts',
  'test/lab/controllers/reflector.test.ts',
  'test/lab/controllers/source.test.ts',
  'test/lab/faults/faults.test.ts',
  'test/lab/cluster/api.test.ts',
  'test/lab/cluster/clusterPen.test.ts',
  'test/lab/cluster/ownClient.test.ts',
  'test/lab/cluster/ownership.test.ts',
  'test/lab/registry/registry.test.ts',
  'test/lab/content/createContent.test.ts',
  'test/lab/forge/forge.test.ts',
  'test/lab/lineage.test.ts',
  'test/lab/registry-source-client.test.ts',
  'test/lab/sourceClients.test.ts',
  'test/lab/worlds/twoWorlds.test.ts',
];

export interface LabOnly {
  /** Files and folders below `test/lab`. */
  readonly suites: readonly string[];
  /** Completes "in the lab alone, because they …". */
  readonly because: string;
}

export const labOnly: readonly LabOnly[] = [
  {
    suites: [
      'badInput.test.ts',
      'changes',
      'cluster-credentials.test.ts',
      'cluster-faults.test.ts',
      'cluster-kubeconfig.test.ts',
      'cluster-source.test.ts',
      'cluster/ownClientFaults.test.ts',
      'explain/requests.test.ts',
      'following.test.ts',
      'journal.test.ts',
      'promotionCut.test.ts',
      'promotionFaults.test.ts',
      'reflector.test.ts',
      'registry/labRegistry.test.ts',
      'severedPromotion.test.ts',
    ],
    because:
      'inject faults into servers or count their requests; what can be broken on a real control plane is broken in `test/live` and `faults/faults`',
  },
  {
    suites: [
      'cluster/patches.test.ts',
      'cluster/server.test.ts',
      'cluster/store.test.ts',
      'cluster/storeHistory.test.ts',
    ],
    because: "look into the lab's store and server; what a client sees of them is in `cluster/api.test.ts`",
  },
  {
    suites: [
      'controllers/commitMessage.test.ts',
      'controllers/values.test.ts',
      'controllers/workloads.test.ts',
      'worlds/collapse.test.ts',
    ],
    because: 'call functions, or follow a rollout in steps of milliseconds that no API shows',
  },
  {
    suites: ['controllers/race.test.ts'],
    because: 'need two controllers to push at the same moment, which on real Flux is luck: none did in eight rounds',
  },
  {
    suites: ['cluster/kubectl.test.ts'],
    because:
      "ask whether Kubernetes' own client takes the lab for a cluster; on its own API server it has nothing to prove",
  },
  {
    suites: [
      'breakages.test.ts',
      'explain/breakages.test.ts',
      'explain/calm.test.ts',
      'lab.test.ts',
      'observer.test.ts',
    ],
    because:
      'start, stop and break the practice lab as a whole; the observer on real Flux is in `test/live/killedProcess.test.ts` and `test/live/calm.test.ts`',
  },
  {
    suites: [
      'base',
      'cli',
      'dockerConfig.test.ts',
      'execPlugin.test.ts',
      'forge-once.test.ts',
      'forge-source-client.test.ts',
      'forge/labForgeContract.test.ts',
      'forge/workflows.test.ts',
      'git',
      'git-source.test.ts',
      'git.test.ts',
      'gitlab-client.test.ts',
      'repository-watch.test.ts',
      'stack',
      'timelines.test.ts',
    ],
    because:
      "use the same in both worlds: real Git and its programs, files, processes, scripted servers, and the lab's Git server and forge, which serve the stack too",
  },
];
