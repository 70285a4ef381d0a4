import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { LightNode } from '../../../libs/cache/src/drivers/redis/calls/light-node.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { eventually } from '../../support/redis/wait.js';
import { pagesApp } from './pages-app.js';

afterEach(() => void vi.restoreAllMocks());

/** Redis falls silent about nothing but tags, and answers again on the same connections. Whether it is asked again. */
async function silentAboutTags(): Promise<boolean> {
  const server = await startStandalone();
  const { app, cache, events } = await pagesApp('tagged', `redis://${server.address}`, {
    breaker: { retryAfter: 200 },
  });
  onTestFinished(async () => {
    server.resume();
    await app.close();
    await server.stop();
  });
  const told: string[] = [];
  events.on('shared-breaker-opened', ({ type }) => told.push(type));
  events.on('shared-breaker-closed', ({ type }) => told.push(type));
  await cache.invalidateTags(['pages']);
  await server.pause();
  await eventually('it is given up', async () => {
    await cache.invalidateTags(['pages']).catch(() => undefined);
    return told.length > 0;
  });
  server.resume();
  await sleep(1_500);
  return told.includes('shared-breaker-closed');
}

it('a server that was silent about tags is asked again once it answers', async () => {
  expect(await silentAboutTags()).toBe(true);
});

it('would be given up for good, if to be refused were no answer (control)', async () => {
  const getHeader = Reflect.get(LightNode.prototype, 'getHeader') as LightNode['getHeader'];
  vi.spyOn(LightNode.prototype, 'getHeader').mockImplementation(function (this: LightNode, key, answer, fail) {
    getHeader.call(this, key, answer, ({ message }) => fail(new Error(message)));
  });
  expect(await silentAboutTags()).toBe(false);
});
