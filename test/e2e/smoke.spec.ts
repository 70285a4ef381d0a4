import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, it } from 'vitest';
import { CacheService, DatapunkCacheModule, ReadThrough } from '@datapunk/cache';

@Injectable()
class Users {
  runs = 0;
  @ReadThrough('user:{0}')
  async find(id: number): Promise<{ id: number } | null> {
    this.runs += 1;
    return { id };
  }
}

@Module({ imports: [DatapunkCacheModule.forRoot({ service: 'lake' })], providers: [Users] })
class App {}

it('smokes', async () => {
  const app = await NestFactory.createApplicationContext(App, { abortOnError: false });
  const users = app.get(Users);
  const all = await Promise.all([users.find(1), users.find(1)]);
  expect(all).toEqual([{ id: 1 }, { id: 1 }]);
  expect(await users.find(1)).toEqual({ id: 1 });
  expect(users.runs).toBe(1);
  expect(await app.get(CacheService).get('user:1')).toEqual({ id: 1 });
  await app.close();
});
