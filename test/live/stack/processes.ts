import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../lab/until';

export interface ProgramToRun {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it serves; asked until it does. */
  readonly isReady: () => Promise<boolean>;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

const readyMs = 120_000;
/** What is open then, is thrown away anyway: an API server waits a minute for its watches. */
const endMs = 1_000;

/**
 * Long-lived programs with a log each, in `folder`. They are in sessions of their own, so that Ctrl-C reaches only us and they end
 * in order; the guardian ends them when we are gone without having done so.
 */
export class Processes {
  readonly #folder: string;
  readonly #guardian: ChildProcess;
  readonly #programs = new Map<string, ProgramToRun>();
  readonly #running = new Map<string, Running>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.#guardian = spawn('sh', [join(__dirname, 'guardian.sh'), folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#guardian.stdin?.on('error', () => undefined);
  }

  /** `folder` is removed when everything has ended. */
  static async inFolder(folder: string): Promise<Processes> {
    await mkdir(join(folder, 'log'), { recursive: true });
    return new Processes(folder);
  }

  get names(): readonly string[] {
    return [...this.#programs.keys()];
  }

  /** Resolves when it serves. Rejects with the end of its log when it ends before, or never does. */
  async start(toRun: ProgramToRun): Promise<void> {
    this.#programs.set(toRun.name, toRun);
    const { name, program, args, env, isReady } = toRun;
    const log = join(this.#folder, 'log', `${name}.log`);
    const output = openSync(log, 'a');
    const child = spawn(program, [...args], {
      cwd: this.#folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', output, output],
      detached: true,
    });
    closeSync(output);
    const { pid } = child;
    if (pid !== undefined) this.#tellGuardian(`began ${pid}`);
    const ended = new Promise<void>((resolve) => {
      const end = (): void => {
        if (pid !== undefined) this.#tellGuardian(`ended ${pid}`);
        this.#running.delete(name);
        resolve();
      };
      child.once('exit', end).once('error', end);
    });
    this.#running.set(name, { child, ended });
    const isOver = (): boolean => pid === undefined || child.exitCode !== null || child.signalCode !== null;
    try {
      await until(async () => isOver() || (await isReady()), { timeoutMs: readyMs, what: `${name} to serve` });
      if (isOver()) throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode ?? 'no process'}`);
    } catch (error) {
      throw new Error(`${name} did not start. The end of its log:\n${await endOf(log)}`, { cause: error });
    }
  }

  /** Resolves when it is gone. */
  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = this.#runningOf(name);
    running.child.kill(signal);
    await running.ended;
  }

  #runningOf(name: string): Running {
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    throw new Error(`${name} does not run; there are ${[...this.#running.keys()].join(', ')}`);
  }

  /** `SIGSTOP` leaves its sockets open and silent; `SIGCONT` ends that. */
  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#runningOf(name).child.kill(signal);
  }

  /** Starts it again as it was, after a kill. Resolves when it serves. */
  async restart(name: string): Promise<void> {
    const toRun = this.#programs.get(name);
    if (toRun === undefined) throw new Error(`there is no process ${name}`);
    if (this.#running.has(name)) await this.kill(name);
    await this.start(toRun);
  }

  /** Ends all, removes the folder, and resolves when nothing is left. */
  async stop(): Promise<void> {
    const all = [...this.#running.values()];
    for (const { child } of all) child.kill('SIGTERM');
    const timer = setTimeout(() => {
      for (const { child } of all) child.kill('SIGKILL');
    }, endMs);
    await Promise.all(all.map(({ ended }) => ended));
    clearTimeout(timer);
    const gone = new Promise((resolve) => this.#guardian.once('exit', resolve));
    this.#guardian.stdin?.end();
    await gone;
  }

  #tellGuardian(line: string): void {
    this.#guardian.stdin?.write(`${line}\n`);
  }
}

async function endOf(log: string): Promise<string> {
  return (await readFile(log, 'utf8')).slice(-3000);
}
