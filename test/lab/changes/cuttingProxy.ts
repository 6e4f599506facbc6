// A network that fails: an HTTP proxy that drops one connection, before the server has heard of it or after it has done what
// was asked. The second is the worse one: the work is done, and nobody is told.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Cut {
  /** Which request, counted from 1 since the cut was set. */
  readonly at: number;
  readonly when: 'before' | 'after';
}

export interface CuttingProxy {
  readonly host: string;
  /** Drops that request and all that follow: the network is gone. Undefined mends it. */
  cut(cut: Cut | undefined): void;
  /** Requests since the last call of `cut`. */
  count(): number;
  stop(): Promise<void>;
}

export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  let cut: Cut | undefined;
  let count = 0;
  const server = createServer((incoming, answer) => {
    count += 1;
    const isGone = cut !== undefined && count >= cut.at;
    if (cut !== undefined && isGone && (count > cut.at || cut.when === 'before')) incoming.socket.destroy();
    else forward(target, incoming, answer, isGone);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    cut: (next) => {
      cut = next;
      count = 0;
    },
    count: () => count,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

/** `isMuted`: the server does its work, and the answer is lost. */
function forward(target: string, incoming: IncomingMessage, answer: ServerResponse, isMuted: boolean): void {
  const { method = 'GET', url = '/', headers } = incoming;
  const outgoing = request(new URL(url, target), { method, headers }, (from) => {
    if (isMuted) {
      from.resume();
      from.on('end', () => incoming.socket.destroy());
      return;
    }
    answer.writeHead(from.statusCode ?? 502, from.headers);
    from.pipe(answer);
  });
  outgoing.on('error', () => incoming.socket.destroy());
  incoming.pipe(outgoing);
}
