// Show Events and Log: a read-only document about one object that grows while it is open.
import * as vscode from 'vscode';
import { systemClock } from '../base/clock';
import { Lifetime } from '../base/lifetime';
import type { Logger } from '../base/logger';
import { wordsOf } from '../base/redact';
import { formatJournal } from '../fleet/journalFormat';
import { partsOfWorkload } from '../fleet/partsOfWorkload';
import type { Row } from '../fleet/rows';
import type { ClusterFacts } from '../model/facts';
import type { Placement } from '../model/fleet';
import type { ObjectReference } from '../model/flux';
import { ProblemError } from '../model/problem';
import { askPick } from './ask';
import { askPlacement } from './choose';
import type { ClusterAccess } from './clusterAccess';
import { followObject } from './objectJournal';
import type { World } from './world';

const scheme = 'flux-promote-journal';
/** Changes within this time are drawn once. */
const drawMs = 200;

export interface Journals extends vscode.Disposable {
  show(world: World, clusters: ClusterAccess, context: string, object: ObjectReference): Promise<void>;
}

export function registerJournals(logger: Logger): Journals {
  const open = new Map<string, Lifetime>();
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
  });
  const close = (key: string): void => {
    open.get(key)?.dispose();
    open.delete(key);
    texts.delete(key);
  };
  const closing = vscode.workspace.onDidCloseTextDocument(({ uri }) => close(uri.toString()));
  return {
    show: async (world, clusters, context, object) => {
      const uri = vscode.Uri.from({
        scheme,
        path: `/${context}/${object.kind} ${object.namespace} ${object.name}.log`,
      });
      const key = uri.toString();
      close(key);
      let drawing: NodeJS.Timeout | undefined;
      const draw = (): void => {
        drawing = undefined;
        texts.set(key, formatJournal(object, context, journal.notes, journal.entries));
        changed.fire(uri);
      };
      const life = new Lifetime();
      open.set(key, life);
      life.add({ dispose: () => clearTimeout(drawing) });
      life.add(world.interest());
      const witness = life.add(clusters.witness(context));
      const factsOf = (): ClusterFacts | undefined => world.facts.clusters.get(context);
      const journal = life.add(
        followObject({
          object,
          sources: {
            ...witness,
            parts: () => partsOfWorkload(object, factsOf()),
          },
          clock: systemClock,
          onChange: () => {
            drawing ??= setTimeout(draw, drawMs);
          },
          onBug: (error) => logger.error(wordsOf(error)),
        }),
      );
      draw();
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
    },
    dispose: () => {
      for (const life of open.values()) life.dispose();
      closing.dispose();
      provider.dispose();
      changed.dispose();
    },
  };
}

export interface ShowJournalTools {
  readonly world: World;
  readonly clusters: ClusterAccess;
  readonly journals: Journals;
}

/** From a row that speaks of an object, or by asking for the placement and one of its objects. */
export async function showJournal({ world, clusters, journals }: ShowJournalTools, argument: unknown): Promise<void> {
  const placement = await askPlacement(world.fleet, argument, 'Events and log: of which service', () => true);
  if (placement === undefined) return;
  const object = objectOf(argument) ?? (await askObject(placement));
  if (object === undefined) return;
  const { context, environment } = placement;
  if (context === undefined) {
    throw new ProblemError({
      code: 'context-not-chosen',
      message: `No cluster is chosen for ${environment}. Choose its kubeconfig context.`,
      remedy: 'chooseContext',
    });
  }
  await journals.show(world, clusters, context, object);
}

function objectOf(argument: unknown): ObjectReference | undefined {
  return typeof argument === 'object' && argument !== null ? (argument as Partial<Row>).object : undefined;
}

async function askObject(placement: Placement): Promise<ObjectReference | undefined> {
  const { imageRepository, policy, automation, kustomization, workload } = placement;
  const objects = [imageRepository, policy, automation, kustomization, workload].filter((one) => one !== undefined);
  const items = objects.map((object) => ({
    label: object.kind,
    description: `${object.namespace}/${object.name}`,
    object,
  }));
  return (await askPick(items, { title: 'Events and log: of which object' }))?.object;
}
