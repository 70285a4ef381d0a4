import type { BusListener } from './bus.js';

/** Who is told whether a source of news is heard. */
export type Hearing = Pick<BusListener, 'hears' | 'deaf'>;

/** Several sources of news as one: it hears while every one of them does. */
export class JointHearing {
  readonly #silent = new Set<Hearing>();

  constructor(private readonly listener: Hearing) {}

  /** One more source, not heard yet. All are made before the first is heard. */
  source(): Hearing {
    const source: Hearing = { hears: () => this.#heard(source), deaf: (reason) => this.#lost(source, reason) };
    this.#silent.add(source);
    return source;
  }

  #heard(source: Hearing): void {
    if (this.#silent.delete(source) && this.#silent.size === 0) this.listener.hears();
  }

  #lost(source: Hearing, reason: string): void {
    const wasHearing = this.#silent.size === 0;
    this.#silent.add(source);
    if (wasHearing) this.listener.deaf(reason);
  }
}
