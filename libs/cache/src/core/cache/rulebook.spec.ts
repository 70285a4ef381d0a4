import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../errors.js';
import { defineKey } from '../keys/define-key.js';
import { KeySpace } from '../keys/key-space.js';
import type { CachePolicy } from './policy.js';
import { Rulebook } from './rulebook.js';

const POLICIES = { brief: { ttl: '3s' }, copied: { isolation: 'copy' } } as const;

function book(defaults?: CachePolicy, policies: Readonly<Record<string, CachePolicy>> = POLICIES): Rulebook {
  return new Rulebook(new KeySpace('lake', ['other']), defaults, policies);
}

class Town {
  n = 0;
}

describe('the rules of a call', () => {
  it('come from the nearest word: call, policy, named cache, defaults, product', () => {
    const rules = book();
    const ttl = (options?: object) => rules.forKey('town:1', options).ttl;
    expect(ttl()).toBe(300_000);
    const told = book({ ttl: '5s', loadTimeout: { hard: '7s' } });
    expect(told.forKey('town:1').ttl).toBe(5_000);
    told.own('towns', ['town'], { ttl: '4s' });
    expect(told.forKey('town:1').ttl).toBe(4_000);
    expect(told.forKey('town:1', { policy: 'brief' }).ttl).toBe(3_000);
    expect(told.forKey('town:1', { policy: 'brief', ttl: '2s' }).ttl).toBe(2_000);
    expect(told.forKey('town:1', { policy: 'brief', ttl: '2s' }).loadTimeout).toBe(7_000);
    expect(told.forKey('other:1').ttl).toBe(5_000);
  });

  it('lay a policy over the named cache, option by option', () => {
    const rules = book();
    rules.own('towns', ['town'], { ttl: '4s' });
    expect(rules.forKey('town:1', { policy: 'copied' })).toMatchObject({ ttl: 4_000, isolation: 'copy' });
  });

  it('follow the entity, short or foreign, whoever asks', () => {
    const rules = book();
    rules.own('towns', ['town'], { ttl: '4s' });
    expect(rules.forKey('town:1:name').ttl).toBe(4_000);
    expect(rules.forKey('app:other:town:1').ttl).toBe(4_000);
    expect(rules.forCall('town', {}, {}).ttl).toBe(4_000);
    expect(rules.forId('town:1', { options: {} }).ttl).toBe(4_000);
  });

  it('are one object for all calls without options on keys of a kind', () => {
    const rules = book();
    const standing = rules.forKey('town:1');
    expect(standing.standing).toBe(true);
    expect(rules.forKey('town:2')).toBe(standing);
    expect(rules.forKey('city:2')).not.toBe(standing);
    expect(rules.forKey('town:1', {}).standing).toBeUndefined();
    rules.own('towns', ['town'], { ttl: '4s' });
    expect(rules.forKey('town:1').ttl).toBe(4_000);
  });

  it('take class and version from the definition, and the class rather from the call', () => {
    const version = (value: { n: number }) => value.n;
    defineKey('rulebooktown:{id}').holds<{ n: number }>({ version, as: Town });
    const rules = book();
    expect(rules.forKey('rulebooktown:1')).toMatchObject({ as: Town, version });
    expect(rules.forKey('town:1')).toMatchObject({ as: undefined, version: undefined });
    class Other {}
    expect(rules.forKey('rulebooktown:1', { as: Other }).as).toBe(Other);
  });

  it('want a view of their own where the entry was kept for another', () => {
    const rules = book();
    const own = (options?: object) => rules.forKey('town:1', options).ownView;
    expect([own(), own({ ttl: '1s' }), own({ isolation: 'frozen' })]).toEqual([false, false, false]);
    expect([own({ isolation: 'copy' }), own({ as: Town }), own({ policy: 'copied' })]).toEqual([true, true, true]);
    const copied = book({ isolation: 'copy' });
    expect(copied.forKey('town:1').ownView).toBe(true);
    expect(copied.forKey('town:1', { isolation: 'frozen' }).ownView).toBe(true);
  });

  it('remember the method they are for', () => {
    expect(book().forCall('town', {}, { origin: 'Towns.find' }).origin).toBe('Towns.find');
  });

  it('deliver under themselves', () => {
    const rules = book().forKey('town:1', { isolation: 'copy' });
    const value = Object.freeze({ id: 1 });
    const given = rules.deliver({ kind: 'kept', kept: { value, shareable: true } });
    expect(given).toEqual(value);
    expect(given).not.toBe(value);
  });
});

describe('the lifetime of a computation', () => {
  it('is its own word, else the default', () => {
    const rules = book({ ttl: '5s' });
    expect(rules.lifetime(undefined, '@Computed')).toBe(5_000);
    expect(rules.lifetime('1s', '@Computed')).toBe(1_000);
    expect(() => rules.lifetime('1' as '1s', '@Computed on Towns.count')).toThrow('@Computed on Towns.count.ttl: "1"');
  });
});

describe('the rulebook refuses', () => {
  it.each<[string, () => unknown, string]>([
    ['wrong defaults', () => book({ ttl: 'x' as '1s' }), 'defaults.ttl: "x" is not a duration'],
    [
      'a wrong named cache',
      () => book().own('towns', ['town'], { ttl: -1 }),
      `forFeature('towns').ttl: -1 is not a duration`,
    ],
    [
      'a wrong policy when it is named',
      () => book({}, { bad: { ttl: 'x' as '1s' } }).forKey('town:1', { policy: 'bad' }),
      'policies.bad.ttl: "x" is not a duration',
    ],
    [
      'wrong options of a call',
      () => book().forCall('town', {}, { options: { ttl: 'x' as '1s' }, where: '@ReadThrough on Towns.find' }),
      '@ReadThrough on Towns.find.ttl: "x" is not a duration',
    ],
    [
      'an unknown policy, and says which there are',
      () => book().forKey('town:1', { policy: 'hot' }),
      `options.policy: there is no policy 'hot'. forRoot({ policies }) names brief, copied.`,
    ],
    [
      'a policy where there are none',
      () => book({}, {}).forKey('town:1', { policy: 'toString' }),
      `options.policy: there is no policy 'toString'. forRoot({ policies }) names none.`,
    ],
  ])('%s', (_, act, sentence) => {
    expect(act).toThrow(CacheConfigError);
    expect(act).toThrow(sentence);
  });

  it('a second owner of an entity, and the same one under other rules', () => {
    const rules = book();
    rules.own('towns', ['town'], {});
    expect(() => rules.own('places', ['village', 'town'], {})).toThrow(
      new CacheConfigError(
        `forFeature('places'): the entity 'town' belongs to the cache 'towns' already. An entity has one owner: name other entities, or drop one of the two.`,
      ),
    );
    expect(() => rules.own('towns', ['town'], { ttl: '1s' })).toThrow(`belongs to the cache 'towns' already`);
    expect(() => rules.own('towns', ['town', 'town'], {})).not.toThrow();
  });
});
