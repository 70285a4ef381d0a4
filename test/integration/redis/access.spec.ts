import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisServer } from '../../support/redis/server.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { eventually } from '../../support/redis/wait.js';
import { BUS, connect, failure, tracked } from './support.js';

const ALL =
  '~app:lake:* ~{app:lake:* ~coord:lake:* ~mesh:lake:* &coord:lake:bus &coord:lake:wake:* -@all +get +mget +set +evalsha +eval +publish +subscribe +ping +time +setrange +getrange +pttl +pexpire +del +wait +hset +hmget +hdel +hlen +hscan';
const without = (...words: string[]): string => words.reduce((rules, word) => rules.replace(word, ''), ALL);

const servers: RedisServer[] = [];
async function guarded(...rules: string[]): Promise<RedisServer> {
  const server = await startStandalone({
    acl: ['user default off', ...rules.map((rule) => `user cache on >hush! ${rule}`)],
  });
  servers.push(server);
  return server;
}
afterAll(async () => {
  for (const server of servers) await server.stop();
});

describe('a password', () => {
  let server: Standalone;
  beforeAll(async () => {
    server = await startStandalone({ password: 'p@ss/w#rd' });
    servers.push(server);
  });

  it.each([
    ['in the URL', () => `redis://:p%40ss%2Fw%23rd@${server.address}`],
    ['in the URL with its user', () => `redis://default:p%40ss%2Fw%23rd@${server.address}`],
    ['as an option', () => ({ url: server.address, password: 'p@ss/w#rd' })],
    ['as an option before the one of the URL', () => ({ url: `redis://:no@${server.address}`, password: 'p@ss/w#rd' })],
  ])('is passed on %s', async (_name, option) => {
    expect((await connect(option())).redis.isReady()).toBe(true);
  });

  it.each([
    ['wrong', 'redis://:hush@', /WRONGPASS, it refuses the password\. Correct username and password in forRoot\.redis/],
    ['missing', 'redis://', /NOAUTH, it asks for a password\. Write password/],
  ])('that is %s fails the boot at once, unseen', async (_name, scheme, message) => {
    const { error, ms, left } = await failure(`${scheme}${server.address}`);
    expect(error).toMatchObject({ name: 'CacheConnectionError', code: 'CONNECTION' });
    expect(error.message).toContain(`Redis at ${server.address} could not be used: `);
    expect(error.message).toMatch(message);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hush');
    expect(ms).toBeLessThan(1_000);
    expect(left()).toEqual([]);
  });

  it('that is wrong does not stop a boot that can do without', async () => {
    const { redis, told } = await connect({ url: server.address, password: 'no', required: false });
    expect([redis.isReady(), told]).toEqual([false, ['WRONGPASS: it refuses the password']]);
  });
});

describe('an ACL', () => {
  it('that grants what is needed, and not INFO, is enough', async () => {
    const server = await guarded(ALL);
    const { redis } = await connect(`redis://cache:hush!@${server.address}`);
    const heard: string[] = [];
    redis.subscriber.listen(BUS, {
      subscribed: () => heard.push('subscribed'),
      lost: (reason) => heard.push(reason),
      message: (payload) => heard.push(String(payload)),
    });
    await eventually('it is subscribed', () => heard.length > 0);
    await redis.data.call('PUBLISH', BUS, 'hello');
    await eventually('the subscriber has pinged', async () =>
      /cmdstat_ping:calls=[2-9]/.test(String(await server.call('INFO', 'commandstats'))),
    );
    expect(heard).toEqual(['subscribed', 'hello']);
  });

  it.each<[name: string, rules: string, grants: string, path?: string, foreign?: string[]]>([
    ['GET', without('+get '), '+get'],
    ['MGET', without('+mget'), '+mget'],
    ['SET', without('+set '), '+set'],
    ['EVALSHA', without('+evalsha'), '+evalsha'],
    ['EVAL', without('+eval '), '+eval'],
    ['PUBLISH', without('+publish'), '+publish'],
    ['SUBSCRIBE', without('+subscribe'), '+subscribe'],
    ['PING', without('+ping'), '+ping'],
    ['TIME', without('+time'), '+time'],
    ['SETRANGE and GETRANGE', without('+setrange', '+getrange'), '+getrange +setrange'],
    ['PTTL and PEXPIRE', without('+pttl', '+pexpire'), '+pttl +pexpire'],
    ['DEL', without('+del'), '+del'],
    ['the commands of tags', without('+hset', '+hmget', '+hdel', '+hlen', '+hscan'), '+hset +hmget +hdel +hlen +hscan'],
    ['our keys', without('~app:lake:* '), '~app:lake:*'],
    ['keys of barriers', without('~{app:lake:*'), '~{app:lake:*'],
    ['keys of coordination', without('~coord:lake:*'), '~coord:lake:*'],
    ['keys of retries', without('~mesh:lake:*'), '~mesh:lake:*'],
    ['our channel', without('&coord:lake:bus'), '&coord:lake:bus'],
    ['channels of wake-ups', without('&coord:lake:wake:* '), '&coord:lake:wake:*'],
    ['WAIT', without(' +wait'), '+wait'],
    ['SELECT', ALL, '+select', '/3'],
    ['the keys and the channel of a foreign service', ALL, '~app:shop:* &coord:shop:bus', '', ['shop']],
  ])('without %s fails any boot, with the words to grant it', async (_name, rules, grants, path = '', foreign = []) => {
    const server = await guarded(rules);
    const url = `redis://cache:hush!@${server.address}${path}`;
    const { error, ms, left } = await failure({ url, required: false }, { foreignServices: foreign });
    expect(error).toMatchObject({ name: 'CacheConfigError', code: 'CONFIG' });
    expect(error.message).toBe(
      `forRoot.redis: ${server.address}: the user 'cache' lacks ${grants}. Grant it: ACL SETUSER cache ${grants}.`,
    );
    expect([left(), ms < 1_000]).toEqual([[], true]);
    expect(await server.call('ACL', 'SETUSER', 'cache', ...grants.split(' '))).toBe('OK');
    expect((await connect(url, { foreignServices: foreign })).redis.isReady()).toBe(true);
    await server.stop();
  });

  it('has to grant more where servers are to tell of touched keys', async () => {
    const server = await guarded(ALL);
    const redis = { url: `redis://cache:hush!@${server.address}`, tracking: true };
    const { error, left } = await failure({ ...redis, required: false });
    const grants = '+client|id +client|tracking &__redis__:invalidate';
    expect(error.message).toContain(`the user 'cache' lacks ${grants}. Grant it: ACL SETUSER cache ${grants}.`);
    expect(left()).toEqual([]);
    expect(await server.call('ACL', 'SETUSER', 'cache', ...grants.split(' '))).toBe('OK');
    const { redis: connections } = await connect(redis);
    const heard = await tracked(connections, ['lake', 'pond']);
    for (const key of ['app:lake:a,b', 'app:lakes:x', 'app:pond:c']) await server.call('SET', key, 'x');
    await server.call('FLUSHALL');
    await eventually('all is told', () => heard.includes('all'));
    expect(heard).toEqual(['hears', 'app:lake:a,b', 'app:pond:c', 'all']);
  });

  it('is asked of a cluster as well', async () => {
    const acl = ['user default off', `user cache on >hush! ${without('+evalsha')} +cluster|slots`];
    const cluster = await startCluster({ primaries: 3, replicas: 0, acl });
    const nodes = cluster.nodes.map(({ address }) => `redis://cache:hush!@${address}`);
    const { error, left } = await failure({ nodes });
    expect(error.message).toMatch(/^forRoot\.redis: .*: the user 'cache' lacks \+evalsha \+asking\. Grant it/);
    expect(left()).toEqual([]);
    for (const node of cluster.nodes)
      await node.call('ACL', 'SETUSER', 'cache', '+evalsha', '+asking', '-cluster|slots');
    const blind = await failure({ nodes });
    expect(blind.error.message).toMatch(/NOPERM, the user lacks a permission: \+cluster\|slots\./);
    for (const node of cluster.nodes) await node.call('ACL', 'SETUSER', 'cache', '+cluster|slots');
    const { redis } = await connect({ nodes });
    expect(
      await Promise.all(['a', 'b', 'c', 'd'].map((id) => redis.data.call('GET', `app:lake:x:${id}`))),
    ).toHaveLength(4);
    await cluster.stop();
  });
});

describe('TLS', () => {
  let server: Standalone;
  beforeAll(async () => {
    server = await startStandalone({ tls: true, password: 'hush' });
    servers.push(server);
  });
  const url = (scheme = 'rediss', host = '127.0.0.1') => `${scheme}://:hush@${host}:${server.port}`;

  it.each(['127.0.0.1', 'localhost'])('reaches %s', async (host) => {
    const { redis } = await connect({ url: url('rediss', host), tls: { ca: server.tls?.ca } });
    const heard: string[] = [];
    redis.subscriber.listen(BUS, { subscribed: () => heard.push('up'), lost: () => 0, message: () => 0 });
    await eventually('the subscription has TLS as well', () => heard.length > 0);
  });

  it('trusts no unknown certificate', async () => {
    const { error, ms, left } = await failure(url());
    expect(error.message).toMatch(/SELF_SIGNED_CERT|UNABLE_TO_VERIFY/);
    expect(error.message).toContain('TLS could not be agreed on. Hand over the certificate to trust, tls: { ca }');
    expect(inspect(error, { depth: 9 })).not.toContain('hush');
    expect([left(), ms < 1_000]).toEqual([[], true]);
  });

  it('is hinted at where a plain connection meets it, and the reverse', async () => {
    const { error, left } = await failure({ url: url('redis'), timeout: 500 });
    expect(error.message).toMatch(
      /CLOSED, the connection was closed\. Check whether the port speaks TLS \(rediss:\/\/\)/,
    );
    const plain = await startStandalone();
    servers.push(plain);
    const reverse = await failure({ url: `rediss://${plain.address}`, timeout: 500 });
    expect(reverse.error.message).toMatch(/speaks TLS/);
    expect([left(), reverse.left()]).toEqual([[], []]);
  });

  it('says so when its options make no sense, and leaves nothing open', async () => {
    const attempt = { url: url(), tls: { pfx: 'no certificate' } };
    const { error, ms, left } = await failure(attempt);
    expect(error.message).toMatch(/ERR_TLS_OPTIONS, the options of TLS are not valid\. Correct forRoot\.redis\.tls/);
    expect([left(), ms < 500]).toEqual([[], true]);
    const { told } = await connect({ ...attempt, required: false });
    expect(told).toEqual(['ERR_TLS_OPTIONS: the options of TLS are not valid']);
  });
});
