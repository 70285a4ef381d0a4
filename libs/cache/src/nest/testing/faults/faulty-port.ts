import { CacheTimeoutError } from '../../../core/errors.js';
import { ANSWER_MS } from '../../../core/layers/layer.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { FaultList } from './fault-list.js';

export interface FaultyParts {
  readonly faults: FaultList;
  readonly clock: Clock;
  readonly fullKey: (id: string) => string;
}

/** What changes nothing. Every other operation is a write. */
const READS: ReadonlySet<string | symbol> = new Set(['read']);

type Method = (...args: readonly unknown[]) => unknown;

/**
 * A port of level `strict`, each operation of which may be struck on its way to Redis. Made at run time, so that what a
 * port is given later can be struck as well.
 */
export function faultyPort<T extends object>(port: T, parts: FaultyParts): T {
  return new Proxy(port, {
    get: (target, name) => {
      const own: unknown = Reflect.get(target, name, target);
      if (typeof own !== 'function') return own;
      const call = (...args: readonly unknown[]): unknown => (own as Method).apply(target, [...args]);
      return (...args: readonly unknown[]): Promise<unknown> => struck(name, args, { ...parts, call });
    },
  });
}

interface Struck extends FaultyParts {
  readonly call: Method;
}

async function struck(name: string | symbol, args: readonly unknown[], parts: Struck): Promise<unknown> {
  const { faults, clock, call } = parts;
  const keys = idsOf(args[0]).map(parts.fullKey);
  const on = READS.has(name) ? 'read' : 'write';
  const damages = faults.strike({ on, keys }, 'delay', 'drop', 'error');
  const delay = damages.reduce((sum, damage) => sum + (damage.kind === 'delay' ? damage.ms : 0), 0);
  const last = damages.at(-1);
  // Whoever asks the layer is promised an answer in this time, whatever becomes of the question.
  if (last?.kind === 'drop' || delay >= ANSWER_MS) {
    await pause(clock, ANSWER_MS);
    throw unanswered(String(name), keys[0]);
  }
  if (delay > 0) await pause(clock, delay);
  if (last?.kind === 'error') throw last.error;
  return call(...args);
}

/** The id an operation is about. */
function idsOf(subject: unknown): readonly string[] {
  return typeof subject === 'string' ? [subject] : [];
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

function unanswered(name: string, key: string | undefined): CacheTimeoutError {
  const about = key === undefined ? '' : `'${key}': `;
  return new CacheTimeoutError(
    `${about}a fault of this test lost '${name}' on its way to the shared layer: no answer within ${ANSWER_MS} ms. End the fault, or expect this.`,
    { key, layer: 'shared' },
  );
}
