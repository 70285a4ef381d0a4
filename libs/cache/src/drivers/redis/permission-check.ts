import type { Random } from '../../core/shared/random.js';
import { failureOf, type Failure } from './failure.js';
import type { RedisArgument, RedisNode, RedisSender } from './redis-client.js';
import { busChannel } from './names.js';
import { isCluster } from './server-check.js';

/** A command tried, and what an ACL must grant for it. */
interface Try {
  readonly command: readonly [string, ...RedisArgument[]];
  readonly grant: string;
  /** What it touches, in the words of an ACL. */
  readonly place: string;
}

export interface PermissionParts {
  readonly service: string;
  readonly random: Random;
  /** Keys of two slots can be asked for in one command. */
  readonly isOneServer: boolean;
  /** A connection of its own, not connected yet, for SUBSCRIBE. */
  readonly carrier: RedisNode | undefined;
  readonly username: string;
}

/**
 * Whether the user may do all that the cache does, by doing it where it changes nothing: on keys that nobody has, with
 * a script that does not exist, and by an empty message, which is no notice.
 */
export async function checkPermissions(client: RedisSender, parts: PermissionParts): Promise<Failure | undefined> {
  const tries = triesOf(parts);
  const asked = tries.map(({ command: [name, ...args] }) => client.call(name, ...args));
  const [outcomes, subscribed] = await Promise.all([Promise.allSettled(asked), trySubscribe(parts)]);
  const denied = [...outcomes, subscribed].flatMap((outcome, at) => {
    if (outcome.status === 'fulfilled') return [];
    const tried = tries[at] ?? subscription(parts.service);
    return [{ tried, message: messageOf(outcome.reason) }];
  });
  if (denied.some(({ message }) => /^(?:CROSSSLOT|MOVED)/.test(message)) && parts.isOneServer) return isCluster();
  const lacks = new Set(denied.flatMap(({ tried, message }) => lackOf(tried, message)));
  if (lacks.size > 0) return lacking([...lacks], parts.username);
  const [first] = outcomes;
  return first?.status === 'rejected' ? failureOf(first.reason) : undefined;
}

/** The first has to be answered: it shows that the server can be reached and serves. */
function triesOf({ service, random, isOneServer }: PermissionParts): Try[] {
  const stem = `app:${service}:probe:${Math.floor(random() * 2 ** 48).toString(36)}`;
  const [key, other] = [`${stem}a`, isOneServer ? `${stem}b` : `${stem}a`];
  const on = (name: string, ...args: RedisArgument[]): Try => ({
    command: [name, key, ...args],
    grant: `+${name.toLowerCase()}`,
    place: `~app:${service}:*`,
  });
  const barrier = `{${stem}}:barrier`;
  return [
    on('GET'),
    on('MGET', other),
    on('SET', '', 'XX'),
    on('GETRANGE', 0, 0),
    on('SETRANGE', 0, ''),
    on('DEL'),
    { ...on('EVALSHA'), command: ['EVALSHA', '0'.repeat(40), 1, key] },
    { ...on('GET'), command: ['GET', barrier], place: `~{app:${service}:*` },
    { command: ['SCRIPT', 'LOAD', 'return 1'], grant: '+script|load', place: '' },
    { command: ['TIME'], grant: '+time', place: '' },
    { command: ['PUBLISH', busChannel(service), ''], grant: '+publish', place: `&${busChannel(service)}` },
  ];
}

function subscription(service: string): Try {
  const channel = busChannel(service);
  return { command: ['SUBSCRIBE', channel], grant: '+subscribe', place: `&${channel}` };
}

async function trySubscribe({ carrier, service }: PermissionParts): Promise<PromiseSettledResult<unknown>> {
  if (carrier === undefined) return { status: 'fulfilled', value: undefined };
  // What goes wrong rejects below; an event nobody listens to would be printed.
  carrier.on('error', () => undefined);
  const [outcome] = await Promise.allSettled([carrier.connect().then(() => carrier.subscribe(busChannel(service)))]);
  carrier.disconnect();
  return outcome;
}

/** A denial names a command, a key or a channel; a command that the server does not have is as good as denied. */
function lackOf({ grant, place }: Try, message: string): string[] {
  if (/^ERR unknown (?:sub)?command/i.test(message)) return [grant];
  if (!message.startsWith('NOPERM')) return [];
  return [/\b(?:key|channel)/.test(message) ? place : grant];
}

function lacking(grants: readonly string[], username: string): Failure {
  return {
    kind: 'config',
    code: 'NOPERM',
    what: `the user '${username}' lacks ${grants.join(' ')}`,
    remedy: `grant it: ACL SETUSER ${username} ${grants.join(' ')}`,
    cause: new Error(`NOPERM ${grants.join(' ')}`),
  };
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
