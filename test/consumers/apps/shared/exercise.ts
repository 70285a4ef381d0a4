import { strictEqual } from 'node:assert';
import { CacheService } from '@datapunk/cache';
import type { INestApplicationContext } from '@nestjs/common';

/** What the shop's `Products` and `productKey` look like, so that this file imports nothing of the application. */
interface Shop {
  readonly products: {
    reads: number;
    find(id: number): Promise<{ readonly name: string } | null>;
    save(product: { readonly id: number; readonly name: string }): Promise<unknown>;
    remove(id: number): Promise<void>;
  };
  readonly key: (parts: { id: number }) => string;
}

/** Uses the cache in every way the shop does, and throws where it does not answer as it should. */
export async function exercise(app: INestApplicationContext, { products, key }: Shop): Promise<void> {
  const cache = app.get(CacheService);
  await Promise.all([products.find(7), products.find(7), products.find(7)]);
  await products.find(7);
  strictEqual(products.reads, 1, 'one read for four calls');
  strictEqual(await products.find(8), null);
  await products.find(8);
  strictEqual(products.reads, 2, 'a nothing is kept, too');
  await products.save({ id: 8, name: 'chair' });
  strictEqual((await products.find(8))?.name, 'chair');
  strictEqual(products.reads, 2, 'a saved value is kept');
  await products.remove(8);
  strictEqual(await products.find(8), null);
  strictEqual(products.reads, 3, 'an evicted value is read again');
  strictEqual(await cache.get(key({ id: 9 })), undefined);
  strictEqual(await cache.readThrough(key({ id: 9 }), async () => 'by hand'), 'by hand');
  strictEqual(await cache.get('app:shop:product:9'), 'by hand');
}
