const windowMs = 3_600_000;

/** GitHub's primary rate limit: so many requests an hour, told in every answer's headers. */
export class RateLimit {
  readonly #limit: number;
  readonly #now: () => number;
  #used = 0;
  #resetAt = 0;

  constructor(limit: number, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  take(): { readonly isExceeded: boolean; readonly headers: Readonly<Record<string, string>> } {
    const now = this.#now();
    if (now >= this.#resetAt) {
      this.#resetAt = now + windowMs;
      this.#used = 0;
    }
    const isExceeded = this.#used >= this.#limit;
    this.#used = Math.min(this.#limit, this.#used + 1);
    return {
      isExceeded,
      headers: {
        'x-ratelimit-limit': String(this.#limit),
        'x-ratelimit-remaining': String(this.#limit - this.#used),
        'x-ratelimit-used': String(this.#used),
        'x-ratelimit-reset': String(Math.floor(this.#resetAt / 1000)),
        'x-ratelimit-resource': 'core',
      },
    };
  }
}
