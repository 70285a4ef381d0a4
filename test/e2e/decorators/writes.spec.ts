import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  CacheAside,
  CacheEvents,
  CacheSerializationError,
  CacheService,
  defineKey,
  Evict,
  LockTimeoutError,
  ReadThrough,
  WriteThrough,
} from '@datapunk/cache';
import { full } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';
import { eventually } from '../../support/redis/wait.js';

interface Product {
  id: number;
  name: string;
  version: number;
}

const productKey = defineKey('product:{id}').holds<Product>({ version: ({ version }) => version });
const pageKey = defineKey('page:{id}').holds<string>();

class Entity {
  constructor(readonly id: number) {}
}

@Injectable()
class Products {
  readonly rows = new Map<number, Product>();
  loads = 0;
  hold: Promise<unknown> = Promise.resolve();

  @ReadThrough(productKey)
  async find(id: number): Promise<Product | null> {
    this.loads += 1;
    const row = this.rows.get(id) ?? null;
    await this.hold;
    return row;
  }

  @WriteThrough(productKey.at({ id: '0.id' }))
  async save(product: Product): Promise<Product> {
    this.rows.set(product.id, product);
    await this.hold;
    return product;
  }

  @WriteThrough(productKey.at({ id: 'result.id' }))
  async create(name: string): Promise<Product> {
    const product = { id: 9, name, version: 1 };
    this.rows.set(9, product);
    return product;
  }

  @Evict(productKey)
  async remove(id: number): Promise<void> {
    if (id < 0) throw new Error('no such row');
    this.rows.delete(id);
  }

  @Evict('product:{0.*}')
  async removeAll(ids: number[]): Promise<void> {
    for (const id of ids) this.rows.delete(id);
  }

  @Evict('product:{result.*.id}')
  async renameAll(): Promise<Product[]> {
    for (const row of this.rows.values()) this.rows.set(row.id, { ...row, name: 'renamed', version: row.version + 1 });
    return [...this.rows.values()];
  }

  @Evict('product:{0}', { mode: 'expire' })
  async touch(_id: number): Promise<void> {}

  @Evict('product:{0}', { when: 'before' })
  async risky(_id: number): Promise<void> {
    throw new Error('half done');
  }
}

@Injectable()
class Pages {
  readonly rows = new Map<number, string>();
  loads = 0;
  saves = 0;
  hold: Promise<unknown> = Promise.resolve();

  @ReadThrough(pageKey)
  async read(id: number): Promise<string> {
    this.loads += 1;
    return this.rows.get(id) ?? 'none';
  }

  @WriteThrough(pageKey, { value: '1' })
  async write(id: number, text: string): Promise<void> {
    this.saves += 1;
    await this.hold;
    this.rows.set(id, text);
    if (text === 'refused') throw new Error('constraint');
  }

  @WriteThrough('entity:{0}', { value: '1' })
  async store(_id: number, entity: unknown): Promise<void> {
    this.rows.set(0, `stored ${typeof entity}`);
  }

  @WriteThrough('entity:{0}')
  async storeResult(id: number): Promise<Entity> {
    return new Entity(id);
  }

  visits = 0;
  running = 0;
  most = 0;

  @CacheAside('visits:{0}')
  async visit(_id: number): Promise<number> {
    this.most = Math.max(this.most, ++this.running);
    const before = this.visits;
    await Promise.resolve();
    await this.hold;
    this.visits = before + 1;
    this.running -= 1;
    return this.visits;
  }
}

describe('writes', () => {
  const start = async () => {
    const app = await boot([Products, Pages]);
    return { app, products: app.get(Products), pages: app.get(Pages), cache: app.get(CacheService) };
  };
  const lamp: Product = { id: 1, name: 'lamp', version: 1 };

  describe('@WriteThrough', () => {
    it('caches the result, so that the next read loads nothing', async () => {
      const { products } = await start();
      await products.save(lamp);
      expect(await products.find(1)).toEqual(lamp);
      expect(products.loads).toBe(0);
    });

    it('caches a named parameter of a void method', async () => {
      const { pages, cache } = await start();
      await pages.write(1, 'hello');
      expect(await cache.get('page:1')).toBe('hello');
      expect(await pages.read(1)).toBe('hello');
      expect(pages.loads).toBe(0);
    });

    it('passes the save’s error unchanged and caches nothing', async () => {
      const { pages } = await start();
      await pages.write(1, 'old');
      await expect(pages.write(1, 'refused')).rejects.toThrow('constraint');
      expect(await pages.read(1)).toBe('refused');
      expect(pages.loads).toBe(1);
    });

    it('is seen by a read that was loading the old value', async () => {
      const { products } = await start();
      products.rows.set(1, lamp);
      const held = gate();
      products.hold = held.promise;
      const old = products.find(1);
      await eventually('the load runs', () => products.loads === 1);
      products.hold = Promise.resolve();
      await products.save({ ...lamp, name: 'new', version: 2 });
      held.open();
      expect((await old)?.name).toBe('lamp');
      expect((await products.find(1))?.name).toBe('new');
    });

    it('lets nothing be filled while the save runs', async () => {
      const { pages } = await start();
      pages.rows.set(1, 'old');
      const held = gate();
      pages.hold = held.promise;
      const write = pages.write(1, 'new');
      await eventually('the save runs', () => pages.saves === 1);
      expect(await pages.read(1)).toBe('old');
      expect(await pages.read(1)).toBe('old');
      expect(pages.loads).toBe(2);
      held.open();
      await write;
      expect(await pages.read(1)).toBe('new');
      expect(pages.loads).toBe(2);
    });

    it('leaves the key empty when two writes without versions overlap', async () => {
      const { pages, cache } = await start();
      const held = gate();
      pages.hold = held.promise;
      const both = [pages.write(1, 'a'), pages.write(1, 'b')];
      await eventually('both saves run', () => pages.saves === 2);
      held.open();
      await Promise.all(both);
      expect(await cache.get('page:1')).toBeUndefined();
      expect(await pages.read(1)).toBe('b');
    });

    it('keeps the higher version when two writes with versions overlap', async () => {
      const { products, cache } = await start();
      const held = gate();
      products.hold = held.promise;
      const newer = products.save({ ...lamp, name: 'newer', version: 3 });
      const older = products.save({ ...lamp, name: 'older', version: 2 });
      held.open();
      await Promise.all([newer, older]);
      expect(await cache.get('product:1')).toEqual({ ...lamp, name: 'newer', version: 3 });
    });

    it('caches under a key from the result when a version orders it', async () => {
      const { products, cache } = await start();
      await products.create('chair');
      expect(await cache.get('product:9')).toEqual({ id: 9, name: 'chair', version: 1 });
    });

    it('refuses a parameter that cannot be cached before it saves', async () => {
      const { pages } = await start();
      await expect(pages.store(1, new Entity(1))).rejects.toThrow(CacheSerializationError);
      expect(pages.rows.has(0)).toBe(false);
    });

    it('does not fail a save whose result cannot be cached, and says so', async () => {
      const { app, pages, cache } = await start();
      const told: unknown[] = [];
      app.get(CacheEvents).on('write-uncached', ({ key, error }) => told.push([key, error.code]));
      await cache.set('entity:5', 'old');
      expect(await pages.storeResult(5)).toBeInstanceOf(Entity);
      expect(await cache.get('entity:5')).toBeUndefined();
      expect(told).toEqual([[full('entity:5'), 'SERIALIZATION']]);
    });

    it('refuses a key that cannot be built before it saves', async () => {
      const { pages } = await start();
      await expect(pages.write(Number.NaN, 'x')).rejects.toThrow(/NaN/);
      expect(pages.rows.size).toBe(0);
    });
  });

  describe('@Evict', () => {
    it('removes the value after the method succeeded', async () => {
      const { products } = await start();
      await products.save(lamp);
      await products.remove(1);
      expect(await products.find(1)).toBeNull();
    });

    it('removes the value when the method failed as well: nobody knows what it has changed', async () => {
      const { products, cache } = await start();
      await cache.set('product:-1', { ...lamp, id: -1 });
      await expect(products.remove(-1)).rejects.toThrow('no such row');
      expect(await cache.get('product:-1')).toBeUndefined();
    });

    it('fans out over a parameter and over the result', async () => {
      const { products, cache } = await start();
      for (const id of [1, 2, 3]) await products.save({ ...lamp, id });
      await products.removeAll([1, 2]);
      expect(await cache.get('product:1')).toBeUndefined();
      expect(await cache.get('product:3')).toBeDefined();
      await products.renameAll();
      expect(await cache.get('product:3')).toBeUndefined();
    });

    it('voids a load that began before, so that its old value is not kept', async () => {
      const { products } = await start();
      products.rows.set(1, lamp);
      const held = gate();
      products.hold = held.promise;
      const old = products.find(1);
      await eventually('the load runs', () => products.loads === 1);
      products.hold = Promise.resolve();
      await products.remove(1);
      expect(await products.find(1)).toBeNull();
      held.open();
      expect(await old).toEqual(lamp);
      expect(await products.find(1)).toBeNull();
    });

    it('expires and evicts before, where it is told to', async () => {
      const { products, cache } = await start();
      await products.save(lamp);
      await products.touch(1);
      expect(await cache.get('product:1')).toBeUndefined();
      await cache.set('product:1', lamp);
      await expect(products.risky(1)).rejects.toThrow('half done');
      expect(await cache.get('product:1')).toBeUndefined();
    });
  });

  describe('@CacheAside', () => {
    it('runs updates of one key one after the other and caches the last result', async () => {
      const { pages, cache } = await start();
      const results = await Promise.all([pages.visit(1), pages.visit(1), pages.visit(1)]);
      expect(results).toEqual([1, 2, 3]);
      expect(pages.most).toBe(1);
      expect(await cache.get('visits:1')).toBe(3);
    });

    it('lets updates of other keys run meanwhile', async () => {
      const { pages } = await start();
      const held = gate();
      pages.hold = held.promise;
      const both = [pages.visit(1), pages.visit(2)];
      await eventually('both updates run', () => pages.most === 2);
      held.open();
      await Promise.all(both);
    });
  });

  it('names the lock that was not free in time', () => {
    expect(new LockTimeoutError('busy')).toMatchObject({ status: 409, statusCode: 409, expose: true });
  });
});
