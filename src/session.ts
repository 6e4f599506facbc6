// What lives as long as the workspace stays as it is: the observer of the world, and what shows it. Trust that is granted
// and folders that come and go begin a new session. In Restricted Mode it observes nothing.
import * as vscode from 'vscode';
import { systemClock } from './base/clock';
import type { Forge } from './base/forge/forge';
import { openForge } from './base/forge/openForge';
import { gitReader } from './base/git/reader';
import { type GitRun, gitRun } from './base/git/run';
import { gitWriter } from './base/git/writer';
import type { KubeconfigSource } from './base/kubernetes/kubeconfig';
import { type Disposable, Lifetime } from './base/lifetime';
import type { Logger } from './base/logger';
import { wordsOf } from './base/redact';
import { registryClient } from './base/registry/client';
import type { BranchReader, CommitPen } from './changes/apply';
import type { CommitPlan } from './changes/plan';
import { registerActivityView } from './editor/activityView';
import type { CloneState } from './editor/agreePlan';
import { BranchFetch } from './editor/branchFetch';
import { rememberedContexts } from './editor/chooseContext';
import { ClusterAccess } from './editor/clusterAccess';
import type { ContextKeys } from './editor/contextKeys';
import {
  type Grouping,
  registerEnvironmentsView,
  rememberedGrouping,
  rememberGrouping,
} from './editor/environmentsView';
import { editorEdits, editorFetch, editorPull, editorPush } from './editor/gitExtension';
import type { LabFolder } from './editor/labControl';
import { type LabLesson, watchLesson } from './editor/labLesson';
import type { Logins } from './editor/logins';
import { assertWritable, readSettings } from './editor/settings';
import { registerStatusLine } from './editor/statusLine';
import { watchLineage } from './editor/watchLineage';
import { watchPromotions } from './editor/watchPromotions';
import type { FileHistory } from './editor/witnesses';
import { type World, watchWorld } from './editor/world';
import { deriveHeldLines } from './fleet/heldLines';
import { deriveViewMessage } from './fleet/viewMessage';
import { deriveViewState } from './fleet/viewState';
import { parseDocuments } from './manifests/documents';
import { readManifests } from './manifests/repository';
import { optional } from './model/optional';
import { ProblemError } from './model/problem';
import { valueOf } from './model/reading';
import { type ObservedScope, Observer } from './sources/observer';
import { apiOf, type PlacedForge, parseRepositoryUrl, type ServiceRepository } from './sources/serviceRepository';

export interface SessionOptions {
  readonly context: vscode.ExtensionContext;
  readonly logger: Logger;
  readonly logins: Logins;
  readonly keys: ContextKeys;
  /** The Git program; undefined for `git` on the PATH. */
  readonly gitPath: string | undefined;
  readonly lab: LabFolder | undefined;
}

export interface Session extends Disposable {
  readonly world: World;
  readonly clusters: ClusterAccess;
  /** In the practice lab's own window. */
  readonly lesson: LabLesson | undefined;
  readonly penOf: (folder: string) => Promise<CommitPen>;
  readonly branchOf: (plan: CommitPlan) => BranchReader;
  readonly cloneOf: (folder: string) => CloneState;
  readonly history: FileHistory;
  readonly namespacesIn: (context: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** The forge that has the image's source. Rejects with `forge-unknown`. */
  readonly forgeOf: (image: string) => Promise<PlacedForge>;
  /** The forge that this remote lies on, if it is one that is spoken to. */
  readonly forgeOfRemote: (url: string) => PlacedForge | undefined;
  /** How the Environments view is grouped from now on. */
  groupBy(grouping: Grouping): Promise<void>;
  /** Reads settings and remembered contexts again. */
  configure(): void;
  /** Reads the kubeconfig again and asks everybody now. */
  refresh(signal: AbortSignal): Promise<void>;
}

export function openSession({ context, logger, logins, keys, gitPath, lab }: SessionOptions): Session {
  const life = new Lifetime();
  const abort = new AbortController();
  life.add({ dispose: () => abort.abort() });
  const runIn = (folder: string): GitRun => {
    const path = gitPath === undefined ? {} : { path: gitPath };
    return gitRun({ folder, environment: process.env, logger, ...path });
  };
  const readerOf = (folder: string) => gitReader(folder, runIn(folder));
  const fetches = new BranchFetch({
    byGit: (folder, remote, branch, signal) => readerOf(folder).fetch(remote, branch, signal),
    byEditor: editorFetch,
  });
  const folders = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : [];
  const kubeconfig = (): KubeconfigSource => ({
    environment: process.env,
    ...optional('path', lab?.kubeconfig ?? readSettings().kubeconfig),
  });
  const clusters = new ClusterAccess({
    load: async () => {
      const { loadKubeconfig } = await import('./base/kubernetes/kubeconfig');
      return loadKubeconfig(kubeconfig());
    },
    assertWritable,
    clock: systemClock,
    logger,
  });
  const forges = new Map<string, Forge>();
  const forgeOf = (host: string): Forge | undefined => {
    const found =
      host === lab?.forge.host ? { api: lab.forge.api, kind: 'github' as const } : apiOf(host, readSettings().forges);
    if (found === undefined) return undefined;
    const known = forges.get(host);
    if (known !== undefined) return known;
    const token = () => logins.forgeToken(host);
    const made = openForge(
      found.kind,
      { fetch, clock: systemClock, logger, apiUrl: found.api, token },
      (text) => parseDocuments('', text).documents[0]?.value,
    );
    forges.set(host, made);
    return made;
  };
  const forgeOfRemote = (url: string): PlacedForge | undefined => {
    const at = parseRepositoryUrl(url) ?? labRepository(url, lab);
    const forge = at && forgeOf(at.host);
    return at && forge && placed(at, forge);
  };
  const scope = (): ObservedScope => {
    const settings = readSettings();
    const chosen = settings.environments.flatMap(({ name, context: named }) =>
      named === undefined ? [] : [[name, named] as const],
    );
    const [only, ...others] = clusters.contexts;
    return {
      settings,
      contexts: new Map([...rememberedContexts(context.workspaceState), ...chosen]),
      ...(only !== undefined && others.length === 0 ? { defaultContext: only } : {}),
      uncheckedContexts: clusters.choices.flatMap(({ name, isUnchecked }) => (isUnchecked === true ? [name] : [])),
      ...optional('kubeconfigProblem', clusters.problem),
    };
  };
  const observer: Observer = life.add(
    new Observer({
      repositories: folders.map(({ uri }) => ({
        folder: uri.fsPath,
        reader: readerOf,
        readManifests,
        heldLines: deriveHeldLines,
        fetch: fetches.fetch,
        clock: systemClock,
        logger,
      })),
      scope: scope(),
      watchCluster: (name, onChange) => clusters.watch(name, onChange),
      registry: registryClient({
        fetch,
        clock: systemClock,
        credentials: (host, signal) => logins.registryLogin(host, signal),
        isPlainHttp: (host) => observer.isInsecureRegistry(host),
      }),
      forge: forgeOf,
      forgeOfRemote,
      clock: systemClock,
      logger,
    }),
  );
  const world = watchWorld(observer);
  const environments = life.add(registerEnvironmentsView(world, () => rememberedGrouping(context.workspaceState)));
  const activity = life.add(registerActivityView(world));
  const lesson =
    lab === undefined
      ? undefined
      : life.add(watchLesson({ world, keys, lab, extensionId: context.extension.id, logger }));
  const isLooking = (): boolean => environments.isVisible || activity.isVisible || lesson !== undefined;
  const drawGrouping = (): Promise<void> =>
    keys.set('fluxPromote.grouping', rememberedGrouping(context.workspaceState));
  void drawGrouping();
  life.add(registerStatusLine(world));
  const drawState = (): void => {
    void keys.set('fluxPromote.state', deriveViewState(world.facts, world.fleet));
    const isPartlySeen = deriveViewMessage(world.facts, world.fleet, Date.now()) !== undefined;
    void keys.set('fluxPromote.isPartlySeen', isPartlySeen);
  };
  life.add(world.onDidChange(drawState));
  drawState();

  const contentOf = (folder: string) =>
    valueOf(observer.facts.repositories.find((one) => one.folder === folder)?.content);

  let looking: Disposable | undefined;
  const watching = { world, isLooking, clock: systemClock, logger };
  const lineage = life.add(watchLineage(watching));
  const promotions = life.add(watchPromotions(watching));
  const look = (): void => {
    looking?.dispose();
    looking = isLooking() ? observer.interest() : undefined;
    lineage.look();
    promotions.look();
  };
  life.add({ dispose: () => looking?.dispose() });
  for (const view of [environments, activity]) life.add(view.onDidChangeVisibility(look));
  const loadClusters = async (): Promise<void> => {
    await clusters.load();
    if (!abort.signal.aborted) observer.configure(scope());
  };
  const reloadClusters = (): void => {
    loadClusters().catch((error: unknown) => logger.error(wordsOf(error)));
  };
  const begin = async (): Promise<void> => {
    if (folders.length === 0) return;
    await observer.readRepositories(abort.signal);
    await loadClusters();
    const { watchKubeconfig } = await import('./base/kubernetes/kubeconfig');
    if (abort.signal.aborted) return;
    life.add(watchKubeconfig(kubeconfig, reloadClusters, systemClock));
    look();
  };
  begin().catch((error: unknown) => {
    if (!abort.signal.aborted) logger.error(wordsOf(error));
  });

  return {
    world,
    clusters,
    lesson,
    penOf: async (folder) => {
      assertWritable();
      return gitWriter(runIn(folder), await editorPush(folder));
    },
    branchOf: ({ folder, remote, branch }) => ({
      tip: async (signal) => {
        await fetches.onDemand(() => fetches.fetch(folder, remote, branch, signal));
        return (await readerOf(folder).commit(`refs/remotes/${remote}/${branch}`, signal)).hash;
      },
      commitsSince: (base, tip, signal) => readerOf(folder).commitsSince(base, tip, signal),
    }),
    cloneOf: (folder) => ({
      reader: readerOf(folder),
      pull: () => editorPull(folder),
      edited: () => editorEdits(folder),
    }),
    history: {
      lastCommit: async (folder, file, signal) => {
        const content = contentOf(folder);
        if (content === undefined) return undefined;
        const selection = { files: { path: file }, maxCount: 1 };
        return (await readerOf(folder).history(content.commit.hash, selection, signal)).entries[0]?.commit;
      },
      undo: async (folder, file, { parents }, signal) => {
        const before = contentOf(folder)?.files.get(file);
        const [parent] = parents;
        if (before === undefined || parent === undefined) return undefined;
        const [blob] = await readerOf(folder).readFiles(parent, [file], Buffer.byteLength(before) * 10, signal);
        return blob?.text === undefined ? undefined : { file, before, after: blob.text };
      },
    },
    namespacesIn: (name, signal) => clusters.namespaces(name, signal),
    forgeOfRemote,
    forgeOf: async (image) => {
      const at = observer.sourceOf(image);
      const forge = at && forgeOf(at.host);
      if (at !== undefined && forge !== undefined) return placed(at, forge);
      throw new ProblemError({
        code: 'forge-unknown',
        message: `No forge is known for ${image}. Name it in fluxPromote.forges.`,
      });
    },
    groupBy: async (grouping) => {
      await rememberGrouping(context.workspaceState, grouping);
      await drawGrouping();
      environments.draw();
    },
    // The kubeconfig may be another one now.
    configure: reloadClusters,
    refresh: async (signal) => {
      await loadClusters();
      await fetches.onDemand(() => world.refresh(signal));
    },
    dispose: () => life.dispose(),
  };
}

/** A repository of the lab, whose remote is another server than its forge. */
function labRepository(url: string, lab: LabFolder | undefined): ServiceRepository | undefined {
  const [, repository] = /^http:\/\/127\.0\.0\.1:\d+\/([^/]+)\.git$/.exec(url) ?? [];
  if (lab === undefined || repository === undefined) return undefined;
  return { host: lab.forge.host, owner: lab.forge.owner, repository };
}

/** Its writing half refuses in read-only mode. */
function placed(at: ServiceRepository, forge: Forge): PlacedForge {
  return {
    ...forge,
    at,
    get writer() {
      assertWritable();
      return forge.writer;
    },
  };
}
