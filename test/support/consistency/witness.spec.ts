import { expect, it } from 'vitest';
import { checkKey } from './check.js';
import type { Operation } from './operation.js';
import { on } from './planted.js';
import { printWitness } from './witness.js';

function witnessOf(history: readonly Operation[]): string {
  const verdict = checkKey(history);
  return verdict.kind === 'violation' ? printWitness(verdict.violation) : verdict.kind;
}

it('a stale read is shown with the write it follows and the one it should have seen', () => {
  const history = [
    on.write('ann', [1, 2], 1),
    on.read('bob', [1.5, 2.5], 1),
    on.write('cy', [3, 4.25], 2),
    on.read('dan', [5, 6], 1),
  ];
  expect(`\n${witnessOf(history)}`).toMatchInlineSnapshot(`
    "
    k: stale-read
      [=]          0.000 … 1.000  ann writes 1
          [=]      2.000 … 3.250  cy writes 2
              [=]  4.000 … 5.000  dan reads 1
      1 was read after 2 had been written over it"
  `);
});

it('the start has no time, what never ended no end', () => {
  const history = [on.unanswered(on.write('ann', [1, 2], 1)), on.read('bob', [3, 4], 1), on.read('cy', [5, 6], null)];
  expect(`\n${witnessOf(history)}`).toMatchInlineSnapshot(`
    "
    k: overwritten
      |               …             the start is nothing
        [=========>  0.000 …        ann writes 1 (unknown)
          [=]        2.000 … 3.000  bob reads 1
              [=]    4.000 … 5.000  cy reads nothing
      nothing was there before 1 was written, and was seen again after that"
  `);
});

it('a compare-and-set is shown with what it expected, and what was there', () => {
  const history = [
    on.write('ann', [1, 2], 1),
    on.write('bob', [3, 4], 2),
    on.set('cy', [5, 6], { expected: 1, content: 3 }),
  ];
  expect(`\n${witnessOf(history)}`).toMatchInlineSnapshot(`
    "
    k: no-order
      [=]      0.000 … 1.000  bob writes 2
          [=]  2.000 … 3.000  cy sets 3 for 1 (done)
      it held 2 when all was quiet; when cy was answered it held 2, or what was just being written, and none of it explains the answer"
  `);
});
