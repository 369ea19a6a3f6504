import { createServer } from 'node:net';
import { startTestBroker, type TestBroker } from './broker.ts';

export interface TestCluster extends TestBroker {
  servers: TestBroker[];
}

/**
 * Three real nats-servers that are one JetStream cluster, each with a store of its own. As a broker it is the first of them,
 * with the URLs of all. `config`: more configuration for the n-th of them.
 */
export async function startTestCluster(config: (n: number) => string = () => ''): Promise<TestCluster> {
  const ports = await freePorts(3);
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
  const servers = await Promise.all(
    ports.map((port, n) =>
      startTestBroker({
        name: `test-${port}`,
        config: `cluster { name: test, listen: "127.0.0.1:${port}", routes: [${routes}] }\n${config(n)}`,
      }),
    ),
  );
  return {
    ...servers[0]!,
    servers,
    url: servers.map(({ url }) => url).join(','),
    [Symbol.asyncDispose]: async () => void (await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))),
  };
}

/** Ports that nobody has at this moment; routes have to be named before anybody listens on them. */
export async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = held.map((server) => (server.address() as { port: number }).port);
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
