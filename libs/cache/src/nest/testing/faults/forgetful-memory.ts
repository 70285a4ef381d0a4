import type { HotLayer } from '../../../core/layers/doubts.js';
import type { FaultList } from './fault-list.js';

const ASKS: ReadonlySet<string | symbol> = new Set(['hit', 'peek', 'read', 'doubted']);

/** Memory that may have dropped what it is asked for, as one that is too small has. */
export function forgetfulMemory(
  memory: HotLayer,
  { faults, fullKey }: { readonly faults: FaultList; readonly fullKey: (id: string) => string },
): HotLayer {
  return new Proxy(memory, {
    get: (target, name) => {
      const own: unknown = Reflect.get(target, name, target);
      if (typeof own !== 'function') return own;
      return (...args: readonly unknown[]): unknown => {
        const [id] = args;
        if (ASKS.has(name) && typeof id === 'string' && isDropped(faults, fullKey(id))) target.forget(id);
        return (own as (...args: readonly unknown[]) => unknown).apply(target, [...args]);
      };
    },
  });
}

function isDropped(faults: FaultList, key: string): boolean {
  return faults.strike({ on: 'read', keys: [key] }, 'drop').length > 0;
}
