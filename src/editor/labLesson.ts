// The lab as a lesson: keeps what was observed, tells the walkthrough's steps by context keys, and shows the report.
import * as vscode from 'vscode';
import { pause, systemClock } from '../base/clock';
import { asNumber, asObject, asString } from '../base/json';
import type { Logger } from '../base/logger';
import { wordsOf } from '../base/redact';
import {
  deriveLesson,
  type LessonRecord,
  type LessonView,
  lessonSigns,
  lessonSteps,
  observeAgain,
} from '../fleet/lesson';
import { formatLessonReport } from '../fleet/lessonReport';
import type { ContextKeys } from './contextKeys';
import { offerCopy, type Pages } from './pages';
import type { Reporter } from './report';
import type { World } from './world';

/** What was observed, as the lab's folder keeps it. */
export interface LessonStore {
  read(): Promise<unknown>;
  write(record: LessonRecord): Promise<void>;
}

export interface LabLesson extends vscode.Disposable {
  report(now: number): string;
}

export interface LessonOptions {
  readonly world: World;
  readonly keys: ContextKeys;
  readonly lab: { readonly createdAt: number; readonly lesson: LessonStore };
  readonly extensionId: string;
  readonly logger: Logger;
}

const walkthrough = 'lab';
const hardStops = ['pattern-crosses-environment', 'image-mutable-in-production'];

export function watchLesson({ world, keys, lab, extensionId, logger }: LessonOptions): LabLesson {
  let record: LessonRecord | undefined;
  let keeping: Promise<void> = Promise.resolve();
  const view = (): LessonView => ({
    facts: world.facts,
    fleet: world.fleet,
    findings: hardStopFindings(),
    createdAt: lab.createdAt,
  });
  const tick = async (): Promise<void> => {
    for (const step of lessonSteps) await keys.set(`fluxPromote.lesson.${step}`, record?.[step] !== undefined);
  };
  const trouble = (error: unknown): void => logger.error(wordsOf(error));
  const keep = async (before: Promise<void>, next: LessonRecord): Promise<void> => {
    await before;
    try {
      await lab.lesson.write(next);
      await tick();
    } catch (error) {
      trouble(error);
    }
  };
  const look = (): void => {
    if (record === undefined) return;
    const next = deriveLesson(record, view(), Date.now());
    if (next === record) return;
    record = next;
    keeping = keep(keeping, next);
  };
  const life = new AbortController();
  const begin = async (): Promise<void> => {
    const kept = decodeLesson(await lab.lesson.read());
    await syncTicks(extensionId, kept, life.signal).catch(trouble);
    if (life.signal.aborted) return;
    record = kept;
    await tick();
    look();
  };
  begin().catch(trouble);
  // Somebody learns here: the world is watched whatever is open.
  const parts = [world.interest(), world.onDidChange(look), vscode.languages.onDidChangeDiagnostics(look)];
  return {
    report: (now) => formatLessonReport(record ?? {}, observeAgain(view()), now),
    dispose: () => {
      life.abort();
      for (const part of parts) part.dispose();
    },
  };
}

/** What is not readable was not seen. */
function decodeLesson(value: unknown): LessonRecord {
  const found = asObject(value);
  return Object.fromEntries(
    lessonSigns.flatMap((sign) => {
      const entry = asObject(found?.[sign]);
      const at = asNumber(entry?.['at']);
      const evidence = asString(entry?.['evidence']);
      return at === undefined || evidence === undefined ? [] : [[sign, { at, evidence }]];
    }),
  );
}

function hardStopFindings(): readonly string[] {
  return vscode.languages.getDiagnostics().flatMap(([uri, diagnostics]) =>
    diagnostics.flatMap(({ code, severity }) => {
      const rule = typeof code === 'object' ? String(code.value) : '';
      const isStop = hardStops.includes(rule) && severity === vscode.DiagnosticSeverity.Error;
      return isStop ? [`${rule} in ${vscode.workspace.asRelativePath(uri)}`] : [];
    }),
  );
}

export async function showLesson(extensionId: string): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#${walkthrough}`, false);
}

/**
 * Makes the walkthrough's ticks those of the record. VS Code keeps them by itself, also those of a lab that is gone; and it
 * overlooks a key that is set before it has read the walkthrough, which it does when it is first asked about a step.
 */
async function syncTicks(extensionId: string, record: LessonRecord, signal: AbortSignal): Promise<void> {
  const known = await vscode.commands.getCommands();
  for (const step of lessonSteps) {
    const command = record[step] === undefined ? 'welcome.markStepIncomplete' : 'welcome.markStepComplete';
    if (!known.includes(command)) return;
    await untilAccepted(command, `${extensionId}#${walkthrough}#${step}`, signal);
  }
}

/** Rejects as long as the walkthrough is not read; that takes a moment, or it never comes. */
async function untilAccepted(command: string, argument: string, signal: AbortSignal): Promise<void> {
  for (let tries = 20; ; tries -= 1) {
    try {
      await vscode.commands.executeCommand(command, argument);
      return;
    } catch (error) {
      if (tries === 0) throw error;
      await pause(systemClock, 500, signal);
    }
  }
}

export async function showLabReport(lesson: LabLesson | undefined, pages: Pages, reporter: Reporter): Promise<void> {
  if (lesson === undefined) {
    reporter.refused({
      kind: 'refusal',
      reason: 'This window is not the practice lab.',
      wayOut: 'Open the practice lab first.',
    });
    return;
  }
  const text = lesson.report(Date.now());
  await pages.show('Report of the practice lab', text);
  await offerCopy('The report is written.', text, reporter);
}
