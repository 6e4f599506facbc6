/** The stack cannot be built on this machine, for a reason that is not this project's. */
export class StackUnavailable extends Error {
  /** `no-go`: no Go toolchain, or too old a one. `refused`: the module proxy does not serve a pinned version. */
  readonly reason: 'no-go' | 'refused';

  constructor(reason: StackUnavailable['reason'], message: string) {
    super(message);
    this.name = 'StackUnavailable';
    this.reason = reason;
  }
}
