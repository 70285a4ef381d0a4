import 'reflect-metadata';
import { CacheService, duration } from '@datapunk/cache';
import { DatapunkCacheTestingModule, EventRecorder, FakeClock } from '@datapunk/cache/testing';
import { expect, it } from 'vitest';
import { Test } from '@nestjs/testing';
import { exercise } from './exercise.js';
import { productKey, Products, ShopModule } from './shop.js';

it('caches in the real application', async () => {
  const app = await Test.createTestingModule({ imports: [ShopModule] }).compile();
  await app.init();
  await exercise(app, { products: app.get(Products), key: productKey });
  await app.close();
});

it('caches in a test, on a clock that the test moves', async () => {
  const app = await Test.createTestingModule({
    imports: [DatapunkCacheTestingModule.forRoot()],
    providers: [Products],
  }).compile();
  await app.init();
  const products = app.get(Products);
  await products.find(7);
  app.get(FakeClock).advance(duration('9m'));
  await products.find(7);
  expect(products.reads).toBe(1);
  app.get(FakeClock).advance(duration('2m'));
  await products.find(7);
  expect(products.reads).toBe(2);
  expect(
    app
      .get(EventRecorder)
      .of('loaded')
      .map(({ key }) => key),
  ).toEqual(['app:test:product:7', 'app:test:product:7']);
  await app.close();
});

it('runs bare when bypassed', async () => {
  const app = await Test.createTestingModule({
    imports: [DatapunkCacheTestingModule.bypass()],
    providers: [Products],
  }).compile();
  await app.init();
  const products = app.get(Products);
  await products.find(7);
  await products.find(7);
  expect(products.reads).toBe(2);
  expect(await app.get(CacheService).get(productKey({ id: 7 }))).toBeUndefined();
  await app.close();
});
