// What the controllers ask of a Git remote: which commits its references name. Messages are worded as
// fluxcd/pkg/git and go-git word them, since they end up in conditions. Nothing but loopback is asked.
import { setTimeout as sleep } from 'node:timers/promises';

export class GitRemoteError extends Error {
  override readonly name = 'GitRemoteError';
}

const loopback = /^http:\/\/(?:127(?:\.\d+){3}|localhost|\[::1\])(?::\d+)?\//;
const sizeLimit = 16 * 1024 * 1024;
const sharedTimeoutMs = 60_000;
/** Each is followed by what the server has said. Source: go-git plumbing/transport/http/common.go. */
const refusals: Readonly<Record<number, string>> = {
  401: 'authentication required',
  403: 'authorization failed',
  404: 'repository not found',
};

export type ReadRefs = typeof readRefs;

/**
 * Askers of one moment share one request. It goes out after the last of them has asked, so nobody gets an answer that is older
 * than the question. Spares the lab most of its processes: automations of equal intervals ask at the same time.
 */
export function shareReads(windowMs: number): ReadRefs {
  const waiting = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const send = async (url: string): Promise<ReadonlyMap<string, string>> => {
    await sleep(windowMs);
    waiting.delete(url);
    return readRefs(url, AbortSignal.timeout(sharedTimeoutMs));
  };
  return (url, signal) => {
    const shared = waiting.get(url) ?? send(url);
    waiting.set(url, shared);
    const ended = new Promise<never>((_, reject) => {
      const end = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    });
    return Promise.race([shared, ended]);
  };
}

/** References with their commits, as `git ls-remote` shows them. One request; no process on our side. */
export async function readRefs(url: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const asked = `${url.replace(/\/$/, '')}/info/refs?service=git-upload-pack`;
  if (!loopback.test(asked)) {
    const host = /^\w+:\/\/(?:[^@/]*@)?([^:/]+)/.exec(url)?.[1] ?? url;
    throw new GitRemoteError(`unable to list remote for '${url}': dial tcp: lookup ${host}: no such host`);
  }
  let answer: Response;
  try {
    answer = await fetch(asked, { signal });
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
    const isRefused = cause !== undefined && 'code' in cause && cause.code === 'ECONNREFUSED';
    const why = isRefused
      ? `dial tcp ${new URL(url).host}: connect: connection refused`
      : (cause?.message ?? String(error));
    throw new GitRemoteError(`unable to list remote for '${url}': Get "${asked}": ${why}`, { cause: error });
  }
  const text = (await answer.text()).slice(0, sizeLimit);
  const refusal = refusals[answer.status];
  if (refusal !== undefined) throw new GitRemoteError(`unable to list remote for '${url}': ${refusal}: ${text}`);
  if (!answer.ok)
    throw new GitRemoteError(
      `unable to list remote for '${url}': unexpected requesting "${asked}" status code: ${answer.status}`,
    );
  return parseAdvertisement(text, url);
}

/** Packet lines: four hexadecimal digits of length, then the line. Source: git's gitprotocol-pack(5). */
export function parseAdvertisement(text: string, url: string): ReadonlyMap<string, string> {
  if (!text.startsWith('001e# service=git-upload-pack\n')) {
    throw new GitRemoteError(`unable to list remote for '${url}': invalid pkt-len found`);
  }
  const refs = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^(?:0000)?[0-9a-f]{4}([0-9a-f]{40}|[0-9a-f]{64}) ([^\0]+)/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) refs.set(match[2], match[1]);
  }
  return refs;
}
