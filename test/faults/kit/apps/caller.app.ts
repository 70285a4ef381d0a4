import { connect } from 'node:net';
import { Redis } from 'ioredis';
import { detour, type Detours } from '../detours.js';

/** A process that calls servers, and says where it came out. */
export function start({ detours }: { detours: Detours }) {
  detour(detours);
  return {
    /** The port at the other end: by a port and a host, by options, and by a library. */
    ports: (port: number, host: string) =>
      Promise.all([reached(() => connect(port, host)), reached(() => connect({ port, host })), viaLibrary(port, host)]),
  };
}

function reached(open: () => ReturnType<typeof connect>): Promise<number | undefined> {
  return new Promise((resolve, fail) => {
    const socket = open();
    socket.once('error', fail);
    socket.once('connect', () => {
      resolve(socket.remotePort);
      socket.destroy();
    });
  });
}

async function viaLibrary(port: number, host: string): Promise<number | undefined> {
  const client = new Redis({ port, host, lazyConnect: true });
  await client.connect();
  const { remotePort } = client.stream as { remotePort?: number };
  client.disconnect();
  return remotePort;
}
