import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../../core/errors.js';
import { isBeforeCall, placeReader } from './place-reader.js';

class Row {
  get version(): number {
    return 7;
  }
}

const ARGS = ['id', { profile: { name: 'Ada', none: null } }, new Row()];
const RESULT = { version: 3, rows: [{ id: 1 }] };

describe('a place of a call', () => {
  it.each<[string, unknown]>([
    ['result', RESULT],
    ['result.version', 3],
    ['result.rows.0.id', 1],
    ['0', 'id'],
    ['1.profile', { name: 'Ada', none: null }],
    ['1.profile.name', 'Ada'],
    ['2.version', 7],
  ])('%s is read', (place, value) => {
    expect(placeReader(place, 'value')(ARGS, RESULT)).toEqual(value);
  });

  it.each(['7', '3.id', '1.profile.none.id', '1.other.name', 'result.missing', 'result.missing.too'])(
    '%s is undefined where nothing is',
    (place) => {
      expect(placeReader(place, 'value')(ARGS, RESULT)).toBeUndefined();
    },
  );

  it('keeps null at its end', () => {
    expect(placeReader('1.profile.none', 'value')(ARGS, RESULT)).toBeNull();
    expect(placeReader('result', 'value')(ARGS, null)).toBeNull();
  });

  it('is read from nothing without harm', () => {
    expect(placeReader('result.a.b', 'value')([], undefined)).toBeUndefined();
    expect(placeReader('0.a', 'value')([null], undefined)).toBeUndefined();
  });

  it.each(['', '8', '-1', '01', 'id', 'results', 'arg.0', '0.', '0..a', '0 .a', '@user', 'result.@user', '{0}'])(
    'is never %j',
    (place) => {
      const read = () => placeReader(place, 'value on Towns.save');
      expect(read).toThrow(CacheConfigError);
      expect(read).toThrow(
        `value on Towns.save: ${JSON.stringify(place)} is no place in the call. Write 'result', 'result.version', '0' or '0.updatedAt'.`,
      );
    },
  );

  it.each(['0.*', 'result.*.id'])('is never %j, which is many places', (place) => {
    expect(() => placeReader(place, 'value')).toThrow(CacheConfigError);
  });

  it('is known before the call unless it is of the result', () => {
    expect(['0', '1.profile', 'result', 'result.version'].map(isBeforeCall)).toEqual([true, true, false, false]);
  });
});
