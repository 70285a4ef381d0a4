import { describe, expect, it } from 'vitest';
import { snapshot } from '../entry/snapshot.js';
import { CacheConfigError } from '../errors.js';
import { Crowd } from './crowd.js';
import { Flights, type Flight } from './flights.js';
import type { Outcome } from './outcome.js';
import { withDelivery } from './deliver.js';
import { DEFAULT_RULES, type CallRules } from './rules.js';

/** Callers of one flight that get a promise of their own before the crowd shares one. */
const OWN = 64;

const rules = (isolation: 'frozen' | 'copy' = 'frozen'): CallRules =>
  withDelivery({ ...DEFAULT_RULES, isolation, ownView: false });
const kept = (value: unknown): Outcome => ({ kind: 'kept', kept: snapshot(value) });

function flightOf(outcome: Outcome): Flight<Outcome, CallRules> {
  return new Flights<Outcome, CallRules>().start('a', rules(), async () => outcome);
}

/** A crowd that has seen a value under these rules that everybody may share. */
function crowdThatKnows(by: CallRules): Crowd {
  const crowd = new Crowd();
  crowd.learn(kept({ id: 0 }), by);
  return crowd;
}

const joined = (crowd: Crowd, flight: Flight<Outcome, CallRules>, by: CallRules, count = 2 * OWN) =>
  Array.from({ length: count }, () => crowd.join(flight, by));

describe('a crowd', () => {
  it('shares one promise beyond the first callers, and all get the value', async () => {
    const flight = flightOf(kept({ id: 1 }));
    const by = rules();
    const promises = joined(crowdThatKnows(by), flight, by);
    expect(new Set(promises).size).toBe(OWN + 1);
    expect(new Set(promises.slice(OWN)).size).toBe(1);
    expect(new Set(await Promise.all(promises)).size).toBe(1);
    expect(await promises.at(-1)).toEqual({ id: 1 });
    expect(flight.joined).toBe(2 * OWN);
  });

  it('gives a copy each to callers who want copies', async () => {
    const promises = joined(new Crowd(), flightOf(kept({ id: 1 })), rules('copy'));
    const values = await Promise.all(promises);
    expect(new Set(values).size).toBe(values.length);
  });

  it('does not let callers of other rules into the shared promise', async () => {
    const [mine, others] = [rules(), rules()];
    const crowd = crowdThatKnows(mine);
    crowd.learn(kept({ id: 0 }), others);
    const flight = flightOf(kept({ id: 1 }));
    void joined(crowd, flight, mine, OWN);
    const shared = crowd.join(flight, mine);
    expect(crowd.join(flight, others)).not.toBe(shared);
    expect(crowd.join(flight, others)).not.toBe(crowd.join(flight, others));
    expect(crowd.join(flight, mine)).toBe(shared);
  });

  it.each<[string, Outcome[]]>([
    ['a value that cannot be frozen', [kept({ id: 1 }), kept(new Date(5)), kept({ id: 1 })]],
    ['what was refused', [kept({ id: 1 }), { kind: 'refused', loaded: 1, error: new CacheConfigError('no') }]],
    ['nothing so far', []],
    ['only what shows nothing', [kept(null), kept(5), { kind: 'nothing' }]],
  ])('stays apart under rules that gave %s', async (_, outcomes) => {
    const crowd = new Crowd();
    const by = rules();
    for (const outcome of outcomes) crowd.learn(outcome, by);
    const promises = joined(crowd, flightOf(kept(new Date(5))), by);
    expect(new Set(promises).size).toBe(promises.length);
    expect(new Set(await Promise.all(promises)).size).toBe(promises.length);
  });

  it('does not stay apart for what others learned, nor for a value that can be shared', () => {
    const crowd = new Crowd();
    const by = rules();
    crowd.learn(kept(new Date(5)), rules());
    crowd.learn(kept({ id: 1 }), by);
    expect(new Set(joined(crowd, flightOf(kept({ id: 1 })), by)).size).toBe(OWN + 1);
  });

  it('rejects every caller with the error of the load', async () => {
    const error = new Error('source');
    const flight = new Flights<Outcome, CallRules>().start('a', rules(), () => Promise.reject(error));
    const results = await Promise.allSettled(joined(new Crowd(), flight, rules()));
    expect(new Set(results.map((result) => (result.status === 'rejected' ? result.reason : undefined)))).toEqual(
      new Set([error]),
    );
  });
});
