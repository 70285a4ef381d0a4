import type { HotLayer } from '../../../core/layers/doubts.js';
import { CacheConfigError } from '../../../core/errors.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { Random } from '../../../core/shared/random.js';
import type {
  Carrier,
  Ear,
  EarSurroundings,
  Interference,
  SharedPlace,
  Surroundings,
} from '../../composing/interference.js';
import { FaultList } from './fault-list.js';
import { faultyCarrier } from './faulty-carrier.js';
import { FaultyEar } from './faulty-ear.js';
import { faultyPort } from './faulty-port.js';
import { forgetfulMemory } from './forgetful-memory.js';

/** Puts the faults of a test between the cache and its places. */
export class Interfering implements Interference {
  readonly hot: FaultList;
  readonly shared: FaultList;
  readonly bus: FaultList;
  #isUsed = false;
  #isShared = false;

  constructor(
    random: Random,
    /** Told of each ear at the bus. */
    private readonly joined: (ear: FaultyEar) => void,
  ) {
    this.hot = new FaultList('faults.hot', random);
    this.shared = new FaultList('faults.shared', random);
    this.bus = new FaultList('faults.bus', random);
  }

  memory(memory: HotLayer, { fullKey }: Surroundings): HotLayer {
    this.#isUsed = true;
    return forgetfulMemory(memory, { faults: this.hot, fullKey });
  }

  carrier(carrier: Carrier, clock: Clock): Carrier {
    this.#isShared = true;
    return faultyCarrier(carrier, { faults: this.shared, clock });
  }

  place<P extends SharedPlace>(place: P, about: Surroundings): P {
    const faulty = <T extends object>(port: T): T => faultyPort(port, { ...about, faults: this.shared });
    const { layer, fence } = place.strict;
    return { ...place, strict: { layer: faulty(layer), fence: faulty(fence), check: () => place.strict.check() } };
  }

  ear(ear: Ear, about: EarSurroundings): Ear {
    const faulty = new FaultyEar(ear, { ...about, faults: this.bus });
    this.joined(faulty);
    return faulty;
  }

  received(key: string, bytes: Uint8Array): Uint8Array {
    if (this.shared.strike({ on: 'read', keys: [key] }, 'corrupt').length === 0) return bytes;
    const damaged = Buffer.from(bytes);
    const last = damaged.byteLength - 1;
    damaged[last] = (damaged[last] ?? 0) ^ 1;
    return damaged;
  }

  /** @throws {CacheConfigError} where the application has no Redis: a fault of it would strike nothing. */
  reach(): void {
    if (!this.#isUsed || this.#isShared) return;
    throw new CacheConfigError(
      'CacheFaults: this application has neither a shared layer nor a bus, because it runs embedded: a fault of them would strike nothing. Give forRoot({ redis }), or use faults.hot.',
    );
  }
}
