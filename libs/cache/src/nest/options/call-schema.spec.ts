import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../../core/errors.js';
import { ComputedSchema, EvictSchema, ReadSchema, RequestCachedSchema, WriteSchema } from './call-schema.js';
import type { Schema } from './option-schema.js';
import { validateOptions } from './validate-options.js';

class User {}

const SCHEMAS: Readonly<Record<string, Schema>> = {
  ReadThrough: ReadSchema,
  WriteThrough: WriteSchema,
  Evict: EvictSchema,
  RequestCached: RequestCachedSchema,
  Computed: ComputedSchema,
};

const check = (decorator: string, options: unknown) => () =>
  validateOptions(SCHEMAS[decorator] ?? ReadSchema, options, `@${decorator} on Users.find`);

describe('the options of a decorator', () => {
  it.each<[string, object]>([
    ['ReadThrough', { policy: 'brief', as: User, ttl: '5s', loadTimeout: { hard: 5 }, isolation: 'copy' }],
    ['WriteThrough', { policy: 'brief', as: User, ttl: 'forever', value: '0', version: 'result.version' }],
    ['Evict', { mode: 'expire', when: 'before' }],
    ['RequestCached', { key: 'user:{0}' }],
    ['Computed', { key: 'user:{0}', ttl: '5s', maxEntries: 10 }],
    ['Computed', { key: undefined, ttl: undefined, maxEntries: undefined }],
  ])('are taken as they are written: %s', (decorator, options) => {
    expect(check(decorator, options)).not.toThrow();
  });

  it.each<[string, unknown, string]>([
    ['ReadThrough', { policy: '' }, '.policy: "" is not valid: write text in quotes.'],
    ['ReadThrough', { policy: 5 }, '.policy: 5 is not valid: write text in quotes.'],
    ['ReadThrough', { as: 'User' }, '.as: "User" is not valid: write a class: { as: User }.'],
    ['ReadThrough', { as: () => User }, '.as: a function is not valid: write a class: { as: User }.'],
    ['ReadThrough', { ttl: 'x' }, '.ttl: "x" is not valid: write milliseconds (250) above 0'],
    ['ReadThrough', { loadTimeout: { hard: 0 } }, '.loadTimeout.hard: 0 is not valid: write milliseconds'],
    ['ReadThrough', { version: 'result.v' }, ".version: there is no option 'version'."],
    ['WriteThrough', { value: 0 }, '.value: 0 is not valid: write text in quotes.'],
    ['WriteThrough', { version: null }, '.version: null is not valid: write text in quotes.'],
    ['Evict', { mode: 'remove' }, `.mode: "remove" is not valid: write 'delete' or 'expire'.`],
    ['Evict', { when: 'during' }, `.when: "during" is not valid: write 'after' or 'before'.`],
    ['Evict', { tll: 5 }, ".tll: there is no option 'tll'. Known options: mode, when."],
    ['RequestCached', { key: 5 }, '.key: 5 is not valid: write text in quotes.'],
    ['Computed', { ttl: 'forever' }, '.ttl: "forever" is not valid: write milliseconds'],
    ['Computed', { maxEntries: 0 }, '.maxEntries: 0 is not valid: write a whole number above 0.'],
    ['Computed', { maxEntry: 5 }, ".maxEntry: there is no option 'maxEntry'. Known options: key, ttl, maxEntries."],
    ['Computed', 'user:{0}', ': "user:{0}" is not valid: write an object.'],
  ])('are refused by their path, value and remedy: %s (%#)', (decorator, options, sentence) => {
    expect(check(decorator, options)).toThrow(CacheConfigError);
    expect(check(decorator, options)).toThrow(`@${decorator} on Users.find${sentence}`);
  });
});
