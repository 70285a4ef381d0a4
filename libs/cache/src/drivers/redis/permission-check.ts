import { failureOf, type Failure } from './failure.js';
import { dataTries, subscriptionTries, type Try, type TryParts } from './permission-tries.js';
import type { RedisNode, RedisSender } from './redis-client.js';
import { isCluster } from './server-check.js';

export interface PermissionParts extends TryParts {
  /** A connection of its own, not connected yet, for SUBSCRIBE. */
  readonly carrier: RedisNode | undefined;
  readonly username: string;
}

interface Outcome {
  readonly tried: Try;
  /** What went wrong. */
  readonly error?: unknown;
}

/** Whether the user may do all that the cache does, by doing it. */
export async function checkPermissions(client: RedisSender, parts: PermissionParts): Promise<Failure | undefined> {
  const asked = dataTries(parts).map((tried) => outcomeOf(tried, client.call(...tried.command)));
  const [outcomes, subscribed] = await Promise.all([Promise.all(asked), trySubscribe(parts)]);
  const failed = [...outcomes, ...subscribed].flatMap(({ tried, error }) =>
    error === undefined ? [] : [{ tried, message: messageOf(error) }],
  );
  if (failed.some(({ message }) => /^(?:CROSSSLOT|MOVED)/.test(message)) && parts.isOneServer) return isCluster();
  const lacks = new Set(failed.flatMap(({ tried, message }) => lackOf(tried, message)));
  if (lacks.size > 0) return lacking([...lacks], parts.username);
  const [first] = outcomes;
  return first?.error === undefined ? undefined : failureOf(first.error);
}

async function outcomeOf(tried: Try, asked: Promise<unknown>): Promise<Outcome> {
  try {
    await asked;
    return { tried };
  } catch (error) {
    return { tried, error };
  }
}

async function trySubscribe(parts: PermissionParts): Promise<readonly Outcome[]> {
  const { carrier } = parts;
  if (carrier === undefined) return [];
  // What goes wrong rejects below; an event nobody listens to would be printed.
  carrier.on('error', () => undefined);
  const connected = carrier.connect();
  const tries = subscriptionTries(parts).map((tried) =>
    outcomeOf(
      tried,
      connected.then(() => carrier.subscribe(String(tried.command[1]))),
    ),
  );
  const outcomes = await Promise.all(tries);
  carrier.disconnect();
  return outcomes;
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
