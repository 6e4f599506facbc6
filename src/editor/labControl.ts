// The practice lab from the window's side: the process that is the lab, and whether this window's folder is one.
// A window whose workspace is the lab starts it on activation; the process ends with the window.
import { dirname } from 'node:path';
import { asObject, asString, parseJson } from '../base/json';
import type { Disposable } from '../base/lifetime';
import type { Logger } from '../base/logger';
import { runNodeProgram, startNodeProgram } from '../base/nodeProgram';
import { optional } from '../model/optional';
import { ProblemError } from '../model/problem';
import type { LessonStore } from './labLesson';
import type { LabControl } from './practiceLab';

/** What the lab's own folder says; handed in, for the lab's code is not the editor's. */
export interface LabFolder {
  readonly folder: string;
  readonly workspace: string;
  readonly kubeconfig: string;
  /** Its Git remote has no owners in its addresses: all repositories are this one's. */
  readonly forge: { readonly host: string; readonly api: string; readonly token: string; readonly owner: string };
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly lesson: LessonStore;
}

export interface LabControlOptions {
  /** The lab's bundle. */
  readonly script: string;
  /** Where labs are made. */
  readonly home: string;
  /** Undefined where there is no lab. Rejects with `lab-broken`. */
  readonly readLab: (folder: string) => Promise<LabFolder | undefined>;
  readonly logger: Logger;
}

const startLimitMs = 60_000;

/** The lab whose workspace this folder is: two levels up lies its state. */
export async function findLab(
  workspace: string,
  readLab: LabControlOptions['readLab'],
): Promise<LabFolder | undefined> {
  const lab = await readLab(dirname(dirname(workspace)));
  return lab?.workspace === workspace ? lab : undefined;
}

/** Starts the lab; disposing ends it. Rejects with the lab's own problem, such as a taken port. */
export async function startLab(
  { script, logger }: LabControlOptions,
  { folder }: LabFolder,
  signal: AbortSignal,
): Promise<Disposable> {
  const running = await startNodeProgram({ script, arguments: ['start', folder], logger }, startLimitMs, signal);
  const problem = problemIn(running.firstLine);
  if (problem === undefined) return running;
  running.dispose();
  throw problem;
}

export function createLabControl(
  options: LabControlOptions,
  open: LabFolder | undefined,
  stop: () => void,
): LabControl {
  const { script, home, readLab, logger } = options;
  const folder = open?.folder ?? home;
  const run = async (command: string, rest: readonly string[], signal: AbortSignal): Promise<void> => {
    const lines = await runNodeProgram({ script, arguments: [command, folder, ...rest], logger }, signal);
    const problem = problemIn(lines.at(-1) ?? '');
    if (problem !== undefined) throw problem;
  };
  const workspaceOf = async (): Promise<string> => {
    const lab = await readLab(folder);
    if (lab === undefined) throw new Error(`no lab was made in ${folder}`);
    return lab.workspace;
  };
  return {
    isOpen: open !== undefined,
    create: async (signal) => {
      if ((await readLab(folder)) === undefined) await run('create', [], signal);
      return workspaceOf();
    },
    reset: async (signal) => {
      stop();
      await run('reset', [], signal);
      return workspaceOf();
    },
    break: (breakage, signal) => run('break', [breakage], signal),
  };
}

/** The lab's last line is `{"ready":false,"problem":…}` when it could not do what was asked. */
function problemIn(line: string): ProblemError | undefined {
  const said = asObject(parseJson(line));
  if (said?.['ready'] !== false) return undefined;
  const problem = asObject(said['problem']);
  const message = asString(problem?.['message']) ?? 'The practice lab stopped.';
  const remedy = asString(problem?.['remedy']);
  return new ProblemError({ code: 'program-failed', message, ...optional('remedy', remedy) });
}
