import type { Random } from '../../../core/shared/random.js';
import { realWorld, type World } from '../../composition.js';
import { CACHE_WORLD } from '../../tokens.js';
import { BusFaults } from './bus-faults.js';
import { Interfering } from './interfering.js';
import { MemoryFaults, SharedFaults } from './layer-faults.js';

/** What of Nest's `TestingModuleBuilder` is needed. */
interface Overriding {
  overrideProvider(token: unknown): { useValue(value: unknown): unknown };
}

/**
 * Makes what the cache stands on slow, silent or wrong, so that a test can show that the application does without. What
 * is not struck goes its real way: to the real Redis, over the real bus. Ask each application for an object of its own.
 *
 * @example
 * const faults = new CacheFaults();
 * const app = await faults.into(Test.createTestingModule({ imports: [AppModule] })).compile();
 * faults.shared.error(); // … until faults.heal()
 */
export class CacheFaults {
  /** Memory. */
  readonly hot: MemoryFaults;
  /** Redis, as far as it holds entries. Locks and limits are not struck. */
  readonly shared: SharedFaults;
  /** What this process hears of others. */
  readonly bus: BusFaults;
  readonly #interfering: Interfering;

  /** @param random what `share` draws from: numbers from 0 to below 1. Default: chance */
  constructor({ random = realWorld().random }: { readonly random?: Random } = {}) {
    const interfering = new Interfering(random, (ear) => this.bus.join(ear));
    const reach = () => interfering.reach();
    this.hot = new MemoryFaults(interfering.hot);
    this.shared = new SharedFaults(interfering.shared, reach);
    this.bus = new BusFaults(interfering.bus, reach);
    this.#interfering = interfering;
  }

  /** Lets the application that is being built run on these faults. Call it before `compile()`. Returns what it was given. */
  into<B extends Overriding>(builder: B): B {
    builder.overrideProvider(CACHE_WORLD).useValue(this.world(realWorld()));
    return builder;
  }

  /** Ends every fault. */
  heal(): void {
    this.#interfering.hot.clear();
    this.#interfering.shared.clear();
    this.bus.heal();
  }

  /** @internal The world with these faults in it. */
  world(world: World): World {
    return { ...world, faults: this.#interfering };
  }
}
