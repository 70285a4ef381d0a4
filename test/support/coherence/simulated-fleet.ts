import { Fleet } from '../../../libs/cache/src/core/cache/fleet.js';
import { Attendance } from '../../../libs/cache/src/core/coherence/attendance.js';
import type { Beat, Gap, Notice } from '../../../libs/cache/src/core/coherence/bus.js';
import { LoadWaits } from '../../../libs/cache/src/core/coherence/load-waits.js';
import { Outbox } from '../../../libs/cache/src/core/coherence/outbox.js';
import { coreParts, entryOf, FakeClock, settle } from '../core.js';
import { StallingClock } from './stalling-clock.js';

export { seeded } from '../../faults/kit/seed.js';

type Message = Notice | Beat;

/** What the channel does to a message on its way to one process. Chances, 0 to 1. */
export interface Weather {
  readonly random: () => number;
  /** Chance of a notice, and of a beat, to be lost. */
  readonly dropped?: { readonly notices: number; readonly beats: number };
  readonly duplicated?: number;
  /** Chance to take up to so many ms longer than others. */
  readonly late?: { readonly chance: number; readonly ms: number };
  /** Whether anybody looks at the numbers. Off: a control. */
  readonly isAttended?: boolean;
}

/** What became of a write as its process knows it. `unsure`: it happened or not, and was told of or not. */
export type Fate = 'done' | 'unsure';

/** How often a moment is looked at, ms. */
const STEP_MS = 10;

let names = 0;

/** Processes that share values and tell each other of changes over a channel that may lose, double and delay. */
export class SimulatedFleet {
  readonly clock = new FakeClock();
  readonly processes: SimulatedProcess[] = [];
  /** What all share: the version of each key, and when it came. */
  readonly truth = new Map<string, { readonly version: number; readonly since: number }>();
  readonly gaps: Gap[] = [];
  /** The longest that a process served what was no longer true, ms. */
  stalest = 0;
  /** How often that was the case in a moment that was looked at. */
  staleServed = 0;
  /** How often a value was served from memory. */
  served = 0;
  #version = 0;

  constructor(readonly weather: Weather) {}

  add(): SimulatedProcess {
    const process = new SimulatedProcess(this, `p${++names}`);
    this.processes.push(process);
    return process;
  }

  async remove(process: SimulatedProcess): Promise<void> {
    this.processes.splice(this.processes.indexOf(process), 1);
    await process.outbox.close();
    process.clock.end();
  }

  /** Something is written, and told of or not. */
  change(key: string): number {
    this.truth.set(key, { version: ++this.#version, since: this.clock.now() });
    return this.#version;
  }

  /** To everybody but its sender. */
  publish(from: SimulatedProcess, message: Message): void {
    for (const process of this.processes) if (process !== from) this.#carry(process, message);
  }

  /** Lets time pass; each moment every process asks for every key. */
  async pass(ms: number, between: () => void = () => undefined): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.clock.advance(STEP_MS);
      await settle();
      between();
      this.#look();
    }
  }

  #carry(to: SimulatedProcess, message: Message): void {
    const { random, dropped, duplicated = 0, late } = this.weather;
    const chance = 'kind' in message ? dropped?.notices : dropped?.beats;
    const times = random() < duplicated ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      if (random() < (chance ?? 0)) continue;
      const delay = late !== undefined && random() < late.chance ? random() * late.ms : 0;
      this.clock.after(1 + delay, () => to.clock.arrive(() => to.hear(message)));
    }
  }

  #look(): void {
    const now = this.clock.now();
    for (const process of this.processes) {
      if (process.clock.isStalled) continue;
      for (const [key, { version, since }] of this.truth) {
        const held = process.holds(key);
        if (held === undefined) process.fetch(key, version);
        else this.#judge(held, version, now - since);
      }
    }
  }

  #judge(held: number, version: number, age: number): void {
    this.served += 1;
    if (held >= version) return;
    this.staleServed += 1;
    this.stalest = Math.max(this.stalest, age);
  }
}

/** One of them: what it keeps in memory, tells and hears. */
export class SimulatedProcess {
  readonly clock: StallingClock;
  readonly outbox: Outbox;
  readonly #attendance: Attendance;
  readonly #listener: Fleet;
  readonly #parts = coreParts();

  constructor(
    private readonly fleet: SimulatedFleet,
    readonly name: string,
  ) {
    this.clock = new StallingClock(fleet.clock);
    const { hot } = this.#parts.store;
    this.#listener = new Fleet({
      ...this.#parts,
      hot,
      waits: new LoadWaits(this.clock),
      clock: this.clock,
      maxBlind: 10_000,
    });
    this.#attendance = new Attendance({
      clock: this.clock,
      doubts: (gap) => {
        if (fleet.weather.isAttended === false) return;
        if (gap !== undefined) fleet.gaps.push(gap);
        this.#listener.doubts(gap);
      },
    });
    this.outbox = new Outbox({
      clock: this.clock,
      publisher: name,
      post: async (message) => fleet.publish(this, message),
    });
    this.#attendance.hears();
    this.#listener.hears();
  }

  /** The version that would be served from memory. */
  holds(key: string): number | undefined {
    return this.#parts.store.hot.peek(key)?.value as number | undefined;
  }

  fetch(key: string, version: number): void {
    const never = { freshUntil: Infinity, staleUntil: Infinity, version: { source: undefined, assigned: version } };
    const { store } = this.#parts;
    // What it had is in doubt, and this is what all others have.
    store.hot.forget(key);
    store.hot.store(key, entryOf(version, this.clock.now(), never), 'load');
  }

  hear(message: Message): void {
    if ('kind' in message) {
      this.#listener.heard(message);
      this.#attendance.heard(message.publisher, message.number);
    } else {
      this.#attendance.beat(message);
    }
  }

  write(key: string, fate: Fate = 'done'): void {
    const { random } = this.fleet.weather;
    const number = this.outbox.take(key);
    const happens = fate === 'done' || random() < 0.5;
    if (happens) {
      const version = this.fleet.change(key);
      this.fleet.publish(this, { publisher: this.name, number, kind: 'set', assigned: 0, key });
      this.fetch(key, version);
    }
    // The answer, or the lack of it, comes later.
    this.clock.after(fate === 'done' ? 2 : random() * 1_000, () => {
      if (fate === 'done') return this.outbox.settle(number);
      this.#parts.store.hot.forget(key);
      this.outbox.void(number);
    });
  }
}
