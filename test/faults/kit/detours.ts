import { Socket } from 'node:net';

/** From which port to which: both of this host. */
export type Detours = Readonly<Record<number, number>>;

type Connect = (this: Socket, ...args: unknown[]) => Socket;

/**
 * Leads every connection that this process opens to one of these ports to another port instead: past a proxy of its own,
 * whatever library opens it and whatever address it was told. Only for processes that are started for a test.
 */
export function detour(ports: Detours): void {
  const prototype = Socket.prototype as unknown as { connect: Connect };
  const { connect } = prototype;
  prototype.connect = function (...args) {
    return connect.apply(
      this,
      args.map((one, at) => (at === 0 ? led(one, ports) : one)),
    );
  };
}

/** What `net.connect` passes on is a list that it has marked as its own, so it is changed in place. */
function led(target: unknown, ports: Detours): unknown {
  if (Array.isArray(target)) {
    target[0] = led(target[0], ports);
    return target;
  }
  if (typeof target === 'number') return ports[target] ?? target;
  if (typeof target !== 'object' || target === null || !('port' in target)) return target;
  return { ...target, port: ports[Number(target.port)] ?? target.port };
}
