import { afterEach, describe, expect, it } from 'vitest';
import { setContextResolver } from './context.js';
import { defineKey, definitionOf, holdingOf, isKeyRef } from './define-key.js';
import { findHolding } from './holding.js';

afterEach(() => setContextResolver(undefined));

describe('defineKey', () => {
  const productKey = defineKey('product:{id},{page?}:full');

  it('builds finished keys', () => {
    expect(productKey({ id: 7 })).toBe('product:7,%-:full');
    expect(productKey({ id: '', page: 'a:b' })).toBe('product:%_,a%3Ab:full');
    expect(productKey({ id: 1n, page: null })).toBe('product:1,%-:full');
    expect(defineKey('product:all')()).toBe('product:all');
    expect(defineKey('app:other:product:{id}')({ id: true })).toBe('app:other:product:true');
  });

  it.each<[unknown, string]>([
    [
      {},
      "{id} of 'product:{id},{page?}:full' is undefined: a '?' at the end of the hole gives absence a key of its own",
    ],
    [undefined, "{id} of 'product:{id},{page?}:full' is undefined"],
    [{ id: null }, 'is null'],
    [{ id: NaN }, 'is NaN, not a finite string | number | bigint | boolean'],
    [{ id: {} }, 'is an object, not a finite'],
    [{ id: new Date() }, 'is an instance of Date, not a finite'],
    [{ id: '\ud800' }, 'half a surrogate pair'],
    [{ id: 1, other: 2 }, "'product:{id},{page?}:full' has no hole {other}: it takes id, page"],
  ])('refuses the parts %j', (parts, why) => {
    expect(() => productKey(parts as never)).toThrow(expect.objectContaining({ code: 'KEY_VALUE' }));
    expect(() => productKey(parts as never)).toThrow(why);
  });

  it('takes context holes from the request, and refuses a key without them', () => {
    const tenantKey = defineKey('product:{@tenant},{id}');
    expect(() => tenantKey({ id: 1 })).toThrow(expect.objectContaining({ code: 'KEY_CONTEXT' }));
    setContextResolver((name) => (name === 'tenant' ? 'a,b' : undefined));
    expect(tenantKey({ id: 1 })).toBe('product:a%2Cb,1');
    expect(() => defineKey('product:{@user}')()).toThrow('{@user} has no value here');
  });

  it('binds its holes to the parameters in order', () => {
    expect(productKey.template).toBe('product:{0},{1?}:full');
    expect(defineKey('product:{@tenant},{id}').template).toBe('product:{@tenant},{0}');
  });

  it('binds its holes to places by name', () => {
    expect(productKey.at({ id: '1.id', page: 'result.page?' }).template).toBe('product:{1.id},{result.page?}:full');
    expect(defineKey('product:{@tenant},{id}').at({ id: '@user' }).template).toBe('product:{@tenant},{@user}');
  });

  it.each([
    [{ id: '0' }, "'product:{id},{page?}:full'.at(…): {page} needs a place"],
    [{ id: '0', page: '1', more: '2' }, 'there is no hole {more}'],
    [{ id: '0', page: 'page' }, '{page} is no place in the call'],
    [undefined, 'it takes places by name, not undefined'],
  ])('refuses the places %j', (places, why) => {
    expect(() => productKey.at(places as never)).toThrow(expect.objectContaining({ code: 'KEY_GRAMMAR' }));
    expect(() => productKey.at(places as never)).toThrow(why);
  });

  it('links references to the definition that made them', () => {
    const held = productKey.holds<Date>({ as: Date });
    expect(definitionOf(held.at({ id: '0', page: '1' }))).toBe(held);
    expect(definitionOf(held)).toBe(held);
    expect(holdingOf(held.at({ id: '0', page: '1' }))).toEqual({ as: Date });
    expect(holdingOf(productKey)).toEqual({});
    for (const other of [undefined, null, 'product:{0}', { template: 'product:{0}' }, () => 'product:1']) {
      expect(definitionOf(other)).toBeUndefined();
    }
  });

  it('starts another definition with holds: it says something else of the same keys', () => {
    expect(definitionOf(productKey.holds<number>())).not.toBe(definitionOf(productKey.holds<number>()));
    expect(definitionOf(productKey.holds<number>())).not.toBe(productKey);
  });

  it('tells references from functions', () => {
    expect([productKey, productKey.at({ id: '0', page: '1' })].every(isKeyRef)).toBe(true);
    expect(isKeyRef('product:{0}')).toBe(false);
    expect(isKeyRef(() => 'product:1')).toBe(false);
  });

  it('cannot be changed', () => {
    expect(() => Object.assign(productKey, { template: 'x:{0}' })).toThrow(TypeError);
  });
});

class Animal {}
const version = () => 1;

describe('findHolding', () => {
  it('finds the newest definition that says something of a key', () => {
    defineKey('animal:{name}').holds({ as: Date });
    defineKey('animal:{name}').holds({ as: Animal });
    defineKey('animal:{name}').holds<Animal>();
    expect(findHolding('animal:cat%20', 'lake')).toEqual({ as: Animal });
  });

  it('tells shapes of one entity apart', () => {
    defineKey('shape:u.{id}').holds<number>({ version });
    defineKey('shape:{id}:full').holds({ as: Animal });
    expect(findHolding('shape:u.1', 'lake')).toEqual({ version });
    expect(findHolding('shape:1:full', 'lake')).toEqual({ as: Animal });
    expect(findHolding('shape:1', 'lake')).toBeUndefined();
    expect(findHolding('shape:ux1', 'lake')).toBeUndefined();
    expect(findHolding('shape:u.', 'lake')).toBeUndefined();
  });

  it('does not take a piece of an escape for a suffix', () => {
    defineKey('suffix:{id}0').holds<number>({ version });
    expect(findHolding('suffix:10', 'lake')).toBeDefined();
    expect(findHolding('suffix:1%20', 'lake')).toBeUndefined();
  });

  it('gives full templates to the service they name', () => {
    defineKey('app:lake:owned:{id}').holds({ as: Animal });
    expect(findHolding('owned:1', 'lake')).toEqual({ as: Animal });
    expect(findHolding('owned:1', 'other')).toBeUndefined();
    expect(findHolding('app:lake:owned:1', 'other')).toEqual({ as: Animal });
    expect(findHolding('app:third:owned:1', 'other')).toBeUndefined();
  });
});
