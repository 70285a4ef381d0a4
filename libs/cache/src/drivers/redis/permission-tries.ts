import type { Random } from '../../core/shared/random.js';
import { wakeChannel } from './locks/lock-key.js';
import { busChannel } from './names.js';
import type { RedisArgument } from './redis-client.js';
import { INVALIDATE } from './tracking/server-tracking.js';

/** A command tried, and what an ACL must grant for it. */
export interface Try {
  readonly command: readonly [string, ...RedisArgument[]];
  readonly grant: string;
  /** What it touches, in the words of an ACL. */
  readonly place: string;
}

export interface TryParts {
  readonly service: string;
  /** Other services whose keys we change and to whose channels we listen. */
  readonly foreignServices: readonly string[];
  readonly random: Random;
  /** Keys of two slots can be asked for in one command. */
  readonly isOneServer: boolean;
  /** 0: the one that is there without SELECT. */
  readonly db: number;
  /** Whether servers are to tell of touched keys. */
  readonly tracking: boolean;
}

/**
 * What our commands and scripts do, where it changes nothing: on keys that nobody has, by a script that does not exist,
 * and with an empty message, which is no notice. The first has to be answered: it shows that the server serves.
 */
export function dataTries(parts: TryParts): readonly Try[] {
  const { service, foreignServices, random, isOneServer, db, tracking } = parts;
  const id = `probe:${Math.floor(random() * 2 ** 48).toString(36)}`;
  const key = `app:${service}:${id}a`;
  const on = (name: string, ...args: RedisArgument[]) => onKey([name, key, ...args], `app:${service}:*`);
  return [
    on('GET'),
    on('MGET', isOneServer ? `app:${service}:${id}b` : key),
    on('SET', '', 'XX'),
    on('GETRANGE', 0, 0),
    on('SETRANGE', 0, ''),
    on('PTTL'),
    on('PEXPIRE', 1),
    on('DEL'),
    onKey(['EVALSHA', '0'.repeat(40), 1, key], `app:${service}:*`),
    onKey(['EVAL', 'return 1', 1, key], `app:${service}:*`),
    onKey(['GET', `{${key}}:barrier`], `{app:${service}:*`),
    // SETRANGE reads and writes.
    onKey(['SETRANGE', `coord:${service}:${id}`, 0, ''], `coord:${service}:*`),
    // Of tags. HSET lacks a value, which is seen last.
    onKey(['HSET', `coord:${service}:${id}`, 'a', 'b', 'c'], `coord:${service}:*`),
    onKey(['HMGET', `coord:${service}:${id}`, 'a'], `coord:${service}:*`),
    onKey(['HDEL', `coord:${service}:${id}`, 'a'], `coord:${service}:*`),
    onKey(['HLEN', `coord:${service}:${id}`], `coord:${service}:*`),
    onKey(['HSCAN', `coord:${service}:${id}`, 0], `coord:${service}:*`),
    onKey(['SETRANGE', `mesh:${service}:${id}`, 0, ''], `mesh:${service}:*`),
    ...foreignServices.map((name) => onKey(['SETRANGE', `app:${name}:${id}`, 0, ''], `app:${name}:*`)),
    onChannel(['PUBLISH', busChannel(service), '']),
    onWakes(['PUBLISH', wakeChannel(service, 'probe'), '']),
    // Behind a replicated lock.
    onNothing('WAIT', 0, 0),
    onNothing('TIME'),
    // Of the subscriber, which takes its failure for the end of the connection.
    onNothing('PING'),
    ...(tracking ? [onSubcommand('CLIENT', 'ID'), onSubcommand('CLIENT', 'TRACKING', 'OFF')] : []),
    ...(db === 0 ? [] : [onNothing('SELECT', db)]),
    // ioredis says it before a command whose slot is on its way to another node.
    ...(isOneServer ? [] : [onNothing('ASKING')]),
  ];
}

/** One for each channel, since a denial does not say which it means. */
export function subscriptionTries({ service, foreignServices, tracking }: TryParts): readonly Try[] {
  const wakes = onWakes(['SUBSCRIBE', wakeChannel(service, 'probe')]);
  const touched = tracking ? [onChannel(['SUBSCRIBE', INVALIDATE])] : [];
  return [
    ...[service, ...foreignServices].map((name) => onChannel(['SUBSCRIBE', busChannel(name)])),
    wakes,
    ...touched,
  ];
}

function onKey(command: Try['command'], pattern: string): Try {
  return { command, grant: grantOf(command), place: `~${pattern}` };
}

function onChannel(command: readonly [string, string, ...RedisArgument[]]): Try {
  return { command, grant: grantOf(command), place: `&${command[1]}` };
}

/** Each process has a channel of its own. */
function onWakes(command: readonly [string, string, ...RedisArgument[]]): Try {
  return { command, grant: grantOf(command), place: `&${command[1].replace(/[^:]*$/, '*')}` };
}

function onNothing(...command: Try['command']): Try {
  return { command, grant: grantOf(command), place: '' };
}

/** Named by its first two words. */
function onSubcommand(...command: readonly [string, string, ...RedisArgument[]]): Try {
  return { command, grant: `${grantOf(command)}|${command[1].toLowerCase()}`, place: '' };
}

function grantOf([name]: Try['command']): string {
  return `+${name.toLowerCase()}`;
}
