// Owners of timers, sockets and watchers. VS Code's Disposable fits this shape.

export interface Disposable {
  dispose(): void;
}

/** Disposes its members in reverse order, once; what is added afterwards is disposed at once. */
export class Lifetime implements Disposable {
  readonly #members: Disposable[] = [];
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  add<T extends Disposable>(member: T): T {
    if (this.#isOver) member.dispose();
    else this.#members.push(member);
    return member;
  }

  dispose(): void {
    this.#isOver = true;
    for (let member = this.#members.pop(); member !== undefined; member = this.#members.pop()) member.dispose();
  }
}
