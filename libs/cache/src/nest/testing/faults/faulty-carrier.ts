import type { Clock } from '../../../core/shared/clock.js';
import type { Carrier, Question } from '../../composing/interference.js';
import type { FaultList } from './fault-list.js';

export interface FaultyCarrierParts {
  readonly faults: FaultList;
  readonly clock: Clock;
}

/** How questions of one kind are carried. */
interface Way<Q> {
  readonly on: 'read' | 'write';
  readonly carry: (batch: readonly Q[]) => Promise<void>;
}

/**
 * Carries questions to Redis, of which some are late, lost or refused. It stands below patience and the breaker, which take
 * a lost question for what it is: a node that does not answer.
 */
export function faultyCarrier(carrier: Carrier, parts: FaultyCarrierParts): Carrier {
  return {
    read: (reads) => struck(reads, { on: 'read', carry: (some) => carrier.read(some) }, parts),
    readHeaders: (reads) => struck(reads, { on: 'read', carry: (some) => carrier.readHeaders(some) }, parts),
    // Who can do without the answer asks for a lease: that changes nothing that readers see.
    run: (calls) =>
      struck(calls, { on: calls[0]?.isBrief === true ? 'read' : 'write', carry: (some) => carrier.run(some) }, parts),
    together: (calls) => struck(calls, { on: 'write', carry: (some) => carrier.together(some) }, parts),
  };
}

function struck<Q extends Question>(
  batch: readonly Q[],
  { on, carry }: Way<Q>,
  { faults, clock }: FaultyCarrierParts,
): Promise<void> {
  /** What reaches Redis, by how late. */
  const carried = new Map<number, Q[]>();
  let isLost = false;
  for (const question of batch) {
    const damages = faults.strike({ on, keys: [question.key] }, 'delay', 'drop', 'error');
    const late = damages.reduce((sum, damage) => sum + (damage.kind === 'delay' ? damage.ms : 0), 0);
    const last = damages.at(-1);
    if (last?.kind === 'error') question.fail(last.error);
    else if (last?.kind === 'drop') isLost = true;
    else carried.set(late, [...(carried.get(late) ?? []), question]);
  }
  const ways = [...carried].map(([late, some]) =>
    late === 0 ? carry(some) : pause(clock, late).then(() => carry(some)),
  );
  if (isLost) ways.push(new Promise(() => undefined));
  return Promise.all(ways).then(() => undefined);
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
