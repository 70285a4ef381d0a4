import { expect, it } from 'vitest';
import { FakeClock } from '../../../../../../test/support/core.js';
import { Sightings } from './sightings.js';

const HOUR_US = 3_600_000_000;

function sighted() {
  const clock = new FakeClock();
  const told: number[] = [];
  return { clock, told, sightings: new Sightings(clock, (assigned) => told.push(assigned)) };
}

it('tells of each version above all before it', () => {
  const { sightings, told } = sighted();
  for (const assigned of [5, 3, 5, 9, 0]) sightings.note(assigned);
  expect(told).toEqual([5, 9]);
});

it('does not believe what is more than an hour ahead of the server, until it is that late', () => {
  const { clock, sightings, told } = sighted();
  const latest = clock.now() * 1_000 + HOUR_US;
  for (const assigned of [latest + 1, Infinity, NaN, latest]) sightings.note(assigned);
  expect(told).toEqual([latest]);
  clock.advance(1);
  sightings.note(latest + 1);
  expect(told).toEqual([latest, latest + 1]);
});
