// One network link that can be severed: a TCP proxy on loopback. Severed, it drops what is open and takes nothing new, as a
// cable that is pulled looks to whoever has it between himself and the server.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface SeverableLink {
  readonly port: number;
  sever(): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function startSeverableLink(targetPort: number): Promise<SeverableLink> {
  let isSevered = false;
  const open = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    open.add(socket);
    // Either end may go at any time: the other one goes with it.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    return socket;
  };
  const drop = (): void => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((near) => {
    keep(near);
    if (isSevered) {
      near.destroy();
      return;
    }
    const far = keep(connect(targetPort, '127.0.0.1'));
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    sever: () => {
      isSevered = true;
      drop();
    },
    mend: () => {
      isSevered = false;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        drop();
      }),
  };
}
