import { numberAt, roleOf, type NodeFacts } from '../../../core/doctor/facts.js';
import { ASKED } from '../../../core/doctor/rules/commands.js';
import type { Clock } from '../../../core/shared/clock.js';
import { CacheTimeoutError } from '../../../core/errors.js';
import { failureOf, told } from '../failure.js';
import type { RedisArgument, RedisNode } from '../redis-client.js';
import { within } from '../within.js';
import { sampleKeys } from './key-sample.js';
import { membersOf } from './members.js';
import { connectionsOf, settingsOf, wordsOf } from './words.js';

/** How a node is reached, and how long it is waited for. */
export interface Asking {
  readonly address: string;
  /** A connection that was not opened yet. */
  readonly node: RedisNode;
  readonly clock: Clock;
  /** For everything that one node is asked, its connection included, ms. */
  readonly patienceMs: number;
  /** What became of its socket, which ioredis does not always tell. */
  readonly failed: () => Error | undefined;
}

/** What one node says of itself, by commands that change nothing. Ends in time, whatever the node does. */
export async function askNode({ address, node, clock, patienceMs, failed }: Asking): Promise<NodeFacts> {
  let refused: unknown;
  // A wrong password is told here alone; and ioredis prints what nobody listens to.
  node.on('error', (error) => (refused ??= error));
  try {
    const end = clock.now() + patienceMs;
    const facts = await within(clock, patienceMs, answers(address, node, clock));
    return { ...facts, keys: await within(clock, end - clock.now(), keysOf(facts, node)).catch(unlessGone) };
  } catch (error) {
    const isLate = error instanceof CacheTimeoutError;
    const silence = isLate ? `no answer within ${patienceMs} ms` : told(failureOf(failed() ?? refused ?? error));
    return { address, silence };
  } finally {
    node.disconnect();
  }
}

async function answers(address: string, node: RedisNode, clock: Clock): Promise<NodeFacts> {
  await node.connect();
  const ask = (command: string, ...args: RedisArgument[]): Promise<unknown> => answered(node.call(command, ...args));
  const [, skewMs, info, config, clusterInfo, clusterNodes, clients, commands] = await Promise.all([
    ask('PING'),
    skewOf(ask, clock),
    ask('INFO'),
    ask('CONFIG', 'GET', '*'),
    ask('CLUSTER', 'INFO'),
    ask('CLUSTER', 'NODES'),
    ask('CLIENT', 'LIST'),
    ask('COMMAND', 'INFO', ...ASKED),
  ]);
  return {
    address,
    skewMs,
    info: said(info, wordsOf),
    config: said(config, settingsOf),
    clusterInfo: said(clusterInfo, wordsOf),
    members: said(clusterNodes, membersOf),
    connections: said(clients, connectionsOf),
    lacking: said(commands, lackingOf),
  };
}

/** A way so long that there is no time left for the keys leaves them unknown; the rest was said. */
function unlessGone(error: unknown): undefined {
  if (!(error instanceof CacheTimeoutError)) throw error;
}

/** The reply; `undefined` where the server refuses to give it. What is a failure of the connection is thrown. */
async function answered(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    const isRefusal = error instanceof Error && error.name === 'ReplyError';
    if (isRefusal && !/^(?:NOAUTH|WRONGPASS)/.test(error.message)) return undefined;
    throw error;
  }
}

function said<T>(reply: unknown, read: (reply: unknown) => T): T | undefined {
  return reply === undefined || reply === null ? undefined : read(reply);
}

async function skewOf(ask: (command: string) => Promise<unknown>, clock: Clock): Promise<number | undefined> {
  // The first answer is late by the handshake and by whatever was asked before it.
  await ask('PING');
  const sent = clock.now();
  const reply = await ask('TIME');
  if (!Array.isArray(reply)) return undefined;
  const [seconds, micros] = reply.map(Number);
  return (seconds ?? 0) * 1_000 + (micros ?? 0) / 1_000 - (sent + clock.now()) / 2;
}

/** COMMAND INFO answers nothing for what a server does not know. */
function lackingOf(reply: unknown): readonly string[] {
  const known = Array.isArray(reply) ? reply : [];
  return ASKED.filter((_, at) => known[at] === null);
}

async function keysOf(facts: NodeFacts, node: RedisNode): Promise<NodeFacts['keys']> {
  // A server that loads has no keys to show, and a replica has those of its primary.
  if (roleOf(facts) === 'replica' || numberAt(facts.info, 'loading') === 1) return undefined;
  try {
    return await sampleKeys(node);
  } catch (error) {
    await answered(Promise.reject(error as Error));
    return undefined;
  }
}
