import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../../core/errors.js';
import { CacheAside } from './cache-aside.decorator.js';
import { Computed } from './computed.decorator.js';
import { Evict } from './evict.decorator.js';
import { ReadThrough } from './read-through.decorator.js';
import { RequestCached } from './request-cached.decorator.js';
import { Retried } from './retried.decorator.js';
import { WriteThrough } from './write-through.decorator.js';

/** As JavaScript would apply it, past the compiler. */
type Untyped = (...args: readonly unknown[]) => void;
const decorators: readonly (readonly [string, unknown])[] = [
  ['ReadThrough', ReadThrough('user:{0}')],
  ['WriteThrough', WriteThrough('user:{0}')],
  ['CacheAside', CacheAside('user:{0}')],
  ['Evict', Evict('user:{0}')],
  ['RequestCached', RequestCached()],
  ['Computed', Computed()],
  ['Retried', Retried('users')],
];

describe.each(decorators)('@%s', (name, decorator) => {
  const apply = decorator as Untyped;
  class Users {}

  it('refuses a property that holds a function', () => {
    expect(() => apply(Users.prototype, 'find', undefined)).toThrow(CacheConfigError);
    expect(() => apply(Users.prototype, 'find', undefined)).toThrow(
      `@${name} on Users.find: only a method can be cached. Turn a property that holds a function, a getter or a setter into a method`,
    );
  });

  it('refuses a getter, a setter and a static value', () => {
    expect(() => apply(Users.prototype, 'all', { get: () => 1 })).toThrow(`@${name} on Users.all: only a method`);
    expect(() => apply(Users, 'all', { value: 1 })).toThrow(`@${name} on Users.all: only a method`);
    expect(() => apply(Users, Symbol('all'), { set: () => {} })).toThrow(`@${name} on Users.Symbol(all)`);
  });

  it('refuses a class', () => {
    expect(() => apply(Users)).toThrow(`@${name} on class Users: put it on a method`);
  });

  it('says what is missing when it runs as a standard decorator', () => {
    expect(() => apply(() => 1, { kind: 'method', name: 'find' })).toThrow(
      `@${name} needs "experimentalDecorators": true in tsconfig.json, as NestJS does`,
    );
  });
});
