import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildDemo, type Demo, startDemo } from '../support/demo/process.js';
import { SharedDatabase } from '../support/demo/shared-database.js';
import { startStandalone, type Standalone } from '../support/redis/standalone.js';
import { launchChromium } from './chromium.js';
import { LakePage } from './lake-page.js';

let demo: Demo;
let browser: Browser;

beforeAll(async () => {
  buildDemo();
  [demo, browser] = await Promise.all([startDemo(), launchChromium()]);
});

afterAll(async () => {
  await browser?.close();
  expect(await demo?.stop()).toBe(0);
});

// two places far apart: what one width has asked for is cold at the other
describe.each([
  { width: 1280, place: { lat: 47.3769, lon: 8.5417 } },
  { width: 390, place: { lat: -33.8688, lon: 151.2093 } },
])('the page at $width px', ({ width, place }) => {
  let lake: LakePage;

  beforeEach(async () => {
    lake = await LakePage.open(browser, demo.url, width);
  });

  afterEach(async () => {
    expect(await lake.overflow()).toBeLessThanOrEqual(0);
    await lake.page.close();
    expect(lake.complaints).toEqual([]);
  });

  const find = () => lake.after('nearest', () => lake.button('Find nearest').click());

  it('shows that the first answer comes from the database and the second from memory', async () => {
    await lake.type(place);
    expect(await find()).toMatch(/: database, \d+ SQL statements$/);
    const [slow, source] = await lake.lastAnswer();
    expect(source).toBe('database');
    expect(await lake.page.locator('#nearest button').count()).toBe(8);

    expect(await find()).toMatch(/: memory, no SQL$/);
    const [quick, secondSource] = await lake.lastAnswer();
    expect(secondSource).toBe('memory');
    expect(Number.parseFloat(quick ?? '')).toBeLessThan(Number.parseFloat(slow ?? '') / 5);
    expect(await lake.page.locator('#ratio').textContent()).toMatch(/^[\d,]+×$/);
  });

  it('repeats twenty times from memory', async () => {
    await lake.type(place);
    await find();
    expect(await lake.after('in a row', () => lake.button('Repeat 20×').click())).toBe('20 in a row: 20 memory');
  });

  it('runs one query for twenty callers at once', async () => {
    await lake.type(place);
    const said = await lake.after('at once', () => lake.button('20 at once').click());
    expect(said).toMatch(/^20 at once: 1 database, /);
    expect(said).toContain('joined');
  });

  it('changes a city, and the list that shows it changes too', async () => {
    await lake.type(place);
    await find();
    await lake.after('statistics', () => lake.city(1).click());
    const name = `Lakeside ${width}`;
    await lake.field('Name').fill(name);
    await lake.field('Population').fill('1,234,567');
    await lake.after('nearest', () => lake.button('Save').click());
    expect(await lake.page.locator('#city-title').textContent()).toBe(name);
    expect(await lake.page.locator('#city-facts').textContent()).toMatch(/1,234,567 people.*row version 2$/);
    expect(await lake.city(1).textContent()).toContain(`${name} `);
    expect(await lake.city(1).textContent()).toContain('1,234,567');
    expect(await lake.page.locator('#history li', { hasText: 'nearest' }).first().textContent()).toContain('memory');
  });

  it('says what is wrong with a change and keeps the city', async () => {
    await lake.type(place);
    await find();
    await lake.after('statistics', () => lake.city(2).click());
    const name = await lake.page.locator('#city-title').textContent();
    await lake.field('Population').fill('many');
    await lake.button('Save').click();
    await lake.page.getByRole('alert').filter({ hasText: 'population must be a whole number' }).waitFor();
    expect(await lake.page.locator('#city-title').textContent()).toBe(name);
    // the browser itself reports the 400 of the refused change
    expect(lake.complaints.splice(0)).toEqual([expect.stringContaining('400')]);
  });

  it('counts visits', async () => {
    await lake.type(place);
    await find();
    await lake.after('statistics', () => lake.city(0).click());
    const visits = lake.page.locator('#visits');
    expect(await visits.textContent()).toBe('0');
    await lake.after('visit', () => lake.button('Count a visit').click());
    await lake.after('visit', () => lake.button('Count a visit').click());
    expect(await visits.textContent()).toBe('2');
    await lake.after('statistics', () => lake.city(0).click());
    expect(await visits.textContent()).toBe('2');
    expect(await lake.page.locator('#history li', { hasText: 'visits of' }).first().textContent()).toContain('memory');
  });

  it('computes the statistics of a country once', async () => {
    const code = width === 1280 ? 'NZ' : 'PE';
    await lake.page.getByRole('combobox', { name: 'Country' }).selectOption(code);
    const show = () => lake.after('statistics', () => lake.button('Show statistics').click());
    expect(await show()).toBe(`statistics ${code}: database, 1 SQL statement`);
    expect(await lake.page.locator('#statistics').textContent()).toContain(code === 'NZ' ? 'Auckland' : 'Lima');
    expect(await show()).toBe(`statistics ${code}: memory, no SQL`);
  });

  it('picks a place on the map', async () => {
    const map = lake.page.locator('#map');
    const box = await map.boundingBox();
    const at = { x: (box?.width ?? 0) / 2, y: ((box?.width ?? 0) / 360) * (84 - 51.5) };
    await lake.after('nearest', () => map.click({ position: at }));
    expect(Number(await lake.field('Latitude').inputValue())).toBeCloseTo(51.5, 0);
    expect(await lake.city(0).textContent()).toContain('United Kingdom');
  });

  it('can be used with the keyboard alone', async () => {
    await lake.page.locator('#lon').focus();
    expect(await lake.after('nearest', () => lake.page.keyboard.press('Enter'))).toContain('nearest 48.8566');
    await lake.city(0).focus();
    await lake.after('statistics', () => lake.page.keyboard.press('Enter'));
    expect(await lake.page.evaluate('document.activeElement.id')).toBe('city-title');
  });
});

describe('the pages of two demos on one Redis', () => {
  const CITIES = Array.from({ length: 12 }, (_, at) => ({
    id: at + 1,
    name: `Village ${at + 1}`,
    country_code: 'FR',
    population: 1_000,
    latitude: 45 + at / 10,
    longitude: 2,
  }));
  let redis: Standalone;
  let database: SharedDatabase;
  let demos: Demo[];

  beforeAll(async () => {
    [redis, database] = await Promise.all([startStandalone(), SharedDatabase.start(CITIES)]);
    const settings = { REDIS_URL: redis.address, DATABASE_URL: database.url };
    demos = await Promise.all([startDemo(settings), startDemo(settings)]);
  });

  afterAll(async () => {
    const codes = await Promise.all((demos ?? []).map((one) => one.stop()));
    await Promise.all([redis?.stop(), database?.stop()]);
    expect(codes).toEqual([0, 0]);
  });

  it('show what the other has loaded, and what it changes', async () => {
    const [one, two] = await Promise.all(demos.map(({ url }) => LakePage.open(browser, url, 1280)));
    if (!one || !two) throw new Error('two pages were opened');
    const find = async (lake: LakePage) => {
      await lake.type({ lat: 45, lon: 2 });
      return lake.after('nearest', () => lake.button('Find nearest').click());
    };
    expect(await find(one)).toContain(': database, ');
    expect(await find(two)).toContain(': redis, no SQL');
    expect(await two.lastAnswer()).toEqual([expect.any(String), 'redis']);
    expect(await find(two)).toContain(': memory, no SQL');

    await one.after('statistics', () => one.city(0).click());
    await one.field('Name').fill('Renamed');
    await one.after('nearest', () => one.button('Save').click());
    await two.after('statistics', () => two.city(0).click());
    expect(await two.page.locator('#city-title').textContent()).toBe('Renamed');
    expect(await two.page.locator('#history li', { hasText: 'city Village 1' }).textContent()).toContain('redis');
    expect([...one.complaints, ...two.complaints]).toEqual([]);
    await Promise.all([one.page.close(), two.page.close()]);
  });
});
