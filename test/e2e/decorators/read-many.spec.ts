import { Injectable } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import { CacheEvents, CacheService, currentLoad, defineKey, ReadThrough } from '@datapunk/cache';
import { full } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';

interface Guest {
  id: number;
  name: string;
}

const guestKey = defineKey('guest:{id}').holds<Guest>();
const seatKey = defineKey('seat:{hall},{id}').holds<Guest>();
const keyOf = (id: number) => guestKey({ id });

/** Knows every id from 1 to 99, and writes down what it was asked for. */
@Injectable()
class Guests {
  readonly asked: unknown[] = [];
  hold: Promise<void> | undefined;

  @ReadThrough(guestKey)
  async find(id: number): Promise<Guest | null> {
    this.asked.push(id);
    await this.hold;
    return guest(id);
  }

  @ReadThrough(guestKey.at({ id: '0.*' }), { by: 'id' })
  async list(ids: readonly number[]): Promise<(Guest | null)[]> {
    this.asked.push([...ids]);
    await this.hold;
    return found(ids).toReversed();
  }

  @ReadThrough(guestKey.at({ id: '0.*' }))
  async map(ids: readonly (number | string)[], _note?: string): Promise<Map<number, Guest>> {
    this.asked.push([...ids]);
    return new Map(found(ids.map(Number)).map((one) => [one.id, one]));
  }

  @ReadThrough(seatKey.at({ hall: '1', id: '0.*.id' }), { by: 'meta.id' })
  async seats(of: readonly { id: number }[], hall: string) {
    this.asked.push([hall, ...of.map(({ id }) => id)]);
    return of.map(({ id }) => ({ ...guest(id), meta: { id } }) as (Guest & { meta: { id: number } }) | null);
  }

  @ReadThrough('tagged:{0.*}', { by: 'id', tags: ['guest:{0.*}', 'name:{result.*.name}'] })
  async tagged(ids: readonly number[]): Promise<(Guest | null)[]> {
    this.asked.push([...ids]);
    return found(ids);
  }

  @ReadThrough('copied:{0.*}', { by: 'id', isolation: 'copy' })
  async copied(ids: readonly number[]): Promise<(Guest | null)[]> {
    return found(ids);
  }

  @ReadThrough('relaxed:{0.*}', { by: 'id', level: 'relaxed' })
  async relaxed(ids: readonly number[]): Promise<(Guest | null)[]> {
    this.asked.push([...ids]);
    return found(ids);
  }

  @ReadThrough('told:{0.*}')
  async told(ids: readonly number[]): Promise<Map<number, string>> {
    const load = currentLoad();
    this.asked.push(load?.key);
    load?.skip();
    return new Map(ids.map((id) => [id, 'x']));
  }

  answer: unknown = undefined;

  @ReadThrough('odd:{0.*}', { by: 'id' })
  async odd(_ids: readonly any[]): Promise<any> {
    return this.answer;
  }

  @ReadThrough('odd-map:{0.*}')
  async oddMap(_ids: readonly any[]): Promise<any> {
    return this.answer;
  }
}

function guest(id: number): Guest | null {
  return id > 0 && id < 100 ? { id, name: `g${id % 2}` } : null;
}

function found(ids: readonly number[]): Guest[] {
  return ids.map(guest).filter((one) => one !== null);
}

describe('@ReadThrough of many keys', () => {
  const start = async () => {
    const app = await boot([Guests]);
    return { app, cache: app.get(CacheService), guests: app.get(Guests) };
  };

  it('calls the method with what is missing, and answers an array in the order asked', async () => {
    const { cache, guests } = await start();
    await cache.set(keyOf(2), { id: 2, name: 'kept' });
    expect(await guests.list([3, 2, 404, 1, 3])).toEqual([guest(3), { id: 2, name: 'kept' }, null, guest(1), guest(3)]);
    expect(guests.asked).toEqual([[3, 404, 1]]);
    expect(await guests.list([404, 1, 2, 3])).toEqual([null, guest(1), { id: 2, name: 'kept' }, guest(3)]);
    expect(await guests.find(404)).toBeNull();
    expect(await guests.list([])).toEqual([]);
    expect(guests.asked).toHaveLength(1);
  });

  it('answers a Map in the order asked, without what there is not', async () => {
    const { guests } = await start();
    const asked = ['12', 11, 404, 12];
    for (const round of ['loaded', 'cached']) {
      expect(Array.from(await guests.map(asked, round))).toEqual([
        ['12', guest(12)],
        [11, guest(11)],
        [12, guest(12)],
      ]);
    }
    expect(guests.asked).toEqual([['12', 11, 404]]);
  });

  it('takes ids from the items of a list, and the rest of the key from other arguments', async () => {
    const { cache, guests } = await start();
    const items = [{ id: 21 }, { id: 22 }];
    const [first] = await guests.seats(items, 'a');
    expect(first).toMatchObject({ id: 21 });
    await guests.seats([{ id: 22 }, { id: 23 }], 'a');
    await guests.seats([{ id: 22 }], 'b');
    expect(guests.asked).toEqual([
      ['a', 21, 22],
      ['a', 23],
      ['b', 22],
    ]);
    expect(await cache.get(seatKey({ hall: 'b', id: 22 }))).toMatchObject({ id: 22 });
  });

  it('joins the load of a single read, and is joined by one', async () => {
    const { guests } = await start();
    const open = gate();
    guests.hold = open.promise;
    const single = guests.find(31);
    await vi.waitFor(() => expect(guests.asked).toEqual([31]));
    const many = guests.list([31, 32]);
    await vi.waitFor(() => expect(guests.asked).toEqual([31, [32]]));
    const other = guests.find(32);
    open.open();
    expect(await Promise.all([single, many, other])).toEqual([guest(31), [guest(31), guest(32)], guest(32)]);
    expect(guests.asked).toEqual([31, [32]]);
  });

  it('gives each value its own tags', async () => {
    const { cache, guests } = await start();
    await guests.tagged([41, 42, 43, 404]);
    await cache.invalidateTags(['guest:42']);
    await guests.tagged([41, 42, 43, 404]);
    await cache.invalidateTags(['name:g1']);
    await guests.tagged([41, 42, 43, 404]);
    await cache.invalidateTags(['guest:404']);
    await guests.tagged([41, 42, 43, 404]);
    expect(guests.asked).toEqual([[41, 42, 43, 404], [42], [41, 43], [404]]);
  });

  it('keeps the rules of the method: isolation, and level', async () => {
    const { guests } = await start();
    const [mine] = await guests.copied([51]);
    if (mine) mine.name = 'changed';
    expect(await guests.copied([51])).toEqual([guest(51)]);
    await guests.relaxed([52]);
    await guests.relaxed([52, 53]);
    expect(guests.asked).toEqual([[52], [53]]);
  });

  it('has the load at hand in the method', async () => {
    const { cache, guests } = await start();
    await guests.told([61, 62]);
    expect(guests.asked).toEqual([full('told:61')]);
    expect(await cache.getMany(['told:61', 'told:62'])).toEqual([undefined, undefined]);
  });

  it('loads what no key can hold, uncached, and says so', async () => {
    const { app, guests } = await start();
    const told: { method?: string | undefined }[] = [];
    app.get(CacheEvents).on('uncached', (event) => told.push(event));
    guests.answer = [{ id: 72 }, { id: 71 }];
    expect(await guests.odd([71, NaN, 72])).toEqual([{ id: 71 }, null, { id: 72 }]);
    guests.answer = 'as it is';
    expect(await guests.odd('no list' as never)).toBe('as it is');
    expect(told.map(({ method }) => method)).toEqual(['Guests.odd', 'Guests.odd']);
  });

  it.each<[string, unknown, RegExp]>([
    ['a Map for an array', new Map(), /Guests\.odd gave an object\. With \{ by: 'id' \}/],
    ['an item without its id', [{ id: 1 }, { name: 'x' }], /an item without 'id', the 2\. of its array/],
  ])('refuses %s', async (_name, answer, message) => {
    const { guests } = await start();
    guests.answer = answer;
    await expect(guests.odd([80])).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringMatching(message) });
  });

  it('refuses an array for a Map', async () => {
    const { guests } = await start();
    guests.answer = [];
    await expect(guests.oddMap([80])).rejects.toThrow(/Guests\.oddMap gave an array\. Let it return a Map by id/);
  });

  it("asks an application's own service", async () => {
    const { cache, guests } = await start();
    const spy = vi.spyOn(cache, 'readThroughMany');
    expect(await guests.list([91, 404])).toEqual([guest(91), null]);
    expect(spy).toHaveBeenCalledOnce();
    expect(guests.asked).toEqual([[91, 404]]);
  });

  it.each<[string, MethodDecorator, RegExp]>([
    ['two lists', many('a:{0.*},{1.*}'), /goes through one list/],
    ['a list within an argument', many('a:{0.ids.*}'), /goes through one list/],
    ['a list of lists', many('a:{0.*.ids.*}'), /goes through one list/],
    ['by for one key', many('a:{0}', { by: 'id' }), /has no list: write it with '\*'/],
    ['by that is no path', many('a:{0.*}', { by: 'a..b' }), /no path of an item/],
    ['by that is no text', many('a:{0.*}', { by: 7 }), /by/],
    ["a tag of a Map's values", many('a:{0.*}', { tags: ['x:{result.*.id}'] }), /no place in a Map/],
  ])('fails the boot: %s', async (_name, decorator, message) => {
    class Wrong {
      async read(_one: unknown, _two: unknown): Promise<unknown> {
        return undefined;
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Wrong.prototype, 'read') as PropertyDescriptor;
    decorator(Wrong.prototype, 'read', descriptor);
    Object.defineProperty(Wrong.prototype, 'read', descriptor);
    Injectable()(Wrong);
    await expect(boot([Wrong])).rejects.toThrow(message);
  });
});

/** As JavaScript calls it. */
function many(key: string, options?: object): MethodDecorator {
  return (ReadThrough as unknown as (key: string, options?: object) => MethodDecorator)(key, options);
}
