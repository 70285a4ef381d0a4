import { BadRequestException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { ValidPipe } from '../validation/valid.pipe.js';
import { CityChange, NearestQuery } from './cities.dto.js';
import { CityIdPipe } from './city-id.pipe.js';

function faults(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    if (error instanceof BadRequestException) return (error.getResponse() as { message: unknown }).message;
    throw error;
  }
  return 'accepted';
}

describe('NearestQuery', () => {
  const pipe = new ValidPipe(NearestQuery);

  it('reads numbers and makes one key of one place', () => {
    expect(pipe.transform({ lat: '48.85660001', lon: '-0.00001' })).toEqual({ lat: 48.8566, lon: 0, limit: 10 });
    expect(Object.is(pipe.transform({ lat: '1', lon: '-0' }).lon, 0)).toBe(true);
  });

  it.each([
    [{}, ['lat must be a number from -90 to 90', 'lon must be a number from -180 to 180']],
    [{ lat: '91', lon: 'x' }, ['lat must be a number from -90 to 90', 'lon must be a number from -180 to 180']],
    [{ lat: ['1', '2'], lon: '1' }, ['lat must be a number from -90 to 90']],
    [{ lat: '1', lon: '1', limit: '51' }, ['limit must be a whole number from 1 to 50']],
    [{ lat: '1', lon: '1', limit: '2.5' }, ['limit must be a whole number from 1 to 50']],
    [{ lat: '1', lon: '1', limt: '5' }, ["there is no field 'limt'"]],
  ])('refuses %j', (query, sentences) => {
    expect(faults(() => pipe.transform(query))).toEqual(sentences);
  });
});

describe('CityChange', () => {
  const pipe = new ValidPipe(CityChange);

  it('trims the name and leaves out what is not given', () => {
    expect(pipe.transform({ name: ' Paris ' })).toEqual({ name: 'Paris', population: undefined });
  });

  it.each([
    [{ name: '  ' }, /^name must be/],
    [{ name: 'a\u0000b' }, /^name must be/],
    [{ name: null }, /^name must be/],
    [{ population: '5' }, /^population must be/],
    [{ population: -1 }, /^population must be/],
    [{ population: 1.5 }, /^population must be/],
    [{ country: 'FR' }, /no field 'country'/],
  ])('refuses %j', (change, sentence) => {
    expect(faults(() => pipe.transform(change))).toEqual([expect.stringMatching(sentence)]);
  });

  it('refuses a body that is no object', () => {
    expect(faults(() => pipe.transform([1]))).toEqual(['send an object of fields']);
  });
});

describe('CityIdPipe', () => {
  it.each(['0', '-1', '1.5', 'x', '2147483648', '99999999999'])('refuses %s', (text) => {
    expect(() => new CityIdPipe().transform(text)).toThrow(BadRequestException);
  });

  it('takes the largest id', () => {
    expect(new CityIdPipe().transform('2147483647')).toBe(2_147_483_647);
  });
});
