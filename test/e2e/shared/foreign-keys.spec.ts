import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { CacheEvents, CacheService, Evict } from '@datapunk/cache';
import { sibling } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { eventually } from '../../support/redis/wait.js';

const SHOP = sibling('shop');
const KEY = `app:${SHOP}:town:1` as const;
const SOON_MS = 2_000;

@Injectable()
class Office {
  @Evict(`app:${SHOP}:town:{0}` as 'town:{0}')
  async close(_id: number): Promise<void> {}
}

/** An application of its own service that also works on the keys of the shop, and the shop. */
async function start() {
  const app = await boot([Office], { foreignServices: [SHOP] });
  const shop = await boot([], { service: SHOP });
  return {
    office: app.get(Office),
    visitor: app.get(CacheService),
    shop: shop.get(CacheService),
    events: shop.get(CacheEvents),
  };
}

describe('keys of another service', () => {
  it('are the same for both', async () => {
    const { visitor, shop } = await start();
    await shop.set('town:1', 'theirs');
    expect(await visitor.get(KEY)).toBe('theirs');
    await visitor.set(KEY, 'changed');
    await eventually('the shop sees it', async () => (await shop.get('town:1')) === 'changed', SOON_MS);
    await shop.set('town:1', 'changed back');
    await eventually('the visitor sees it', async () => (await visitor.get(KEY)) === 'changed back', SOON_MS);
  });

  it.each<[string, (by: Awaited<ReturnType<typeof start>>) => Promise<unknown>]>([
    ['delete', ({ visitor }) => visitor.delete(KEY)],
    ['expire', ({ visitor }) => visitor.expire(KEY)],
    ['@Evict', ({ office }) => office.close(1)],
  ])('are soon gone for their own service after a %s', async (_, evict) => {
    const all = await start();
    const { shop } = all;
    await shop.set('town:1', 'old');
    expect(await shop.get('town:1')).toBe('old');
    await evict(all);
    await eventually('the shop sees it', async () => (await shop.get('town:1')) === undefined, SOON_MS);
  });

  it('are soon gone for the visitor, too', async () => {
    const { visitor, shop } = await start();
    await shop.set('town:1', 'old');
    expect([await visitor.get(KEY), await visitor.get(KEY)]).toEqual(['old', 'old']);
    await shop.delete('town:1');
    await eventually('the visitor sees it', async () => (await visitor.get(KEY)) === undefined, SOON_MS);
  });

  it('are refused to whom forRoot does not name them', async () => {
    const { shop } = await start();
    await expect(shop.get('app:unknown:town:1')).rejects.toMatchObject({ code: 'KEY_GRAMMAR' });
  });
});
