import { describe, expect, it } from 'vitest';
import { bySearch, check, checkKey } from './check.js';
import { isLinearizable } from './oracle.js';
import { on, planted } from './planted.js';

const { legal, illegal } = planted;

describe('a legal history', () => {
  it.each(Object.keys(legal))('passes: %s', (name) => {
    const history = legal[name] ?? [];
    expect(isLinearizable(history)).toBe(true);
    expect(checkKey(history)).toEqual({ kind: 'linearizable' });
    expect(bySearch(history)).toEqual({ kind: 'linearizable' });
  });
});

describe('a planted violation', () => {
  it.each(Object.keys(illegal))('is found and proven: %s', (name) => {
    const [kind, clients, history] = illegal[name] ?? ['', '', []];
    expect(isLinearizable(history)).toBe(false);
    expect(bySearch(history).kind).toBe('violation');
    const verdict = checkKey(history);
    expect(verdict).toMatchObject({ kind: 'violation', violation: { kind, key: 'k' } });
    if (verdict.kind !== 'violation') return;
    expect(verdict.violation.proof.map(({ client }) => client).join(' ')).toBe(clients);
  });
});

describe('a history of several keys', () => {
  it('is as legal as each of them', () => {
    const good = [on.write('a', [1, 2], 1), on.read('b', [3, 4], 1)];
    const [, , bad] = illegal['a stale read'] ?? ['', '', []];
    const moved = bad.map((one) => ({ ...one, key: 'other' }));
    const report = check([...good, ...moved]);
    expect(report).toMatchObject({ operations: 6, keys: 2, undecided: [] });
    expect(report.violations.map(({ key }) => key)).toEqual(['other']);
  });

  it('says of which it cannot tell within its budget', () => {
    const writes = Array.from({ length: 24 }, (_, at) => on.set(`w${at}`, [1, 9], { expected: at - 1, content: at }));
    const history = [on.write('a', [0, 9], -1), ...writes, on.read('r', [10, 11], 99)];
    expect(check(history, { budget: 10 })).toMatchObject({ violations: [], undecided: ['k'] });
  });

  it('is refused where two writes leave the same value, which would prove nothing', () => {
    expect(() => checkKey([on.write('a', [1, 2], 1), on.write('b', [3, 4], 1)])).toThrow("'1' is written to 'k' twice");
  });
});
