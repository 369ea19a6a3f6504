import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a broker that can go silent without closing, as the link of a PC that was put to sleep. */
export interface HalfOpenLink extends AsyncDisposable {
  url: string;
  /** From now on nothing passes either way, and nobody is told. */
  silence(): void;
  /** The connections break: whoever used them notices. */
  cut(): void;
}

export async function halfOpenLink(port: number): Promise<HalfOpenLink> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      // Cut from the other side or by us: either way this side goes too.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    silence() {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
