import { describe, expect, it } from 'vitest';
import { CacheKeyError } from '../errors.js';
import { parseTemplate } from './template.js';

describe('parseTemplate', () => {
  it('reads a short template', () => {
    expect(parseTemplate('user:u_{0.id?},{@tenant}:x')).toMatchObject({
      service: undefined,
      entity: 'user',
      head: 'user:u_',
      shape: 'user:u_{},{}:x',
      holes: [
        { text: '0.id?', optional: true, place: { from: 'argument', index: 0, path: ['id'] }, after: ',' },
        { text: '@tenant', optional: false, place: { from: 'context', name: 'tenant' }, after: ':x' },
      ],
    });
  });

  it('reads a full template', () => {
    expect(parseTemplate('app:lake:user:{result.*.id}')).toMatchObject({
      service: 'lake',
      entity: 'user',
      head: 'app:lake:user:',
      holes: [{ place: { from: 'result', path: ['*', 'id'] } }],
    });
  });

  it('reads names where a definition has them', () => {
    expect(parseTemplate('product:{id},{page?}', 'name').holes).toMatchObject([
      { place: { from: 'named', name: 'id' }, optional: false },
      { place: { from: 'named', name: 'page' }, optional: true },
    ]);
  });

  it.each([
    ['us er:{0}', "'us er': outside holes only A-Z a-z 0-9 _ . ~ - and ,"],
    ['größe:{0}', "'größe': outside holes only A-Z a-z 0-9 _ . ~ - and ,"],
    ['user:%41', "'%41': outside holes only A-Z a-z 0-9 _ . ~ - and ,"],
    ['user:{0}{1}', "'{0}{1}': put a comma between two holes"],
    ['user:{0}x{1}', "'{0}x{1}': put a comma between two holes"],
    ['{0}:x', "the entity '{0}' must be literal: put the hole into the id"],
    ['app:{0}:user:x', "the service '{0}' must be literal: put the hole into the id"],
    ['user', 'a template reads entity:{id} or entity:{id}:field'],
    ['', 'a template reads entity:{id} or entity:{id}:field'],
    ['user:{0}:a:b', 'a template reads entity:{id} or entity:{id}:field'],
    ['user::{0}', 'a segment is empty'],
    [':{0}', 'a segment is empty'],
    ['app:lake:{0}', 'a full key reads app:{service}:{entity}:{id}:{field?}'],
    ['app:a:b:c:d:e', 'a full key reads app:{service}:{entity}:{id}:{field?}'],
    ['coord:lake:lock:{0}', 'a full key reads app:{service}:{entity}:{id}:{field?}'],
    ['user:{0', "'{0': a brace has no partner"],
    ['user:{0}}', "'{0}}': a brace has no partner"],
    ['user:{0:1}', "'{0': a brace has no partner"],
    ['user:{0.*?}', "{0.*?}: a fan-out takes no '?'"],
    ['user:{@tenant?}', "{@tenant?}: a context hole takes no '?': a missing value must never become a shared key"],
    ...[
      '',
      'id',
      '8',
      '01',
      '0.',
      '0..b',
      '0.a?.b',
      '0.a b',
      '0.a*',
      '@',
      '@a b',
      'results.id',
      '0.a,b',
      '?',
      '-1',
    ].map((hole) => [
      `user:{${hole}}`,
      `{${hole}} is no place in the call: write {0} to {7}, {0.id}, {result.id} or {@name}`,
    ]),
  ])('refuses %j in one sentence', (source, sentence) => {
    expect(() => parseTemplate(source)).toThrow(CacheKeyError);
    expect(() => parseTemplate(source)).toThrow(
      expect.objectContaining({ code: 'KEY_GRAMMAR', message: `key template ${JSON.stringify(source)}: ${sentence}` }),
    );
  });

  it.each(['0', 'a.b', '', '0.id', 'a b', 'result.id', '?', '1a'])('refuses {%s} for a name', (hole) => {
    expect(() => parseTemplate(`user:{${hole}}`, 'name')).toThrow(
      `{${hole}} is no name: the holes of a definition are named, like {id} or {page?}`,
    );
  });

  it('refuses a name that stands twice, but not a context hole', () => {
    expect(() => parseTemplate('user:{id}:{id?}', 'name')).toThrow('stands twice');
    expect(parseTemplate('user:{@tenant}:{@tenant}', 'name').holes).toHaveLength(2);
  });

  it('refuses what is no text, as JavaScript may pass it', () => {
    expect(() => parseTemplate(7 as never)).toThrow('a template must be a string, not 7');
  });
});
