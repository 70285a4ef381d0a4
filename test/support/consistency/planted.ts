import { NOTHING, type Ask, type Content, type Operation } from './operation.js';

type Times = readonly [call: number, end: number];

const span = (client: string, [call, end]: Times) => ({ key: 'k', client, call, return: end, outcome: 'ok' }) as const;

/** Histories of one key, by hand: who, from when to when, and what. */
export const on = {
  read: (client: string, times: Times, content: Content): Operation => ({
    ...span(client, times),
    kind: 'read',
    content,
  }),
  write: (client: string, times: Times, content: number): Operation => ({
    ...span(client, times),
    kind: 'write',
    content,
  }),
  delete: (client: string, times: Times): Operation => ({ ...span(client, times), kind: 'delete', content: NOTHING }),
  set: (
    client: string,
    times: Times,
    change: Pick<Ask & { kind: 'compare-and-set' }, 'expected' | 'content'> & { readonly swapped?: boolean },
  ): Operation => ({ ...span(client, times), kind: 'compare-and-set', swapped: true, ...change }),
  /** It may have happened, or may happen yet. */
  unanswered: (one: Operation): Operation => ({ ...one, outcome: 'unknown', return: Infinity }),
  failed: (one: Operation): Operation => ({ ...one, outcome: 'failed' }),
};

const legal: Readonly<Record<string, Operation[]>> = {
  'nothing at all': [],
  'a read of the start': [on.read('a', [1, 2], NOTHING)],
  'a read of what is being written': [on.write('a', [1, 9], 1), on.read('b', [2, 3], 1), on.read('b', [4, 5], 1)],
  'two writes at once, seen in one order': [
    on.write('a', [1, 9], 1),
    on.write('b', [1, 9], 2),
    on.read('c', [2, 3], 2),
    on.read('c', [4, 5], 1),
  ],
  'a write that was lost, and happened long after': [
    on.unanswered(on.write('a', [1, 2], 1)),
    on.write('b', [3, 4], 2),
    on.read('c', [5, 6], 2),
    on.read('c', [7, 8], 1),
  ],
  'an end and a beginning at one time': [on.write('a', [1, 2], 1), on.write('b', [2, 3], 2), on.read('c', [4, 5], 1)],
  'a value between two deletes': [
    on.delete('a', [1, 2]),
    on.read('b', [3, 4], NOTHING),
    on.write('a', [5, 6], 1),
    on.read('b', [7, 8], 1),
    on.delete('a', [9, 10]),
    on.read('b', [11, 12], NOTHING),
  ],
  'a chain of compare-and-sets, one refused': [
    on.write('a', [1, 2], 1),
    on.set('b', [3, 8], { expected: 1, content: 2 }),
    on.set('c', [3, 8], { expected: 2, content: 3 }),
    on.set('d', [3, 8], { expected: 7, content: 4, swapped: false }),
    on.read('a', [9, 10], 3),
  ],
};

/** Each with what proves it: the clients of the operations, in order. */
const illegal: Readonly<Record<string, readonly [kind: string, clients: string, history: Operation[]]>> = {
  'a stale read': [
    'stale-read',
    'a b c',
    [on.write('a', [1, 2], 1), on.read('z', [1, 5], 1), on.write('b', [3, 4], 2), on.read('c', [5, 6], 1)],
  ],
  'a stale read of the start': [
    'stale-read',
    'the start a b',
    [on.write('a', [1, 2], 1), on.read('b', [3, 4], NOTHING)],
  ],
  'a lost write': [
    'stale-read',
    'a b d',
    [on.write('a', [1, 2], 1), on.write('b', [3, 4], 2), on.read('c', [5, 6], 1), on.read('d', [7, 8], 1)],
  ],
  'a value that nobody wrote': ['never-written', 'b', [on.write('a', [1, 2], 1), on.read('b', [3, 4], 7)]],
  'a value whose write failed': [
    'never-written',
    'a b',
    [on.failed(on.write('a', [1, 2], 1)), on.read('b', [3, 4], 1)],
  ],
  'a read from the future': ['read-before-write', 'a b', [on.read('a', [1, 2], 1), on.write('b', [3, 4], 1)]],
  'a deleted value that is back': [
    'stale-read',
    'a b c',
    [on.write('a', [1, 2], 1), on.delete('b', [3, 4]), on.read('c', [5, 6], 1)],
  ],
  'nothing, long after a write': [
    'no-order',
    'b c',
    [on.delete('a', [1, 2]), on.write('b', [3, 4], 1), on.read('c', [5, 6], NOTHING)],
  ],
  'a value between two sights of another': [
    'overwritten',
    'a b c d e',
    [
      on.write('a', [1, 20], 1),
      on.write('b', [1, 20], 2),
      on.read('c', [2, 3], 1),
      on.read('d', [4, 5], 2),
      on.read('e', [6, 7], 1),
    ],
  ],
  'a deleted value that is back after nothing was seen': [
    'stale-read',
    'a b d',
    [on.write('a', [1, 2], 1), on.delete('b', [3, 4]), on.read('c', [5, 6], NOTHING), on.read('d', [7, 8], 1)],
  ],
  'reads that go back and forth': [
    'back-and-forth',
    'a b c d e f',
    [
      on.write('a', [1, 20], 1),
      on.write('b', [1, 20], 2),
      on.read('c', [2, 3], 1),
      on.read('d', [4, 5], 2),
      on.read('e', [6, 7], 1),
      on.read('f', [8, 9], 2),
    ],
  ],
  'a compare-and-set that expected something else': [
    'no-order',
    'b c',
    [on.write('a', [1, 2], 1), on.write('b', [3, 4], 2), on.set('c', [5, 6], { expected: 1, content: 3 })],
  ],
  'two compare-and-sets for one value': [
    'no-order',
    'a b c',
    [
      on.write('a', [1, 2], 1),
      on.set('b', [3, 9], { expected: 1, content: 2 }),
      on.set('c', [3, 9], { expected: 1, content: 3 }),
      on.read('d', [3, 9], 1),
    ],
  ],
  'a compare-and-set that was refused what it expected': [
    'no-order',
    'a c',
    [
      on.write('a', [1, 2], 1),
      on.read('b', [3, 4], 1),
      on.set('c', [5, 6], { expected: 1, content: 2, swapped: false }),
    ],
  ],
};

export const planted = { legal, illegal };
