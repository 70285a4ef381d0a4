import type { Facts, Member, NodeFacts, Purpose } from '../../../core/doctor/facts.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { Random } from '../../../core/shared/random.js';
import { ConnectionLimit } from '../connection-limit.js';
import type { HostPort } from '../redis-option.js';
import type { ResolvedRedis } from '../resolved-redis.js';
import { Sockets } from '../sockets.js';
import { askNode } from './ask-node.js';
import { doorsOf, doorTo, mayFollow, type Door } from './doors.js';

export interface Gathering {
  readonly clock: Clock;
  readonly random: Random;
  readonly purpose: Purpose;
  /** For each node, ms. */
  readonly patienceMs: number;
}

/** Asks the nodes of the options, then those that they name. Ends within twice the patience; changes nothing. */
export async function gather(redis: ResolvedRedis, gathering: Gathering): Promise<Facts> {
  const { purpose } = gathering;
  const named = new Map(doorsOf(redis).map((door) => [door.address, door]));
  const first = await askAll([...named.values()], gathering);
  const more = mayFollow(redis)
    ? strangers(first).map((member) => doorTo(redis, addressOf(member, redis.tls !== undefined)))
    : [];
  return { purpose, nodes: [...first, ...(await askAll(more, gathering))] };
}

function askAll(doors: readonly Door[], gathering: Gathering): Promise<NodeFacts[]> {
  return Promise.all(doors.map((door) => askAt(door, gathering)));
}

/** By sockets of its own: they tell why it cannot be reached, and close whatever it does. */
async function askAt(door: Door, { clock, random, patienceMs }: Gathering): Promise<NodeFacts> {
  let failed: Error | undefined;
  const sockets = new Sockets(new ConnectionLimit(Number.POSITIVE_INFINITY), (error) => (failed ??= error));
  try {
    const node = door.open({ random, sockets, patienceMs });
    return await askNode({ address: door.address, node, clock, patienceMs, failed: () => failed });
  } finally {
    await sockets.close();
  }
}

/** Members of the cluster that were not asked yet. */
function strangers(asked: readonly NodeFacts[]): readonly Member[] {
  const members = asked.find((node) => node.members !== undefined)?.members ?? [];
  const known = new Set([...asked.map(({ address }) => address), ...asked.map(idOf)]);
  return members.filter(({ id, address, flags }) => {
    return address !== '' && !flags.has('noaddr') && !known.has(id) && !known.has(address);
  });
}

function idOf({ members }: NodeFacts): string {
  return members?.find(({ flags }) => flags.has('myself'))?.id ?? '';
}

/** The port stands behind the last colon, also where the host is of IPv6. A certificate knows the host by its name. */
function addressOf({ address, hostname }: Member, isSecure: boolean): HostPort {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon);
  return { host: isSecure && hostname !== '' ? hostname : host, port: Number(address.slice(colon + 1)) };
}
