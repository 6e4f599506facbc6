// One clone: its facts, read one after another, and its histories, which are read behind them.
import type { Disposable } from '../base/lifetime';
import type { RepositoryFacts } from '../model/facts';
import type { GitRepository } from '../model/flux';
import { optional } from '../model/optional';
import type { Problem } from '../model/problem';
import { failed } from '../model/reading';
import { fetchRepository, type GitSource, readRepository } from './git';
import { isWhole, lacksHistories, readHistories, readIntroduction, readTimeline } from './histories';
import { readLineOrigins } from './lineOrigins';

export class RepositoryWatch implements Disposable {
  readonly #source: GitSource;
  readonly #onChange: () => void;
  #facts: RepositoryFacts | undefined;
  #reading: Promise<void> = Promise.resolve();
  #histories: { readonly commit: string; readonly abort: AbortController } | undefined;
  /** The commit of which no history is lacking. */
  #wholeAt: string | undefined;
  #origins = new AbortController();
  /** The remote's trouble, as long as it lasts: what the clone holds is then as old as the last fetch. */
  #remoteProblem: Problem | undefined;
  /** What is told while the remote is silent. */
  #silent: { readonly facts: RepositoryFacts; readonly problem: Problem; readonly told: RepositoryFacts } | undefined;
  /** When the remote last answered; 0 before that. */
  #fetchedAt = 0;

  constructor(source: GitSource, onChange: () => void) {
    this.#source = source;
    this.#onChange = onChange;
  }

  /** Undefined before the first reading; the same object until something has changed. */
  get facts(): RepositoryFacts | undefined {
    const facts = this.#facts;
    const problem = this.#remoteProblem;
    if (facts === undefined || problem === undefined || facts.content.state !== 'known') return facts;
    if (this.#silent?.facts !== facts || this.#silent.problem !== problem) {
      const content = failed({ ...facts.content, at: this.#fetchedAt }, problem);
      this.#silent = { facts, problem, told: { ...facts, content } };
    }
    return this.#silent.told;
  }

  /** Reads the clone as it is. Rejects only when cancelled. */
  async read(declared: readonly GitRepository[], signal: AbortSignal): Promise<void> {
    await this.#inTurn(async () => await this.#readNow(declared, signal));
  }

  /** Asks the remote first. Rejects only when cancelled. */
  async update(declared: readonly GitRepository[], signal: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#facts === undefined) await this.#readNow(declared, signal);
      if (this.#facts !== undefined) await this.#fetch(this.#facts, signal);
      await this.#readNow(declared, signal);
    });
  }

  /**
   * One timeline ahead of the others, as long as it is not whole: what brought the tag that is written now is known first.
   * Rejects only when cancelled.
   */
  async readHistory(key: string, signal: AbortSignal): Promise<void> {
    const facts = this.#facts;
    if (facts === undefined || isWhole(facts.histories.get(key))) return;
    for (const read of [readIntroduction, readTimeline]) {
      const history = await read(this.#source, facts, key, signal);
      if (this.#facts === undefined || !isSameCommit(this.#facts, facts)) return;
      this.#addHistories(new Map([[key, history]]));
    }
  }

  dispose(): void {
    this.#histories?.abort.abort();
    this.#origins.abort();
  }

  /** One after another: two readings at once would race for which is the latest. */
  async #inTurn(run: () => Promise<void>): Promise<void> {
    const before = this.#reading;
    const mine = (async () => {
      await before.catch(() => undefined);
      await run();
    })();
    this.#reading = mine;
    await mine;
  }

  async #readNow(declared: readonly GitRepository[], signal: AbortSignal): Promise<void> {
    const read = await readRepository(this.#source, declared, this.#facts, signal);
    // Histories of the same commit may have come while this was being read.
    const now = this.#facts;
    const isSame = now !== undefined && isSameCommit(now, read);
    this.#facts = isSame ? { ...read, histories: now.histories, ...optional('lineOrigins', now.lineOrigins) } : read;
    this.#onChange();
    this.#startHistories(this.#facts);
    if (!isSame) this.#startOrigins(this.#facts);
  }

  async #fetch(facts: RepositoryFacts, signal: AbortSignal): Promise<void> {
    const problem = await fetchRepository(this.#source, facts, signal);
    if (problem === undefined) this.#fetchedAt = this.#source.clock.now();
    else if (problem.code !== this.#remoteProblem?.code) {
      this.#source.logger.warn(`${facts.folder}: ${problem.message} ${problem.cause ?? ''}`);
    }
    this.#remoteProblem = problem;
  }

  #startOrigins(facts: RepositoryFacts): void {
    this.#origins.abort();
    const abort = new AbortController();
    this.#origins = abort;
    const read = async (): Promise<void> => {
      const lineOrigins = await readLineOrigins(this.#source, facts, abort.signal);
      if (abort.signal.aborted || this.#facts === undefined || lineOrigins.size === 0) return;
      this.#facts = { ...this.#facts, lineOrigins };
      this.#onChange();
    };
    read().catch((error: unknown) => this.#report(error, abort.signal));
  }

  #report(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#source.logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  #startHistories(facts: RepositoryFacts): void {
    if (facts.content.state === 'unknown') return;
    const commit = facts.content.value.commit.hash;
    if (this.#histories?.commit === commit || this.#wholeAt === commit) return;
    if (!lacksHistories(facts)) {
      this.#wholeAt = commit;
      return;
    }
    this.#histories?.abort.abort();
    const abort = new AbortController();
    this.#histories = { commit, abort };
    const onSlice = (histories: RepositoryFacts['histories']): void => {
      if (!abort.signal.aborted) this.#addHistories(histories);
    };
    readHistories(this.#source, facts, onSlice, abort.signal).catch((error: unknown) =>
      this.#report(error, abort.signal),
    );
  }

  /** Of a timeline that is whole already nothing is taken back. */
  #addHistories(histories: RepositoryFacts['histories']): void {
    if (this.#facts === undefined) return;
    const whole = [...this.#facts.histories].filter(([, history]) => isWhole(history));
    this.#facts = { ...this.#facts, histories: new Map([...this.#facts.histories, ...histories, ...whole]) };
    this.#onChange();
  }
}

function isSameCommit({ content: one }: RepositoryFacts, { content: other }: RepositoryFacts): boolean {
  return one.state !== 'unknown' && other.state !== 'unknown' && one.value.commit.hash === other.value.commit.hash;
}
