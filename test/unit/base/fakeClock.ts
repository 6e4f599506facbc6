// A clock that moves only when told.
import type { Clock } from '../../../src/base/clock';

export class FakeClock implements Clock {
  #now = 1_000_000;
  #timers: { at: number; readonly call: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  random(): number {
    return 0.5;
  }

  after(ms: number, call: () => void): { dispose(): void } {
    const timer = { at: this.#now + ms, call };
    this.#timers.push(timer);
    return {
      dispose: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  get waiting(): number {
    return this.#timers.length;
  }

  /** Somebody sets the clock, or the machine sleeps: it is another time, and timers wait as long as before. */
  jump(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) timer.at += ms;
  }

  /** Moves time on, calls what is due in order, and lets all promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#now = due.at;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      due.call();
      await settled();
    }
    this.#now = end;
  }
}

/** Until every promise that can settle without time has settled. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
