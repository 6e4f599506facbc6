const end = '\r\n\r\n';

/** Splits the output of a CGI program into its header block and its body, in whatever pieces it arrives. */
export class CgiHead {
  #pending = Buffer.alloc(0);
  #isComplete = false;

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Returns what of the chunk belongs to the body; calls back once, when the header block is complete. */
  push(chunk: Buffer, complete: (status: number, headers: Record<string, string>) => void): Buffer {
    if (this.#isComplete) {
      return chunk;
    }
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const at = this.#pending.indexOf(end);
    if (at < 0) {
      return Buffer.alloc(0);
    }
    this.#isComplete = true;
    const headers: Record<string, string> = {};
    let status = 200;
    for (const line of this.#pending.subarray(0, at).toString('latin1').split('\r\n')) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      if (name === 'status') {
        status = Number.parseInt(value, 10);
      } else {
        headers[name] = value;
      }
    }
    complete(status, headers);
    return this.#pending.subarray(at + end.length);
  }
}
