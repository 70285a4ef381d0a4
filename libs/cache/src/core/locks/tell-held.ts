import type { EventHub } from '../events/event-hub.js';
import type { Clock } from '../shared/clock.js';

interface Told {
  readonly events: EventHub;
  readonly clock: Clock;
}

interface Taken {
  readonly name: string;
  readonly token: bigint;
  /** Since when it was waited for. */
  readonly since: number;
}

/** Tells that a lock was taken. What is returned tells that it was given back; call it then. */
export function tellHeld({ events, clock }: Told, { name, token, since }: Taken): () => void {
  const from = clock.now();
  if (events.wants('locked')) events.emit({ type: 'locked', name, token, waited: from - since });
  return () => {
    if (events.wants('unlocked')) events.emit({ type: 'unlocked', name, token, held: clock.now() - from });
  };
}
