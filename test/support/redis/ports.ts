import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

/** Below the ports that systems give to outgoing connections, so that a restarted server finds its port still free. */
const FIRST = 10_000;
const LAST = 32_000;

const taken = new Set<number>();

/** A port on loopback that nobody listens on, and that this process never hands out again. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (!taken.has(port) && (await isFree(port))) {
      taken.add(port);
      return port;
    }
  }
  throw new Error(`no free port on ${HOST} between ${FIRST} and ${LAST}`);
}

export async function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, freePort));
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: HOST, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
