import { describe, expect, it } from 'vitest';
import { gate } from '../../../../../test/support/gate.js';
import { settle } from '../../../../../test/support/core.js';
import { Flights } from './flights.js';

describe('a flight', () => {
  it('can be found from the start, even by its own load, until it lands', async () => {
    const flights = new Flights<string, string>();
    const hold = gate();
    let seen: unknown;
    const flight = flights.start('a', 'rules', async () => {
      seen = flights.find('a');
      await hold.promise;
      return 'value';
    });
    expect(seen).toBe(flight);
    expect(flights.find('a')).toBe(flight);
    expect(flights.find('b')).toBeUndefined();
    expect(flight).toMatchObject({ rules: 'rules', joined: 0 });
    hold.open();
    await expect(flight.outcome).resolves.toBe('value');
    expect(flights.find('a')).toBeUndefined();
  });

  it('that fails rejects with the error itself and is gone as well', async () => {
    const flights = new Flights<string, string>();
    const error = new Error('source');
    const flight = flights.start('a', 'rules', () => Promise.reject(error));
    await expect(flight.outcome).rejects.toBe(error);
    expect(flights.find('a')).toBeUndefined();
  });

  it('that was voided still gives its outcome and leaves its successor alone', async () => {
    const flights = new Flights<string, string>();
    const [first, second] = [gate(), gate()];
    const voided = flights.start('a', 'rules', async () => {
      await first.promise;
      return 'old';
    });
    flights.void('a');
    expect(flights.find('a')).toBeUndefined();
    const successor = flights.start('a', 'rules', async () => {
      await second.promise;
      return 'new';
    });
    first.open();
    await expect(voided.outcome).resolves.toBe('old');
    await settle();
    expect(flights.find('a')).toBe(successor);
    second.open();
    await expect(successor.outcome).resolves.toBe('new');
    expect(flights.find('a')).toBeUndefined();
  });

  it('stays until its value is filled, and is voided all the same', async () => {
    const flights = new Flights<string, string>();
    const filled = gate();
    const filling = (key: string) =>
      flights.start(key, 'rules', async (flight) => {
        flight.filling = filled.promise;
        return 'value';
      });
    const [flight] = [filling('a'), filling('b')];
    await expect(flight.outcome).resolves.toBe('value');
    await settle();
    flights.void('b');
    expect([flights.find('a'), flights.find('b')]).toEqual([flight, undefined]);
    filled.open();
    await settle();
    expect(flights.find('a')).toBeUndefined();
  });

  it('is voided for its key alone', () => {
    const flights = new Flights<string, string>();
    const flight = flights.start('a', 'rules', () => new Promise(() => undefined));
    flights.void('b');
    expect(flights.find('a')).toBe(flight);
  });
});
