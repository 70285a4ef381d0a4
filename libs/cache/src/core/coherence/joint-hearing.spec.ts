import { expect, it } from 'vitest';
import { JointHearing } from './joint-hearing.js';

it('several sources are heard while each of them is', () => {
  const told: string[] = [];
  const joint = new JointHearing({ hears: () => told.push('hears'), deaf: (reason) => told.push(reason) });
  const [bus, tracking] = [joint.source(), joint.source()];
  bus.deaf('never heard');
  bus.hears();
  bus.hears();
  expect(told).toEqual([]);
  tracking.hears();
  expect(told).toEqual(['hears']);
  bus.deaf('the bus');
  tracking.deaf('the tracking, too');
  bus.hears();
  expect(told).toEqual(['hears', 'the bus']);
  tracking.hears();
  expect(told).toEqual(['hears', 'the bus', 'hears']);
});
