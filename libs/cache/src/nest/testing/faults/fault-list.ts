import { CacheConfigError } from '../../../core/errors.js';
import type { Random } from '../../../core/shared/random.js';
import { shown } from '../../../core/shared/shown.js';
import type { EndFault, LayerFaultOptions } from './fault-options.js';

/** What happens to an operation. */
export type Damage =
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'drop' }
  | { readonly kind: 'corrupt' }
  | { readonly kind: 'error'; readonly error: unknown };

/** An operation about to be done. */
export interface Operation {
  readonly on: 'read' | 'write';
  /** The full keys it is about. */
  readonly keys: readonly string[];
}

interface Fault {
  readonly damage: Damage;
  readonly options: LayerFaultOptions;
  left: number;
}

/** The faults of one place, in the order in which they were made. */
export class FaultList {
  readonly #faults = new Set<Fault>();

  /** @param where names the place in errors: `'faults.shared'` */
  constructor(
    private readonly where: string,
    private readonly random: Random,
  ) {}

  /** @throws {CacheConfigError} for options that would strike nothing. */
  add(damage: Damage, options: LayerFaultOptions = {}): EndFault {
    this.#check(damage.kind, options);
    const fault = { damage, options, left: options.times ?? Number.POSITIVE_INFINITY };
    this.#faults.add(fault);
    return () => void this.#faults.delete(fault);
  }

  clear(): void {
    this.#faults.clear();
  }

  /** What strikes the operation, of these kinds of damage: all delays, and the first that is worse. */
  strike<K extends Damage['kind']>(
    operation: Operation,
    ...kinds: readonly K[]
  ): readonly Extract<Damage, { kind: K }>[] {
    const struck: Extract<Damage, { kind: K }>[] = [];
    for (const fault of this.#faults) {
      if (!isOf(fault.damage, kinds) || !this.#strikes(fault, operation)) continue;
      struck.push(fault.damage);
      if (fault.damage.kind !== 'delay') break;
    }
    return struck;
  }

  #strikes(fault: Fault, { on, keys }: Operation): boolean {
    const { options } = fault;
    if (options.on !== undefined && options.on !== on) return false;
    if (options.key !== undefined && !keys.some((key) => isMeant(key, options.key))) return false;
    if (options.share !== undefined && this.random() >= options.share) return false;
    fault.left -= 1;
    if (fault.left <= 0) this.#faults.delete(fault);
    return true;
  }

  #check(kind: string, { share, times, on }: LayerFaultOptions): void {
    const at = `${this.where}.${kind}`;
    if (share !== undefined && !(share > 0 && share <= 1)) {
      throw new CacheConfigError(`${at}: share ${shown(share)} is not above 0 and at most 1: 0.5 is every second one.`);
    }
    if (times !== undefined && !(Number.isSafeInteger(times) && times > 0)) {
      throw new CacheConfigError(`${at}: times ${shown(times)} is no whole number above 0.`);
    }
    if (on !== undefined && on !== 'read' && on !== 'write') {
      throw new CacheConfigError(`${at}: on ${shown(on)} is neither 'read' nor 'write'.`);
    }
  }
}

function isMeant(key: string, meant: LayerFaultOptions['key']): boolean {
  return typeof meant === 'function' ? meant(key) : key === meant;
}

function isOf<K extends Damage['kind']>(damage: Damage, kinds: readonly K[]): damage is Extract<Damage, { kind: K }> {
  return (kinds as readonly string[]).includes(damage.kind);
}
