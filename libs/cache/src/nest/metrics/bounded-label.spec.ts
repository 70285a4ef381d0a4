import { expect, it } from 'vitest';
import { BoundedLabel } from './bounded-label.js';

it('the values of a label are told apart up to 100', () => {
  const label = new BoundedLabel();
  const all = Array.from({ length: 150 }, (_, at) => label.of(`rule ${at}`));
  expect(new Set(all).size).toBe(101);
  expect([label.of('rule 3'), label.of('rule 120')]).toEqual(['rule 3', 'other']);
});
