import { describe, expect, it } from 'vitest';
import { parseAddress, shownAddress } from './address.js';

const PLAIN = { username: undefined, password: undefined, tls: false, db: undefined, family: undefined };

describe('the text of an address', () => {
  it.each<[string, object]>([
    ['redis://host', { ...PLAIN, host: 'host', port: 6379 }],
    ['host', { ...PLAIN, host: 'host', port: 6379 }],
    ['host:7000', { ...PLAIN, host: 'host', port: 7000 }],
    ['10.0.0.1:1', { ...PLAIN, host: '10.0.0.1', port: 1 }],
    ['[::1]:7000', { ...PLAIN, host: '::1', port: 7000 }],
    ['redis://[2001:db8::1]', { ...PLAIN, host: '2001:db8::1', port: 6379 }],
    ['rediss://host:1/', { ...PLAIN, host: 'host', port: 1, tls: true }],
    ['REDISS://host', { ...PLAIN, host: 'host', port: 6379, tls: true }],
    ['redis://:p%40s%2Fs@host/3', { ...PLAIN, host: 'host', port: 6379, password: 'p@s/s', db: 3 }],
    [
      'redis://me:pw@host?db=2&family=6',
      { ...PLAIN, host: 'host', port: 6379, username: 'me', password: 'pw', db: 2, family: 6 },
    ],
    ['redis://me@host?family=0', { ...PLAIN, host: 'host', port: 6379, username: 'me' }],
  ])('%s is read', (text, address) => {
    expect(parseAddress(text, 6379)).toEqual(address);
  });

  it.each([
    '',
    'redis://',
    'http://host',
    'unix:///tmp/redis.sock',
    'redis://host:99999',
    'redis://host/three',
    'redis://host/1/2',
    'redis://host?keyPrefix=x',
    'redis://host?family=5',
    'redis://host?db=x',
    'redis://host#x',
    'redis://:%zz@host',
    'redis://ho st',
    'redis://user:pa#ss@host',
  ])('%j is none', (text) => {
    expect(parseAddress(text, 6379)).toBeUndefined();
  });
});

describe('an address in a message', () => {
  it.each([
    ['redis://user:hush@host:6379/0', '"redis://***@host:6379/0"'],
    ['rediss://:hu@sh@host', '"rediss://***@host"'],
    ['redis://:hush#x@host:1', '"redis://***@host:1"'],
    ['redis://:hu/sh?x@[::1]:1', '"redis://***@[::1]:1"'],
    ['host:70000', '"host:70000"'],
    ['redis://host?password=hush', '"redis://host"'],
    ['redis://user:hush', 'a text of 17 characters'],
    ['user:hush@', 'a text of 10 characters'],
    ['hush\n', 'a text of 5 characters'],
  ])('%j hides what may be a password', (text, shown) => {
    expect(shownAddress(text)).toBe(shown);
  });
});
