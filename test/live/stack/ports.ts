import { createServer, type Server } from 'node:net';

/** Below the range from which systems draw ports for outgoing connections: a killed process finds its port free again. */
const first = 20_000;
const count = 12_000;

/** Free ports on loopback, all different. */
export async function drawPorts(wanted: number): Promise<readonly number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  while (ports.length < wanted) {
    const port = first + Math.floor(Math.random() * count);
    const server = await hold(port);
    if (server === undefined) continue;
    held.push(server);
    ports.push(port);
  }
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function hold(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
