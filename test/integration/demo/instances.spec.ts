import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Answer } from '../../../apps/demo/src/answers/answer.js';
import type { City, NearbyCity } from '../../../apps/demo/src/cities/city.js';
import { buildDemo, type Demo, startDemo } from '../../support/demo/process.js';
import { SharedDatabase } from '../../support/demo/shared-database.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { eventually } from '../../support/redis/wait.js';

/** How many of the demo's cities a test may change without another noticing. */
const IDS = Array.from({ length: 40 }, (_, at) => at + 1);
const CITIES = IDS.map((id) => ({
  id,
  name: `City ${id}`,
  country_code: 'FR',
  population: 1_000 * id,
  latitude: id,
  longitude: id,
}));

async function ask<Data>({ url }: Demo, path: string, change?: object): Promise<Answer<Data>> {
  const headers = { 'content-type': 'application/json' };
  const init = change && { method: 'PATCH', headers, body: JSON.stringify(change) };
  const response = await fetch(`${url}/${path}`, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer<Data>;
}

let database: SharedDatabase;
const running: Demo[] = [];

async function start(settings: Record<string, string>): Promise<Demo> {
  const demo = await startDemo({ DATABASE_URL: database.url, ...settings });
  running.push(demo);
  return demo;
}

beforeAll(async () => {
  buildDemo();
  database = await SharedDatabase.start(CITIES);
}, 120_000);

afterAll(async () => {
  const codes = await Promise.all(running.map((demo) => demo.stop()));
  await database?.stop();
  expect(new Set(codes)).toEqual(new Set([0]));
});

describe('two demos on one cluster and one database', () => {
  let one: Demo;
  let two: Demo;

  beforeAll(async () => {
    const nodes = inject('redis').cluster.map(({ host, port }) => `${host}:${port}`);
    const settings = { REDIS_NODES: nodes.join(',') };
    [one, two] = await Promise.all([start(settings), start(settings)]);
  });

  /** Has both of them hold a city in memory. */
  async function warm(id: number): Promise<City> {
    await ask(one, `cities/${id}`);
    await ask(two, `cities/${id}`);
    const answers = await Promise.all([one, two].map((demo) => ask<City>(demo, `cities/${id}`)));
    expect(answers.map(({ source }) => source)).toEqual(['memory', 'memory']);
    return (answers[0] as Answer<City>).data;
  }

  it('say where answers are kept', () => {
    const sentence = 'answers are kept in this process, in front of the Redis Cluster of REDIS_NODES';
    expect([one, two].map(({ said }) => said.join('\n').includes(sentence))).toEqual([true, true]);
  });

  it('load a city once: the second has it from Redis, then from memory', async () => {
    let id = 0;
    // Nobody waits for Redis to take what was loaded: a second that asks too soon loads for itself.
    const [loaded, found] = await eventually('Redis has one', async () => {
      id += 1;
      const answers = [await ask<City>(one, `cities/${id}`), await ask<City>(two, `cities/${id}`)];
      return answers[1]?.source === 'redis' && answers;
    });
    expect(loaded).toMatchObject({ source: 'database', queries: 1 });
    expect(found).toMatchObject({ queries: 0, data: loaded?.data });
    expect(await ask(two, `cities/${id}`)).toMatchObject({ source: 'memory', data: loaded?.data });
    expect(await ask(one, `cities/${id}`)).toMatchObject({ source: 'memory', data: loaded?.data });
  });

  it('see what the other changes, in a profile and in a list, without a query', async () => {
    const near = 'cities/nearest?lat=20&lon=20&limit=3';
    const before = await warm(20);
    await ask(one, near);
    await ask(two, near);
    expect(await ask(two, near)).toMatchObject({ source: 'memory' });

    const saved = await ask<City>(one, 'cities/20', { name: 'Renamed' });
    expect(saved.data).toEqual({ ...before, name: 'Renamed', version: before.version + 1 });
    const seen = await eventually('the notice has come', async () => {
      const answer = await ask<City>(two, 'cities/20');
      return answer.data.name === 'Renamed' && answer;
    });
    expect(seen).toMatchObject({ source: 'redis', queries: 0, data: saved.data });

    const list = await ask<NearbyCity[]>(two, near);
    expect(list).toMatchObject({ queries: 0 });
    expect(list.data.find(({ id }) => id === 20)).toMatchObject({ name: 'Renamed' });
  });

  it('never show the old city again once the new one was seen, whoever changes it', async () => {
    await warm(21);
    for (let population = 1; population <= 20; population += 1) {
      const [writer, reader] = population % 2 ? [one, two] : [two, one];
      await ask(writer, 'cities/21', { population });
      await eventually('the other knows', async () => {
        const { data } = await ask<City>(reader, 'cities/21');
        return data.population === population;
      });
      for (const demo of [one, two, one, two]) {
        expect((await ask<City>(demo, 'cities/21')).data.population).toBe(population);
      }
    }
  });

  it('count every visit, also when they come to both at once', async () => {
    const visit = (demo: Demo) => fetch(`${demo.url}/cities/22/visits`, { method: 'POST' });
    await Promise.all(IDS.map((at) => visit(at % 2 ? one : two)));
    await eventually('both know the number', async () => {
      const answers = await Promise.all([one, two].map((demo) => ask<{ visits: number }>(demo, 'cities/22/visits')));
      return answers.every(({ data }) => data.visits === IDS.length);
    });
  });

  it('do not see what others write into the database until the entry ends', async () => {
    const { name } = await warm(23);
    await database.execute(`UPDATE cities SET name = 'Behind our back' WHERE id = 23`);
    expect((await ask<City>(two, 'cities/23')).data.name).toBe(name);
  });
});

describe('a demo on a Redis of its own', () => {
  let server: Standalone;
  let demo: Demo;

  beforeAll(async () => {
    server = await startStandalone({ password: 'hush!' });
    demo = await start({ REDIS_URL: `redis://:hush%21@${server.address}` });
  });

  afterAll(() => server?.stop());

  it('says so, and no password', async () => {
    const said = demo.said.join('\n');
    expect(said).toContain('in front of the Redis of REDIS_URL');
    expect(said).not.toMatch(/hush/);
  });

  it('answers while Redis is away, changes nothing without its lock, and comes back by itself', async () => {
    await ask(demo, 'cities/30');
    await server.kill();
    await eventually('it has noticed', () => demo.said.join('\n').includes('is lost'));
    await expect(ask(demo, 'cities/30', { name: 'Refused' })).rejects.toThrow('409');
    // From memory for the first ten seconds, from the database after them.
    expect(await ask<City>(demo, 'cities/30')).toMatchObject({ data: { name: 'City 30' } });
    await server.restart();
    await eventually('it keeps again', async () => (await ask(demo, 'cities/30')).source === 'memory');
    const saved = await eventually('it changes again', () => ask<City>(demo, 'cities/30', { name: 'Saved' }));
    expect(saved).toMatchObject({ source: 'database', data: { name: 'Saved' } });
    expect((await ask<City>(demo, 'cities/30')).data).toEqual(saved.data);
  });
});

describe('a demo that cannot use its Redis', () => {
  it.each<[string, () => Record<string, string>, RegExp]>([
    [
      'that nobody listens at',
      () => ({ REDIS_URL: 'redis://:hush@127.0.0.1:1' }),
      /CacheConnectionError: Redis at 127\.0\.0\.1:1 could not be used within 5000 ms: ECONNREFUSED/,
    ],
    [
      'that is a node of a cluster',
      () => ({ REDIS_URL: inject('redis').cluster.map(({ host, port }) => `${host}:${port}`)[0] ?? '' }),
      /CacheConfigError: forRoot\.redis: .*is a node of a Redis Cluster, but was given as a single server/,
    ],
    [
      'that is no cluster',
      () => ({ REDIS_NODES: inject('redis').standalone.replace('redis://', '') }),
      /CacheConfigError: forRoot\.redis: .*it is no node of a cluster/,
    ],
    [
      'given twice',
      () => ({ REDIS_URL: 'redis://127.0.0.1:1', REDIS_NODES: '127.0.0.1:1' }),
      /REDIS_URL and REDIS_NODES are both set/,
    ],
  ])('%s ends with code 1 and says why', async (_name, settings, sentence) => {
    const error = await start(settings()).then(
      () => new Error('it runs'),
      (reason: Error) => reason,
    );
    expect(error.message).toMatch(/^the demo ended with code 1 before it was ready/);
    expect(error.message).toMatch(sentence);
    expect(error.message).not.toMatch(/hush/);
  });
});
