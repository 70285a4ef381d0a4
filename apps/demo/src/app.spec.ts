import { Test } from '@nestjs/testing';
import type { INestApplication } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Answer } from './answers/answer.js';
import { AnswersService } from './answers/answers.service.js';
import { AppModule } from './app.module.js';
import type { City, NearbyCity } from './cities/city.js';
import type { CountryStatistics } from './countries/country.js';
import { DATABASE } from './database/database.js';
import { type LakeCity, prepareLake } from './database/lake.js';
import { PgliteDatabase } from './database/pglite-database.js';
import { ReportingDatabase } from './database/reporting-database.js';

const FEW: LakeCity[] = [
  { id: 1, name: 'Paris', country_code: 'FR', population: 2_000_000, latitude: 48.85, longitude: 2.35 },
  { id: 2, name: 'Lyon', country_code: 'FR', population: 500_000, latitude: 45.76, longitude: 4.84 },
  { id: 3, name: 'Labasa', country_code: 'FJ', population: 24_000, latitude: -16.43, longitude: 179.36 },
  { id: 4, name: 'Neiafu', country_code: 'TO', population: 4_000, latitude: -18.65, longitude: -173.98 },
];
const PARIS = 'cities/nearest?lat=48.85&lon=2.35&limit=2';

describe('the lake over HTTP', () => {
  const database = new PgliteDatabase();
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    // Embedded, whatever the surroundings say.
    vi.stubEnv('REDIS_URL', '');
    vi.stubEnv('REDIS_NODES', '');
    await prepareLake(database, () => Promise.resolve(FEW));
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(DATABASE)
      .useFactory({
        factory: (answers: AnswersService) => new ReportingDatabase(database, answers),
        inject: [AnswersService],
      })
      .compile();
    app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  }, 60_000);

  afterAll(async () => {
    vi.unstubAllEnvs();
    await app?.close();
  });

  async function ask<Data>(path: string, method = 'GET', body?: unknown) {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${url}/${path}`, init);
    return { status: response.status, ...((await response.json()) as Answer<Data>) };
  }

  it('finds the nearest cities in the database once, then in memory', async () => {
    const first = await ask<NearbyCity[]>(PARIS);
    expect(first).toMatchObject({ status: 200, source: 'database' });
    expect(first.data.map(({ name, km }) => [name, Math.round(km)])).toEqual([
      ['Paris', 0],
      ['Lyon', 391],
    ]);
    expect(await ask(PARIS)).toMatchObject({ source: 'memory', queries: 0, data: first.data });
    expect(await ask('cities/nearest?lat=48.85000001&lon=2.35&limit=2')).toMatchObject({ source: 'memory' });
  });

  it('runs one search for many callers at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('cities/nearest?lat=10&lon=10&limit=3')));
    expect(answers.filter(({ source }) => source === 'database')).toHaveLength(1);
  });

  it('measures across the antimeridian', async () => {
    const { data } = await ask<NearbyCity[]>('cities/nearest?lat=-17&lon=-179.9&limit=2');
    expect(data.map(({ name }) => name)).toEqual(['Labasa', 'Neiafu']);
    expect(data[0]?.km).toBeLessThan(110);
  });

  it('has a twin that never asks the cache', async () => {
    const twin = PARIS.replace('nearest', 'nearest/uncached');
    expect(await ask(twin)).toMatchObject({ source: 'database', queries: 1 });
    expect(await ask(twin)).toMatchObject({ source: 'database', queries: 1 });
  });

  it('shows a change at once in the profile and in lists', async () => {
    await ask(PARIS);
    const changed = await ask<City>('cities/2', 'PATCH', { population: 600_000 });
    expect(changed).toMatchObject({ source: 'database', data: { name: 'Lyon', population: 600_000, version: 2 } });
    expect(await ask('cities/2')).toMatchObject({ source: 'memory', data: changed.data });
    const list = await ask<NearbyCity[]>(PARIS);
    expect(list).toMatchObject({ source: 'memory' });
    expect(list.data[1]).toMatchObject({ id: 2, population: 600_000 });
  });

  it('counts every visit, also when they come at once', async () => {
    expect((await ask<{ visits: number }>('cities/1/visits')).data.visits).toBe(0);
    await Promise.all(Array.from({ length: 10 }, () => ask('cities/1/visits', 'POST')));
    expect(await ask('cities/1/visits')).toMatchObject({ source: 'memory', data: { visits: 10 } });
  });

  it('computes the facts of a country once', async () => {
    const { data } = await ask<CountryStatistics>('countries/fj/statistics');
    expect(data).toEqual({
      code: 'FJ',
      cities: 1,
      population: 24_000,
      meanPopulation: 24_000,
      medianPopulation: 24_000,
      largest: { id: 3, name: 'Labasa', population: 24_000 },
    });
    expect(await ask('countries/FJ/statistics')).toMatchObject({ source: 'memory', data });
    expect((await ask('countries')).data).toEqual([
      { code: 'FJ', cities: 1 },
      { code: 'FR', cities: 2 },
      { code: 'TO', cities: 1 },
    ]);
  });

  it('draws the map as squares of one degree', async () => {
    expect((await ask<number[]>('cities/map')).data).toHaveLength(FEW.length * 3);
  });

  it.each([
    ['cities/nearest?lat=91&lon=0', 400],
    ['cities/nearest', 400],
    ['cities/x', 400],
    ['cities/99', 404],
    ['cities/99/visits', 404],
    ['countries/FRA/statistics', 400],
    ['countries/ZZ/statistics', 404],
  ])('answers %s with %i', async (path, status) => {
    expect((await ask(path)).status).toBe(status);
  });

  it('refuses a change of nothing, of too much and of nobody', async () => {
    expect((await ask('cities/1', 'PATCH', {})).status).toBe(400);
    expect((await ask('cities/1', 'PATCH', { version: 7 })).status).toBe(400);
    expect((await ask('cities/99', 'PATCH', { population: 1 })).status).toBe(404);
    expect((await ask('cities/99/visits', 'POST')).status).toBe(404);
  });

  it('refuses a change under an older lock than that of the last change', async () => {
    expect((await ask('cities/3', 'PATCH', { population: 25_000 })).status).toBe(200);
    const [row] = await database.query<{ fence: string }>('SELECT fence::text FROM cities WHERE id = 3');
    expect(BigInt(row?.fence ?? 0)).toBeGreaterThan(0n);
    // As if a process had changed it whose lock came later than ours.
    await database.query('UPDATE cities SET fence = fence + 86400000000 WHERE id = 3');
    expect((await ask('cities/3', 'PATCH', { population: 1 })).status).toBe(409);
    expect((await database.query('SELECT population::float8 AS population FROM cities WHERE id = 3'))[0]).toEqual({
      population: 25_000,
    });
  });

  it('leaves a filled table alone', async () => {
    const total = await prepareLake(database, () => Promise.reject(new Error('not asked for')));
    expect(total).toBe(FEW.length);
  });
});
