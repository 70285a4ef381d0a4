import { describe, expect, it } from 'vitest';
import { Ledger, type Tally } from './ledger.js';

const start = () => {
  const ledger = new Ledger();
  const line = ledger.line('Towns.find', 'eventual');
  const count = (what: Tally, times: number) => {
    for (let time = 0; time < times; time += 1) line.count(what);
  };
  return { ledger, line, count, figures: () => ledger.figures()[0] };
};

describe('the ledger', () => {
  it('counts each reader apart', () => {
    const { ledger, line } = start();
    line.count('sampled');
    ledger.line('town', 'eventual').count('stale');
    expect(ledger.line('Towns.find', 'eventual')).toBe(line);
    expect(ledger.figures()).toMatchObject([
      { reader: 'Towns.find', level: 'eventual', sampled: 1, stale: 0 },
      { reader: 'town', level: 'eventual', sampled: 0, stale: 1 },
    ]);
  });

  it('knows no rate before anything was compared', () => {
    const { count, figures } = start();
    count('sampled', 3);
    count('failed', 3);
    expect(figures()?.rate).toBeUndefined();
  });

  it('takes what was left out for what was not, and the recent for true', () => {
    const { count, figures } = start();
    count('sampled', 100);
    count('recent', 20);
    count('skipped', 40);
    count('compared', 40);
    count('stale', 10);
    expect(figures()?.rate).toBeCloseTo(0.25 * (40 / 60));
  });

  it('keeps ages in bounds, the bound included', () => {
    const { line, figures } = start();
    for (const age of [0, 100, 100.5, 60_000, 1e12]) line.aged(age);
    expect(figures()?.ages.filter(({ count }) => count > 0)).toEqual([
      { upTo: 100, count: 2 },
      { upTo: 1_000, count: 1 },
      { upTo: 60_000, count: 1 },
      { upTo: Infinity, count: 1 },
    ]);
  });

  it('counts readers beyond a thousand as one', () => {
    const { ledger } = start();
    for (let at = 0; at < 5_000; at += 1) ledger.line(`town${at}`, 'eventual').count('sampled');
    const figures = ledger.figures();
    expect(figures).toHaveLength(1_001);
    expect(figures.at(-1)).toMatchObject({ reader: '*', sampled: 4_001 });
  });
});
