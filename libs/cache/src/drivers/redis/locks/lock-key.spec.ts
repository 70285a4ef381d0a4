import slotOf from 'cluster-key-slot';
import { describe, expect, it } from 'vitest';
import { lockKey } from './lock-key.js';

describe('the key of a lock', () => {
  it.each([
    ['import', 'coord:lake:lock:import'],
    ['account:7', 'coord:lake:lock:account,7'],
    ['{account}:7', 'coord:lake:lock:{account},7'],
    ['x:{a:b}:y', 'coord:lake:lock:x,{a,b},y'],
    ['{}', 'coord:lake:lock:%7B%7D'],
    ['{a}{b}', 'coord:lake:lock:{a}%7Bb%7D'],
    ['a}b{c', 'coord:lake:lock:a%7Db%7Bc'],
  ])('of %s is %s', (name, key) => {
    expect(lockKey('lake', name)).toBe(key);
  });

  it('is of one slot for names with one tag in braces', () => {
    const slots = ['{account}:1', '{account}:2', 'x:{account}'].map((name) => slotOf(lockKey('lake', name)));
    expect(new Set(slots).size).toBe(1);
  });

  it('is another for every name', () => {
    const names = ['{a}', '%7Ba%7D', 'a', '{a', 'a}', '{{a}}', '{a}}', '{}a}', '{}{a}', 'a:b', 'a,b', '{a:b}', '{a,b}'];
    expect(new Set(names.map((name) => lockKey('lake', name))).size).toBe(names.length);
  });
});
