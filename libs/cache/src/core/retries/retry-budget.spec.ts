import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { RetryBudget } from './retry-budget.js';
import { BUDGET_WINDOW_MS, FREE_RETRIES } from './retry-rules.js';

function start(isHeard: boolean) {
  const clock = new FakeClock();
  const state = { isHeard };
  const budget = new RetryBudget(clock, () => state.isHeard);
  const withdrawn = (times: number) => Array.from({ length: times }, () => budget.withdraw()).filter(Boolean).length;
  const deposit = (times: number) => {
    for (let at = 0; at < times; at += 1) budget.deposit();
  };
  return { clock, state, budget, withdrawn, deposit };
}

describe('the budget of a process that the fleet has answered', () => {
  it('is what the fleet has lent, and no more', () => {
    const { budget, withdrawn, deposit } = start(true);
    deposit(1_000);
    expect(withdrawn(1)).toBe(0);
    budget.lend(3);
    expect(withdrawn(5)).toBe(3);
  });

  it('counts what was spent while the answer was on its way', () => {
    const { budget, withdrawn } = start(true);
    budget.lend(10);
    withdrawn(4);
    expect(budget.spend()).toMatchObject({ retries: 4 });
    withdrawn(2);
    budget.lend(5);
    expect(withdrawn(5)).toBe(3);
  });

  it('is asked for what its requests pay for and what was wanted, a few at least', () => {
    const { budget, withdrawn, deposit } = start(true);
    expect(budget.spend()).toEqual({ requests: 0, retries: 0, want: 5 });
    deposit(100);
    withdrawn(30);
    expect(budget.spend()).toEqual({ requests: 100, retries: 0, want: 50 });
  });

  it('tells the retries of a lost report again, its requests not', () => {
    const { budget, withdrawn, deposit } = start(true);
    budget.lend(10);
    deposit(7);
    withdrawn(2);
    budget.unspend(budget.spend());
    withdrawn(1);
    expect(budget.spend()).toMatchObject({ requests: 0, retries: 3 });
  });
});

describe('the budget of a process that does not hear the fleet', () => {
  it('is what its own requests pay for in ten seconds, and what is free', () => {
    const { clock, withdrawn, deposit } = start(false);
    expect(withdrawn(1_000)).toBe(FREE_RETRIES);
    deposit(100);
    expect(withdrawn(1_000)).toBe(20);
    clock.advance(BUDGET_WINDOW_MS);
    expect(withdrawn(1_000)).toBe(FREE_RETRIES);
  });

  it('knows what was spent while it did', () => {
    const { state, budget, withdrawn } = start(true);
    budget.lend(60);
    expect(withdrawn(60)).toBe(60);
    state.isHeard = false;
    expect(withdrawn(1_000)).toBe(FREE_RETRIES - 60);
  });
});
