import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../../core/errors.js';
import type { CacheFeature, CacheModuleOptions } from './cache-module-options.js';
import { resolveFeature, resolveOptions } from './resolve-options.js';

const SPAN = "write milliseconds (250) above 0 or a number with a unit: '250ms', '5s', '10m', '1h', '7d'";
const LIFETIME = `${SPAN}, or 'forever'`;
const WORD = `write one word of A-Z a-z 0-9 _ . ~ - such as 'lake': it stands in every key`;
const WORDS = "write a list of words of A-Z a-z 0-9 _ . ~ -, such as ['lake']";
const SIZE = "write bytes (1048576) or a number with a unit ('64kb', '256mb', '2gb'), at least '16kb'";
const COUNT = 'write a whole number above 0';
const PATIENCE = "write milliseconds (100) or a number with a unit ('250ms'), above 0 and at most '1s'";
const SHARE = 'write a number above 0, at most 1: 0.01 is one in a hundred';
const CURRENT = 'write { current: () => the transaction under way, or undefined }';
const OBJECT = 'write an object';

/** What a JavaScript user may have written. */
const resolve = (options: unknown) => resolveOptions(options as CacheModuleOptions);
const feature = (options: unknown) => resolveFeature('catalog', options as CacheFeature);

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(CacheConfigError);
    return (error as CacheConfigError).message;
  }
  throw new Error('It was not refused.');
}

describe('the options of the module', () => {
  it('need a service and nothing else', () => {
    expect(resolve({ service: 'lake' })).toEqual({
      service: 'lake',
      foreignServices: [],
      hot: { maxBytes: 64 * 1024 ** 2, maxEntries: 250_000 },
      maxBlind: 10_000,
      protection: {
        budget: { operations: 10_000, per: 1_000 },
        connections: 100,
        refreshes: 100,
        patience: 100,
        breaker: { failures: 3, retryAfter: 1_000 },
      },
      locks: { engine: 'redis', replicas: undefined },
      limits: { rules: {}, global: [], patience: 40 },
      staleness: { sample: 0.001, perSecond: 5 },
      alerts: { hitRatio: 0.8, memory: 0.9, evictions: 1_000, every: 10_000, window: 300_000, isAsked: false },
      defaults: {},
      policies: {},
      context: {},
    });
  });

  it('are taken as they are written', () => {
    const tenant = () => 'acme';
    const written = {
      service: 'lake.v2~a_b-c',
      foreignServices: ['shop'],
      local: { budget: '1mb', hot: { maxEntries: 10 }, maxBlind: '3s' },
      protection: {
        operations: 50,
        per: '2s',
        connections: 7,
        refreshes: 9,
        patience: '1s',
        breaker: { failures: 1, retryAfter: '250ms' },
      },
      locks: { replicas: 2 },
      limits: { rules: { login: { limit: 5, per: '1m' } }, global: ['login'], patience: '1s' },
      staleness: { sample: 1, perSecond: 0.5 },
      alerts: { hitRatio: 0.5, evictions: 10, every: '1s' },
      defaults: { ttl: 'forever', loadTimeout: { hard: 5 }, isolation: 'copy' },
      policies: { brief: { ttl: '1s' } },
      context: { tenant },
    };
    expect(resolve(written)).toEqual({
      service: 'lake.v2~a_b-c',
      foreignServices: ['shop'],
      hot: { maxBytes: 256 * 1024, maxEntries: 10 },
      maxBlind: 3_000,
      protection: {
        budget: { operations: 50, per: 2_000 },
        connections: 7,
        refreshes: 9,
        patience: 1_000,
        breaker: { failures: 1, retryAfter: 250 },
      },
      locks: { engine: 'redis', replicas: 2 },
      limits: { ...written.limits, patience: 1_000 },
      staleness: written.staleness,
      alerts: { hitRatio: 0.5, memory: 0.9, evictions: 10, every: 1_000, window: 300_000, isAsked: true },
      defaults: written.defaults,
      policies: written.policies,
      context: { tenant },
    });
  });

  it('may be left out with undefined', () => {
    const undefineds = { foreignServices: undefined, local: undefined, defaults: undefined, policies: undefined };
    expect(resolve({ service: 'lake', ...undefineds, context: undefined })).toEqual(resolve({ service: 'lake' }));
    expect(resolve({ service: 'lake', local: { budget: undefined, hot: { maxEntries: undefined } } })).toEqual(
      resolve({ service: 'lake' }),
    );
    expect(resolve({ service: 'lake', defaults: { ttl: undefined, loadTimeout: { hard: undefined } } })).toBeDefined();
  });

  it('may name independent servers for locks', () => {
    const nodes = ['redis://me:secret@one', 'two:6380', { host: 'three', port: 6379 }];
    expect(resolve({ service: 'lake', locks: { engine: 'redlock', nodes } }).locks).toMatchObject({
      engine: 'redlock',
      nodes: [
        { kind: 'standalone', host: 'one', port: 6379, username: 'me', required: false },
        { kind: 'standalone', host: 'two', port: 6380 },
        { kind: 'standalone', host: 'three' },
      ],
    });
  });

  it('may free a process of its budget of operations', () => {
    expect(resolve({ service: 'lake', protection: { operations: false } }).protection.budget).toBeUndefined();
    expect(resolve({ service: 'lake', protection: { breaker: false } }).protection.breaker).toBeUndefined();
  });

  it('may know of transactions from another library', () => {
    const transactions = { current: () => undefined };
    expect(resolve({ service: 'lake', transactions }).transactions).toBe(transactions);
  });

  it('may do without the staleness meter, or say only part of it', () => {
    expect(resolve({ service: 'lake', staleness: false }).staleness).toBeUndefined();
    expect(resolve({ service: 'lake', staleness: { sample: 0.1 } }).staleness).toEqual({ sample: 0.1, perSecond: 5 });
    expect(resolve({ service: 'lake', staleness: { perSecond: 1 } }).staleness).toEqual({
      sample: 0.001,
      perSecond: 1,
    });
  });

  it('are frozen, and no longer those of the user', () => {
    const written = { service: 'lake', foreignServices: ['shop'], defaults: { ttl: '1s' }, policies: {}, context: {} };
    const resolved = resolve(written);
    for (const part of [resolved, ...Object.values(resolved)]) expect(Object.isFrozen(part)).toBe(true);
    for (const part of Object.values(written)) expect(Object.isFrozen(part)).toBe(typeof part === 'string');
    written.foreignServices.push('late');
    written.defaults.ttl = 'late';
    expect(resolved).toMatchObject({ foreignServices: ['shop'], defaults: { ttl: '1s' } });
  });

  it('are frozen all the way down: a policy changed later would not be checked', () => {
    const policies = { brief: { ttl: '1s' } };
    const resolved = resolve({ service: 'lake', policies });
    policies.brief.ttl = 'late';
    expect(resolved.policies).toEqual({ brief: { ttl: '1s' } });
  });

  it.each<[string, unknown, string]>([
    ['service', { service: undefined }, `undefined is not valid: ${WORD}`],
    ['service', { service: '' }, `"" is not valid: ${WORD}`],
    ['service', { service: 'two words' }, `"two words" is not valid: ${WORD}`],
    ['service', { service: 'a:b' }, `"a:b" is not valid: ${WORD}`],
    ['service', { service: 'a\n' }, String.raw`"a\n" is not valid: ${WORD}`],
    ['service', { service: 7 }, `7 is not valid: ${WORD}`],
    ['service', { service: null }, `null is not valid: ${WORD}`],
    ['foreignServices', { foreignServices: 'shop' }, `"shop" is not valid: ${WORDS}`],
    ['foreignServices', { foreignServices: ['shop', 'a b'] }, `["shop","a b"] is not valid: ${WORDS}`],
    ['foreignServices', { foreignServices: null }, `null is not valid: ${WORDS}`],
    ['local', { local: '256mb' }, `"256mb" is not valid: ${OBJECT}`],
    ['local', { local: null }, `null is not valid: ${OBJECT}`],
    ['local.budget', { local: { budget: '256' } }, `"256" is not valid: ${SIZE}`],
    ['local.budget', { local: { budget: '15kb' } }, `"15kb" is not valid: ${SIZE}`],
    ['local.budget', { local: { budget: 0 } }, `0 is not valid: ${SIZE}`],
    ['local.budget', { local: { budget: -1 } }, `-1 is not valid: ${SIZE}`],
    ['local.budget', { local: { budget: null } }, `null is not valid: ${SIZE}`],
    ['local.budget', { local: { budget: 256n } }, `256 is not valid: ${SIZE}`],
    ['local.hot', { local: { hot: [] } }, `[] is not valid: ${OBJECT}`],
    ['local.hot.maxEntries', { local: { hot: { maxEntries: 0 } } }, `0 is not valid: ${COUNT}`],
    ['local.hot.maxEntries', { local: { hot: { maxEntries: 1.5 } } }, `1.5 is not valid: ${COUNT}`],
    ['local.hot.maxEntries', { local: { hot: { maxEntries: '10' } } }, `"10" is not valid: ${COUNT}`],
    ['local.maxBlind', { local: { maxBlind: -1 } }, `-1 is not valid: ${SPAN}; 0 for none`],
    ['local.maxBlind', { local: { maxBlind: 'soon' } }, `"soon" is not valid: ${SPAN}; 0 for none`],
    ['protection', { protection: 10_000 }, `10000 is not valid: ${OBJECT}`],
    ['protection.operations', { protection: { operations: 0 } }, `0 is not valid: ${COUNT}, or false for no bound`],
    ['protection.per', { protection: { per: 0 } }, `0 is not valid: ${SPAN}`],
    ['protection.connections', { protection: { connections: false } }, `false is not valid: ${COUNT}`],
    ['protection.refreshes', { protection: { refreshes: 0 } }, `0 is not valid: ${COUNT}`],
    ['protection.patience', { protection: { patience: 0 } }, `0 is not valid: ${PATIENCE}`],
    ['protection.patience', { protection: { patience: '2s' } }, `"2s" is not valid: ${PATIENCE}`],
    ['protection.breaker', { protection: { breaker: true } }, 'true is not valid: write an object, or false for none'],
    ['protection.breaker.failures', { protection: { breaker: { failures: 0 } } }, `0 is not valid: ${COUNT}`],
    ['protection.breaker.retryAfter', { protection: { breaker: { retryAfter: 0 } } }, `0 is not valid: ${SPAN}`],
    ['locks.engine', { locks: { engine: 'zookeeper' } }, `"zookeeper" is not valid: write 'redis' or 'redlock'`],
    ['locks.replicas', { locks: { replicas: 0 } }, `0 is not valid: ${COUNT}`],
    ['locks.nodes', { locks: { engine: 'redlock' } }, '0 of 3 servers'],
    ['locks.nodes', { locks: { engine: 'redlock', nodes: ['a', 'b'] } }, '2 of 3 servers'],
    ['locks.nodes[1]', { locks: { engine: 'redlock', nodes: ['a', '', 'c'] } }, '"" is no address'],
    ['locks.nodes', { locks: { nodes: ['a', 'b', 'c'] } }, "only engine: 'redlock' has servers of its own"],
    [
      'locks.replicas',
      { locks: { engine: 'redlock', nodes: ['a', 'b', 'c'], replicas: 1 } },
      "engine 'redlock' counts servers, not replicas",
    ],
    ['limits.global', { limits: { global: 'login' } }, `"login" is not valid: write a list of words`],
    [
      'limits.rules.login.limit',
      { limits: { rules: { login: { limit: 0, per: 1 } } } },
      `0 is not valid: write a whole number`,
    ],
    ['transactions', { transactions: true }, `true is not valid: ${CURRENT}`],
    ['transactions', { transactions: { current: 1 } }, `{"current":1} is not valid: ${CURRENT}`],
    ['staleness', { staleness: true }, `true is not valid: ${OBJECT}, or false for none`],
    ['staleness', { staleness: null }, `null is not valid: ${OBJECT}, or false for none`],
    ['staleness.sample', { staleness: { sample: 0 } }, `0 is not valid: ${SHARE}`],
    ['staleness.sample', { staleness: { sample: 1.1 } }, `1.1 is not valid: ${SHARE}`],
    ['staleness.sample', { staleness: { sample: '1%' } }, `"1%" is not valid: ${SHARE}`],
    ['staleness.sample', { staleness: { sample: Number.NaN } }, `NaN is not valid: ${SHARE}`],
    ['staleness.perSecond', { staleness: { perSecond: 0 } }, '0 is not valid: write a number above 0'],
    ['staleness.perSecond', { staleness: { perSecond: Infinity } }, 'Infinity is not valid: write a number above 0'],
    ['defaults', { defaults: 'fast' }, `"fast" is not valid: ${OBJECT}`],
    ['defaults.ttl', { defaults: { ttl: '5' } }, `"5" is not valid: ${LIFETIME}, or a function`],
    ['defaults.ttl', { defaults: { ttl: 0 } }, `0 is not valid: ${LIFETIME}`],
    ['defaults.ttl', { defaults: { ttl: -5 } }, `-5 is not valid: ${LIFETIME}`],
    ['defaults.ttl', { defaults: { ttl: null } }, `null is not valid: ${LIFETIME}`],
    ['defaults.nullTtl', { defaults: { nullTtl: () => 5 } }, `a function is not valid: ${LIFETIME}.`],
    ['defaults.loadTimeout', { defaults: { loadTimeout: '5s' } }, `"5s" is not valid: ${OBJECT}`],
    [
      'defaults.loadTimeout.hard',
      { defaults: { loadTimeout: { hard: 'forever' } } },
      `"forever" is not valid: ${SPAN}`,
    ],
    ['defaults.loadTimeout.hard', { defaults: { loadTimeout: { hard: '0s' } } }, `"0s" is not valid: ${SPAN}`],
    ['defaults.isolation', { defaults: { isolation: 'shared' } }, `"shared" is not valid: write 'frozen' or 'copy'`],
    ['policies', { policies: [] }, `[] is not valid: ${OBJECT}`],
    ['policies.brief', { policies: { brief: '1s' } }, `"1s" is not valid: ${OBJECT}`],
    ['policies.brief.ttl', { policies: { brief: { ttl: 'x' } } }, `"x" is not valid: ${LIFETIME}`],
    [
      'policies.brief.loadTimeout.hard',
      { policies: { brief: { loadTimeout: { hard: 0 } } } },
      `0 is not valid: ${SPAN}`,
    ],
    ['context', { context: () => 'acme' }, 'a function is not valid: write an object of functions'],
    ['context', { context: { tenant: 'acme' } }, '{"tenant":"acme"} is not valid: write an object of functions'],
    [
      'context',
      { context: { 'a b': () => 1 } },
      '{} is not valid: write an object of functions: { tenant: (source) =>',
    ],
  ])('are refused by their path, value and remedy: %s (%#)', (path, wrong, sentence) => {
    expect(refusal(() => resolve({ service: 'lake', ...(wrong as object) }))).toContain(`forRoot.${path}: ${sentence}`);
  });

  it.each([undefined, null, 'lake', 5, ['lake'], () => ({ service: 'lake' })])('are an object, not %j', (options) => {
    expect(refusal(() => resolve(options))).toContain('is not valid: write an object.');
  });

  it.each<[unknown, string]>([
    [{ sevice: 'x' }, "forRoot.sevice: there is no option 'sevice'. Did you mean 'service'?"],
    [{ Local: {} }, "forRoot.Local: there is no option 'Local'. Did you mean 'local'?"],
    [{ defaults: { tll: '5s' } }, "forRoot.defaults.tll: there is no option 'tll'. Did you mean 'ttl'?"],
    [
      { defaults: { ttl: '5s', lodTimeout: {} } },
      "forRoot.defaults.lodTimeout: there is no option 'lodTimeout'. Did you",
    ],
    [
      { policies: { a: { isolations: 'copy' } } },
      "forRoot.policies.a.isolations: there is no option 'isolations'. Did",
    ],
    [
      { local: { hot: { max: 5 } } },
      "forRoot.local.hot.max: there is no option 'max'. Known options: maxEntrySize, maxEntries.",
    ],
    [
      { cluster: true },
      "there is no option 'cluster'. Known options: service, foreignServices, redis, local, protection, locks, limits, staleness, alerts, transactions, defaults, policies",
    ],
  ])('unknown are refused, with what was meant or what there is: %j', (wrong, sentence) => {
    expect(refusal(() => resolve({ service: 'lake', ...(wrong as object) }))).toContain(sentence);
  });

  it.each([undefined, null, '', '  '])('refuse a redis of %j, which would split a fleet unseen', (redis) => {
    expect(refusal(() => resolve({ service: 'lake', redis }))).toContain(
      'is no address. Is a variable such as REDIS_URL',
    );
  });

  it('take a Redis, or none', () => {
    const resolved = (more: object) => resolve({ service: 'lake', ...more });
    expect(resolved({ redis: 'redis://h:1' })).toMatchObject({ redis: { kind: 'standalone', host: 'h', port: 1 } });
    expect([resolved({}), resolved({ redis: false })]).toMatchObject([{ redis: undefined }, { redis: undefined }]);
  });

  it('are refused all at once', () => {
    const message = refusal(() =>
      resolve({ service: '', defaults: { ttl: 'x', isolation: 'y' }, local: { budgt: 1 } }),
    );
    expect(message.split('\n').map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'forRoot.service',
      'forRoot.local.budgt',
      'forRoot.defaults.ttl',
      'forRoot.defaults.isolation',
    ]);
  });

  it('show no more of a long value than helps', () => {
    expect(refusal(() => resolve({ service: `a ${'x'.repeat(1_000)}` })).length).toBeLessThan(300);
  });

  it.each([
    ['NaN', { local: { hot: { maxEntries: Number.NaN } } }],
    ['Infinity', { defaults: { ttl: Number.POSITIVE_INFINITY } }],
  ])('show %s as what it is', (shown, wrong) => {
    expect(refusal(() => resolve({ service: 'lake', ...wrong }))).toContain(`: ${shown} is not valid`);
  });

  it('are refused even if they go in circles', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(refusal(() => resolve({ service: circle }))).toContain('forRoot.service: ');
  });
});

describe('a named cache', () => {
  it('owns the entity of its name unless it says otherwise', () => {
    expect(feature(undefined)).toEqual({ name: 'catalog', entities: ['catalog'], requires: [], policy: {} });
    expect(feature({ entities: ['product', 'price'], requires: ['tenant'], ttl: '5s', isolation: 'copy' })).toEqual({
      name: 'catalog',
      entities: ['product', 'price'],
      requires: ['tenant'],
      policy: { ttl: '5s', isolation: 'copy' },
    });
    expect(Object.isFrozen(feature({}))).toBe(true);
  });

  it.each([['a b'], [''], [undefined], [null], [5], ['a:b']])('is not called %j', (name) => {
    expect(refusal(() => resolveFeature(name as string))).toContain(
      `forFeature: ${JSON.stringify(name)} is no name for a cache: write one word of A-Z a-z 0-9 _ . ~ -.`,
    );
  });

  it.each<[unknown, string]>([
    [{ entities: 'product' }, `forFeature('catalog').entities: "product" is not valid: ${WORDS}`],
    [{ entities: ['a:b'] }, `forFeature('catalog').entities: ["a:b"] is not valid: ${WORDS}`],
    [{ requires: [1] }, `forFeature('catalog').requires: [1] is not valid: ${WORDS}`],
    [{ ttl: 'x' }, `forFeature('catalog').ttl: "x" is not valid: ${LIFETIME}`],
    [{ loadTimeout: { hard: -1 } }, `forFeature('catalog').loadTimeout.hard: -1 is not valid: ${SPAN}`],
    [
      { loadTimeout: { sofd: 1 } },
      `forFeature('catalog').loadTimeout.sofd: there is no option 'sofd'. Did you mean 'soft'?`,
    ],
    [{ entitys: [] }, `forFeature('catalog').entitys: there is no option 'entitys'. Did you mean 'entities'?`],
    [null, `forFeature('catalog'): null is not valid: ${OBJECT}`],
  ])('is refused by its path, value and remedy: %j', (options, sentence) => {
    expect(refusal(() => feature(options))).toContain(sentence);
  });
});
