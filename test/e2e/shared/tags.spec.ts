import { Injectable } from '@nestjs/common';
import { expect, it } from 'vitest';
import { CacheService, InvalidateTags, ReadThrough } from '@datapunk/cache';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';
import { eventually } from '../../support/redis/wait.js';

@Injectable()
class Lakes {
  loads = 0;
  hold: Promise<unknown> = Promise.resolve();

  @ReadThrough('lake:{0}', { tags: ['lakes', 'country:{result.country}'] })
  async find(id: number): Promise<{ id: number; country: string }> {
    this.loads += 1;
    await this.hold;
    return { id, country: 'de' };
  }

  @InvalidateTags('country:{0}')
  async drain(_country: string): Promise<void> {}
}

async function application() {
  const app = await boot([Lakes]);
  return { lakes: app.get(Lakes), cache: app.get(CacheService) };
}

it('another application hears of invalidated tags and of clears', async () => {
  const [one, other] = [await application(), await application()];
  await one.lakes.find(1);
  await other.lakes.find(1);
  expect([one.lakes.loads, other.lakes.loads]).toEqual([1, 0]);
  await one.lakes.drain('de');
  await eventually('it is told', async () => (await other.cache.get('lake:1')) === undefined);
  await other.lakes.find(1);
  await one.cache.clear();
  await eventually('it is told', async () => (await other.cache.get('lake:1')) === undefined);
  await other.lakes.find(1);
  expect(other.lakes.loads).toBe(2);
});

it.each([
  ['country:de', 2],
  ['country:fr', 1],
])(
  'what another application has begun to load is not kept under a tag invalidated meanwhile: %s',
  async (tag, loads) => {
    const [one, other] = [await application(), await application()];
    await other.cache.get('lake:2');
    const held = gate();
    other.lakes.hold = held.promise;
    const old = other.lakes.find(2);
    await eventually('it loads', () => other.lakes.loads === 1);
    await one.cache.invalidateTags([tag]);
    held.open();
    await old;
    await one.lakes.find(2);
    await other.lakes.find(2);
    expect(one.lakes.loads + other.lakes.loads).toBe(loads);
  },
);
