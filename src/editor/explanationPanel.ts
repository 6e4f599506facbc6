// One panel for all explanations. While it is open the world is kept fresh, and what has changed is told again: whoever mends
// something sees here that it is mended.
import * as vscode from 'vscode';
import { asNumber, asObject, asString } from '../base/json';
import { type Disposable, Lifetime } from '../base/lifetime';
import type { Explanation } from '../fleet/explain/explanation';
import { formatExplanation, gistOf } from '../fleet/explain/explanationText';
import type { FaultPlace, RemedyCommand } from '../model/fault';
import type { PlacementId } from '../model/fleet';
import { formatContent, formatPage, remedyCommand } from './explanationPage';

/** How an explanation came to be, and comes again. */
export interface Story {
  readonly world: { onDidChange(listener: () => void): Disposable; interest(): Disposable };
  /** From what is known now; asks nobody. */
  readonly glance: () => Explanation;
  /** With what is asked for. Rejects with problems. */
  readonly tell: (signal: AbortSignal) => Promise<Explanation>;
  /** Asks everybody afresh, and shows it. */
  readonly again: () => Promise<void>;
  readonly open: (place: FaultPlace) => Promise<void>;
}

export interface ExplanationPanel extends Disposable {
  show(explanation: Explanation, story: Story): void;
}

/** Ages are told anew so often. */
const growMs = 10_000;

/** `trouble` takes what a button runs into, and what telling again does. */
export function createExplanationPanel(trouble: (error: unknown) => void): ExplanationPanel {
  let panel: vscode.WebviewPanel | undefined;
  let shown: { readonly explanation: Explanation; readonly story: Story } | undefined;
  let following = new Lifetime();

  const open = (): vscode.WebviewPanel => {
    const made = vscode.window.createWebviewPanel('fluxPromote.explanation', '', vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [],
    });
    made.onDidDispose(() => {
      panel = undefined;
      following.dispose();
    });
    made.webview.onDidReceiveMessage((message: unknown) => {
      act(message).catch(trouble);
    });
    made.webview.html = formatPage(crypto.randomUUID());
    return made;
  };
  const draw = (explanation: Explanation, story: Story): void => {
    shown = { explanation, story };
    panel ??= open();
    panel.title = `${explanation.service} in ${explanation.environment}`;
    void panel.webview.postMessage(formatContent(asOfNow(explanation)));
  };
  /** The world is kept fresh: what has not changed is so still, and lasts longer. */
  const grow = (): void => {
    if (shown === undefined || panel?.visible !== true) return;
    void panel.webview.postMessage({ ...formatContent(asOfNow(shown.explanation)), isOnlyOlder: true });
  };
  /** The newest telling goes before one that is still under way. */
  const follow = (explanation: Explanation, story: Story): void => {
    following.dispose();
    const life = new Lifetime();
    following = life;
    let told = gistOf(explanation);
    let telling = new AbortController();
    const look = async (): Promise<void> => {
      const gist = gistOf(story.glance());
      if (gist === told) return;
      told = gist;
      telling.abort();
      telling = new AbortController();
      const { signal } = telling;
      try {
        const next = await story.tell(signal);
        if (!signal.aborted) draw(next, story);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    };
    const growing = setInterval(grow, growMs);
    life.add({ dispose: () => clearInterval(growing) });
    life.add({ dispose: () => telling.abort() });
    life.add(story.world.interest());
    life.add(
      story.world.onDidChange(() => {
        look().catch(trouble);
      }),
    );
  };
  const act = async (message: unknown): Promise<void> => {
    if (shown === undefined) return;
    const { explanation, story } = shown;
    const { service, environment, faults, unseen } = explanation;
    const asked = asObject(message);
    const meant = faults[asNumber(asked?.['fault']) ?? -1];
    switch (asString(asked?.['kind'])) {
      case 'ready':
        return draw(explanation, story);
      case 'again':
        return await story.again();
      case 'copy':
        return await vscode.env.clipboard.writeText(formatExplanation(asOfNow(explanation)));
      case 'step': {
        const step = meant?.steps[asNumber(asked?.['step']) ?? -1];
        if (step !== undefined) await vscode.env.clipboard.writeText(step.command);
        return;
      }
      case 'open':
        if (meant?.place !== undefined) await story.open(meant.place);
        return;
      case 'remedy':
        return await run(meant?.remedy.command, { service, environment });
      case 'resume':
        return await run('resume', { service, environment });
      case 'unseen':
        return await run(remedyCommand(unseen[asNumber(asked?.['fault']) ?? -1]?.remedy), { service, environment });
      case 'or':
        return await run(meant?.remedy.or?.command, { service, environment });
      default:
    }
  };
  return {
    show: (explanation, story) => {
      draw(explanation, story);
      panel?.reveal();
      follow(explanation, story);
    },
    dispose: () => panel?.dispose(),
  };
}

function asOfNow(explanation: Explanation): Explanation {
  return { ...explanation, at: Date.now() };
}

async function run(command: RemedyCommand | undefined, target: PlacementId): Promise<void> {
  if (command !== undefined) await vscode.commands.executeCommand(`fluxPromote.${command}`, target);
}
