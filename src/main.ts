// Composition root of the extension: makes every long-lived object, wires the commands, and begins sessions.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { systemClock } from './base/clock';
import { asArray, asObject, asString } from './base/json';
import type { Disposable } from './base/lifetime';
import { redactedLogger, wordsOf } from './base/redact';
import { parseAddress } from './base/registry/address';
import { dockerLogins } from './base/registry/dockerConfig';
import { approveRun } from './editor/approveRun';
import { checkBaseline } from './editor/checkBaseline';
import { chooseContext } from './editor/chooseContext';
import { chooseBeforeBotCommit, chooseEarlierTag } from './editor/chooseTarget';
import type { CommandName } from './editor/commandNames';
import { ContextKeys } from './editor/contextKeys';
import { registerEditing } from './editor/editing';
import { emergencyUndo } from './editor/emergencyUndo';
import { explainPlacement } from './editor/explain';
import { createExplanationPanel } from './editor/explanationPanel';
import { gitProgramPath } from './editor/gitExtension';
import { createLabControl, findLab, type LabControlOptions, type LabFolder, startLab } from './editor/labControl';
import { showLabReport, showLesson } from './editor/labLesson';
import { showSelection } from './editor/language/showSelection';
import { Logins } from './editor/logins';
import { fetchNow, scanNow } from './editor/nudge';
import { openFile } from './editor/openFile';
import { registerPages } from './editor/pages';
import { breakPracticeLab, openPracticeLab, resetPracticeLab } from './editor/practiceLab';
import { registerPreview } from './editor/preview';
import { promote } from './editor/promote';
import { proveLineage } from './editor/proveLineage';
import { rebuildForProduction } from './editor/rebuild';
import { reconcileNow } from './editor/reconcile';
import { repair } from './editor/repair';
import { createReporter } from './editor/report';
import { resumeHold } from './editor/resume';
import { rollBack, rollBackTo } from './editor/rollBack';
import { readSettings, readSeverities } from './editor/settings';
import { registerJournals, showJournal } from './editor/showJournal';
import { signalOf } from './editor/signals';
import { owner } from './lab/content/names';
import { readLesson, writeLesson } from './lab/lessonRecord';
import { labPaths, readState } from './lab/state';
import { ProblemError } from './model/problem';
import { openSession, type Session } from './session';

export interface Application {
  run(command: CommandName, argument: unknown): Promise<void>;
}

const lessonWanted = 'fluxPromote.lessonWanted';

export async function start(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<Application> {
  const logger = redactedLogger(log);
  const reporter = createReporter(logger, (command) => titleOf(command, context));
  const docker = dockerLogins({ environment: process.env, clock: systemClock, logger });
  const logins = new Logins(context.secrets, docker);
  const keys = new ContextKeys();
  const preview = registerPreview();
  const pages = registerPages();
  const journals = registerJournals(logger);
  const explanations = createExplanationPanel((error) => reporter.trouble("Why Didn't It Update?", error));
  let session: Session | undefined;
  const worldChanged = new vscode.EventEmitter<void>();
  const editing = registerEditing({
    settings: readSettings,
    severities: readSeverities,
    live: () => session?.world,
    onDidChangeLive: worldChanged.event,
    onTrouble: (error) => logger.error(wordsOf(error)),
    pages: vscode.Uri.joinPath(context.extensionUri, 'docs', 'rules'),
  });
  context.subscriptions.push(
    preview,
    pages,
    explanations,
    journals,
    { dispose: () => session?.dispose() },
    worldChanged,
    editing,
  );

  const labs: LabControlOptions = {
    script: context.asAbsolutePath(join('dist', 'lab.js')),
    home: join(context.globalStorageUri.fsPath, 'lab'),
    readLab,
    logger,
  };
  let lab: LabFolder | undefined;
  let running: Disposable | undefined;
  const stopLab = (): void => {
    running?.dispose();
    running = undefined;
  };
  context.subscriptions.push({ dispose: stopLab });
  /** Whatever is wrong with a lab, the folder is read all the same. */
  const startOpenLab = async (): Promise<void> => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    try {
      lab = folder === undefined ? undefined : await findLab(folder.uri.fsPath, readLab);
      await keys.set('fluxPromote.isLab', lab !== undefined);
      if (lab === undefined || running !== undefined) return;
      await logins.storeForgeToken(lab.forge.host, lab.forge.token);
      running = await startLab(labs, lab, new AbortController().signal);
    } catch (error) {
      reporter.trouble('Starting the practice lab', error);
    }
  };

  const lesson = {
    show: () => showLesson(context.extension.id),
    showInNextWindow: () => context.globalState.update(lessonWanted, true),
  };
  /** After *Open Practice Lab*, in the window that it opened. */
  const showWantedLesson = async (): Promise<void> => {
    if (lab === undefined || context.globalState.get(lessonWanted) !== true) return;
    await context.globalState.update(lessonWanted, undefined);
    await lesson.show();
  };

  const begin = async (): Promise<void> => {
    session?.dispose();
    session = undefined;
    explanations.dispose();
    if (vscode.workspace.isTrusted) await startOpenLab();
    const gitPath = vscode.workspace.isTrusted ? await gitProgramPath() : undefined;
    session = openSession({ context, logger, logins, keys, gitPath, lab });
    session.world.onDidChange(() => worldChanged.fire());
    worldChanged.fire();
    await showWantedLesson();
  };
  // One after the other: two at once would leave a session that nobody disposes.
  let beginning = begin();
  await beginning;
  const beginAgain = (): void => {
    beginning = beginning.then(begin).catch((error: unknown) => reporter.trouble('Reading the workspace', error));
  };
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(beginAgain),
    vscode.workspace.onDidChangeWorkspaceFolders(beginAgain),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('fluxPromote')) session?.configure();
    }),
  );

  const commands: Readonly<Record<CommandName, (now: Session, argument: unknown) => Promise<void>>> = {
    'fluxPromote.promote': (now, argument) => promote({ ...writingOf(now), pages, forgeOf: now.forgeOf }, argument),
    'fluxPromote.approveRun': (now, argument) =>
      approveRun({ world: now.world, reporter, forgeOf: now.forgeOf }, argument),
    'fluxPromote.rollBack': (now, argument) => rollBack(writingOf(now), argument, { choose: chooseEarlierTag }),
    'fluxPromote.revertBotCommit': (now, argument) =>
      rollBack(writingOf(now), argument, { choose: chooseBeforeBotCommit, prefer: 'drill' }),
    'fluxPromote.emergencyUndo': (now, argument) => {
      const tools = writingOf(now);
      const rollBackTools = {
        rollBackTo: (target: Parameters<typeof rollBackTo>[1]) => rollBackTo(tools, target),
        reconcile: (target: unknown) => reconcileNow(toolsOf(now), target),
      };
      return emergencyUndo({ ...tools, ...rollBackTools }, argument);
    },
    'fluxPromote.resume': (now, argument) => resumeHold(writingOf(now), argument),
    'fluxPromote.explain': (now, argument) =>
      explainPlacement(
        { world: now.world, panel: explanations, clusters: now.clusters, history: now.history },
        argument,
      ),
    'fluxPromote.repair': (now, argument) => repair({ ...writingOf(now), history: now.history }, argument),
    'fluxPromote.proveLineage': (now, argument) => proveLineage({ world: now.world, reporter, pages }, argument),
    'fluxPromote.checkBaseline': (now) =>
      checkBaseline({ world: now.world, pages, reporter, namespacesIn: now.namespacesIn }),
    'fluxPromote.reconcileNow': (now, argument) => reconcileNow(toolsOf(now), argument),
    'fluxPromote.refresh': (now) => {
      const options = { location: { viewId: 'fluxPromote.environments' }, cancellable: true };
      return Promise.resolve(vscode.window.withProgress(options, (_, token) => now.refresh(signalOf(token))));
    },
    'fluxPromote.groupByService': (now) => now.groupBy('service'),
    'fluxPromote.groupByEnvironment': (now) => now.groupBy('environment'),
    'fluxPromote.chooseContext': async (now) => {
      await now.clusters.load();
      if (now.clusters.problem !== undefined) throw new ProblemError(now.clusters.problem);
      if (await chooseContext(now.world.fleet, now.clusters.choices, context.workspaceState)) now.configure();
    },
    'fluxPromote.signIn': async (now) => {
      const forges = readSettings().forges.map(({ api }) => new URL(api).host);
      const registries = [...now.world.facts.registry.keys()].map((image) => parseAddress(image).host);
      if (await logins.signIn({ forges, registries })) await now.refresh(new AbortController().signal);
    },
    'fluxPromote.showJournal': (now, argument) =>
      showJournal({ world: now.world, clusters: now.clusters, journals }, argument),
    'fluxPromote.openFile': (now, argument) => openFile(now.world, argument),
    'fluxPromote.showSelection': (_, argument) => showSelection(editing, argument),
    'fluxPromote.openPracticeLab': () => openPracticeLab(createLabControl(labs, lab, stopLab), lesson),
    'fluxPromote.resetPracticeLab': () => resetPracticeLab(createLabControl(labs, lab, stopLab), lesson, reporter),
    'fluxPromote.breakPracticeLab': () => breakPracticeLab(createLabControl(labs, lab, stopLab), reporter),
    'fluxPromote.rebuildForProduction': (now, argument) =>
      rebuildForProduction({ world: now.world, reporter, forgeOf: now.forgeOf }, argument),
    'fluxPromote.showLabReport': (now) => showLabReport(now.lesson, pages, reporter),
  };
  const toolsOf = (now: Session) => {
    const reconcilePenOf = (name: string) => now.clusters.penOf(name);
    const nudge = { world: now.world, reconcilePenOf, logger };
    return {
      world: now.world,
      reporter,
      reconcilePenOf,
      scanNow: (target: Parameters<typeof scanNow>[1], signal: AbortSignal) => scanNow(nudge, target, signal),
      fetchNow: (target: Parameters<typeof fetchNow>[1], signal: AbortSignal) => fetchNow(nudge, target, signal),
    };
  };

  const writingOf = (now: Session) => ({
    ...toolsOf(now),
    clusterPenOf: (name: string) => now.clusters.penOf(name),
    forgeOfRemote: now.forgeOfRemote,
    preview,
    penOf: now.penOf,
    branchOf: now.branchOf,
    cloneOf: now.cloneOf,
  });

  return {
    run: async (name, argument) => {
      try {
        await beginning;
        if (session !== undefined) await commands[name](session, argument);
      } catch (error) {
        reporter.trouble(titleOf(name, context), error);
      }
    },
  };
}

/** The command's title as the manifest has it, for messages. */
function titleOf(name: string, { extension }: vscode.ExtensionContext): string {
  const contributes = asObject(asObject(extension.packageJSON)?.['contributes']);
  const command = asArray(contributes?.['commands'])
    .map(asObject)
    .find((one) => one?.['command'] === name);
  return asString(command?.['title'])?.replace('…', '') ?? name;
}

async function readLab(folder: string): Promise<LabFolder | undefined> {
  const state = await readState(folder);
  if (state === undefined) return undefined;
  const { workspace, kubeconfig } = labPaths(folder);
  const host = `127.0.0.1:${state.ports.forge}`;
  return {
    folder,
    workspace,
    kubeconfig,
    forge: { host, api: `http://${host}`, token: state.tokens.forge, owner },
    createdAt: state.createdAt,
    lesson: { read: () => readLesson(folder), write: (record) => writeLesson(folder, record) },
  };
}
