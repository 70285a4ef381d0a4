import { mayLeave, type Content, type Operation } from './operation.js';

/** Beginnings come before ends of the same time: such operations were concurrent. */
export const CALL = 0;
export const RETURN = 1;
/** Of one that never ended: from here on nothing asks for what it leaves, so it does not matter whether it does. */
export const FORGET = 2;

export interface Moment {
  readonly time: number;
  readonly what: typeof CALL | typeof RETURN | typeof FORGET;
  readonly one: Operation;
}

export interface Timeline {
  readonly moments: readonly Moment[];
  /** It surely happens, and nobody ever asks for what it leaves. */
  readonly isPassing: (one: Operation) => boolean;
}

/** What of a history bears on the register of its key, in order of time. */
export function timelineOf(operations: readonly Operation[]): Timeline {
  const bearing = operations.filter(
    (one) => one.outcome === 'ok' || (one.outcome === 'unknown' && one.kind !== 'read'),
  );
  const last = lastAsked(bearing);
  const moments: Moment[] = [];
  for (const one of bearing) {
    const end = one.outcome === 'ok' ? one.return : (last(one.content) ?? -Infinity);
    if (end < one.call) continue;
    moments.push({ time: one.call, what: CALL, one });
    moments.push({ time: end, what: one.outcome === 'ok' ? RETURN : FORGET, one });
  }
  moments.sort((a, b) => a.time - b.time || a.what - b.what);
  const isPassing = (one: Operation): boolean =>
    (one.kind === 'write' || one.kind === 'delete') && one.outcome === 'ok' && last(one.content) === undefined;
  return { moments, isPassing };
}

/** When an operation last bears on whether the register holds this; `undefined`: none ever does. */
function lastAsked(bearing: readonly Operation[]): (content: Content) => number | undefined {
  const times = new Map<Content, number>();
  let others = -Infinity;
  for (const one of bearing) {
    const asked = one.kind === 'read' ? one.content : one.kind === 'compare-and-set' ? one.expected : undefined;
    if (asked === undefined) continue;
    times.set(asked, Math.max(times.get(asked) ?? -Infinity, one.return));
    // A refused one asks for anything but what it expected.
    if (one.kind === 'compare-and-set' && !mayLeave(one)) others = Infinity;
  }
  return (content) => (others === Infinity ? others : times.get(content));
}
