import { describe, expect, it } from 'vitest';
import { CacheSerializationError } from '../errors.js';
import { snapshot } from '../entry/snapshot.js';
import { view, withDelivery } from './deliver.js';
import { DEFAULT_RULES, type CallRules } from './rules.js';

class User {
  constructor(
    readonly id: number,
    readonly tags: string[] = [],
  ) {}
}

const rules = (more: Partial<CallRules> = {}): CallRules => withDelivery({ ...DEFAULT_RULES, ownView: false, ...more });
const deliver = (value: unknown, more: Partial<CallRules> = {}): unknown =>
  rules(more).deliver({ kind: 'kept', kept: snapshot(value, { as: more.as }) });

describe('the view of a kept value', () => {
  it('is the frozen value itself where it can be shared', () => {
    const kept = snapshot({ deep: [{ id: 1 }] });
    expect(view(kept, rules())).toBe(kept.value);
    expect(Object.isFrozen(kept.value)).toBe(true);
  });

  it('has bytes, dates and collections of its own', () => {
    const kept = snapshot({ at: new Date(5), plain: { id: 1 } });
    const [one, other] = [view(kept, rules()), view(kept, rules())] as { at: Date; plain: object }[];
    expect(one).toEqual({ at: new Date(5), plain: { id: 1 } });
    expect(one?.at).not.toBe(other?.at);
    expect(one?.plain).toBe(other?.plain);
  });

  it('is the caller’s own to change under copy', () => {
    const kept = snapshot({ list: [1] });
    const own = view(kept, rules({ isolation: 'copy' })) as { list: number[] };
    own.list.push(2);
    expect(kept.value).toEqual({ list: [1] });
  });

  it.each(['frozen', 'copy'] as const)('has its class back, %s', (isolation) => {
    const kept = snapshot(new User(7, ['a']), { as: User });
    const user = view(kept, rules({ as: User, isolation })) as User;
    expect(user).toBeInstanceOf(User);
    expect(user).toEqual(new User(7, ['a']));
    expect(Object.isFrozen(user)).toBe(isolation === 'frozen');
    expect(Object.isFrozen(user.tags)).toBe(isolation === 'frozen');
  });
});

describe('a caller gets', () => {
  it.each([null, 0, '', false, { id: 1 }])('a kept %j', (value) => {
    expect(deliver(value)).toEqual(value);
  });

  it('a kept value in the view of its rules', () => {
    expect(deliver(new User(1), { as: User })).toBeInstanceOf(User);
    expect(Object.isFrozen(deliver({ id: 1 }, { isolation: 'copy' }))).toBe(false);
  });

  it('undefined for nothing', () => {
    expect(rules().deliver({ kind: 'nothing' })).toBeUndefined();
  });

  it('what was loaded and cannot be kept, unchanged, from a decorated method', () => {
    const loaded = new User(1);
    const refused = { kind: 'refused', loaded, error: new CacheSerializationError('no') } as const;
    expect(rules({ origin: 'Users.find' }).deliver(refused)).toBe(loaded);
  });

  it('the error instead from a service', () => {
    const error = new CacheSerializationError('no');
    expect(() => rules().deliver({ kind: 'refused', loaded: 1, error })).toThrow(error);
  });
});
