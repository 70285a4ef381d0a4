import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { failureOf, told } from './failure.js';

const withCode = (code: string, message = code): Error => Object.assign(new Error(message), { code });

describe('a failure', () => {
  it.each<[Error, string, string, string]>([
    [withCode('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'), 'passing', 'ECONNREFUSED', 'nothing listens there'],
    [withCode('ENOTFOUND'), 'passing', 'ENOTFOUND', 'the name of the host is unknown'],
    [withCode('EAI_AGAIN'), 'passing', 'EAI_AGAIN', 'the name of the host is unknown'],
    [withCode('ETIMEDOUT', 'connect ETIMEDOUT'), 'passing', 'ETIMEDOUT', 'no answer in time'],
    [withCode('SILENT', 'no answer for 3000 ms'), 'passing', 'ETIMEDOUT', 'no answer in time'],
    [new Error('timeout'), 'passing', 'ETIMEDOUT', 'no answer in time'],
    [withCode('EHOSTUNREACH'), 'passing', 'EHOSTUNREACH', 'no way leads there'],
    [
      new Error('WRONGPASS invalid username-password pair or user is disabled.'),
      'refused',
      'WRONGPASS',
      'it refuses the password',
    ],
    [new Error('ERR invalid password'), 'refused', 'WRONGPASS', 'it refuses the password'],
    [new Error('NOAUTH Authentication required.'), 'refused', 'NOAUTH', 'it asks for a password'],
    [withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 'refused', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS could not be agreed on'],
    [withCode('ERR_SSL_WRONG_VERSION_NUMBER'), 'refused', 'ERR_SSL_WRONG_VERSION_NUMBER', 'TLS could not be agreed on'],
    [
      new Error('ERR This instance has cluster support disabled'),
      'config',
      'NOT_A_CLUSTER',
      'it is no node of a cluster, but forRoot.redis.nodes says so',
    ],
    [
      new Error("NOPERM this user has no permissions to run the 'cluster|slots' command"),
      'refused',
      'NOPERM',
      'the user lacks a permission: +cluster|slots',
    ],
    [new Error('ERR DB index is out of range'), 'config', 'NO_DATABASE', 'it has no database of this number'],
    [new Error('LOADING Redis is loading the dataset in memory'), 'passing', 'LOADING', 'it is loading its data'],
    [new Error('Connection is closed.'), 'passing', 'CLOSED', 'the connection was closed'],
    [new Error('None of startup nodes is available'), 'passing', 'CLOSED', 'the connection was closed'],
    [new Error('MASTERDOWN Link with MASTER is down'), 'passing', 'MASTERDOWN', 'MASTERDOWN Link with MASTER is down'],
    [new Error('who knows'), 'passing', 'UNKNOWN', 'who knows'],
  ])('of %s has kind, code and words', (error, kind, code, what) => {
    expect(failureOf(error)).toMatchObject({ kind, code, what });
    expect(told(failureOf(error))).toBe(`${code}: ${what}`);
    expect(failureOf(error).remedy).not.toBe('');
  });

  it('of a whole cluster is that of its last node', () => {
    const error = Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: new Error('NOAUTH x') });
    expect(failureOf(error).code).toBe('NOAUTH');
  });

  it('does not carry the command, which may hold a password', () => {
    const error = Object.assign(new Error('WRONGPASS x'), { command: { name: 'auth', args: ['hush'] } });
    const { cause } = failureOf(Object.assign(new Error('all'), { lastNodeError: error }));
    expect(cause.message).toBe('WRONGPASS x');
    expect(inspect(failureOf(error), { depth: 9, showHidden: true })).not.toContain('hush');
  });

  it('may be of anything', () => {
    expect(failureOf('text')).toMatchObject({ code: 'UNKNOWN', what: 'text' });
    expect(failureOf(undefined).code).toBe('UNKNOWN');
  });
});
