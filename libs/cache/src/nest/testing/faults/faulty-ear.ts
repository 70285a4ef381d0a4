import type { Clock } from '../../../core/shared/clock.js';
import type { ChannelListener, Ear } from '../../composing/interference.js';
import type { FaultList } from './fault-list.js';

export interface FaultyEarParts {
  readonly faults: FaultList;
  readonly clock: Clock;
  /** The key that a message tells of; `undefined`: it is a sign of life. */
  readonly toldOf: (message: string) => string | undefined;
}

interface Listening {
  readonly heard: ChannelListener;
  isUp: boolean;
}

/**
 * The receiving end of the bus, where messages are lost, late or damaged, or nothing is heard at all. Signs of life (beats,
 * pings) are let through, so that a lost message is missed as it would be.
 */
export class FaultyEar implements Ear {
  readonly #all = new Set<Listening>();
  #cut: string | undefined;

  constructor(
    private readonly ear: Ear,
    private readonly parts: FaultyEarParts,
  ) {}

  listen(channel: string, heard: ChannelListener): () => void {
    const listening = { heard, isUp: false };
    this.#all.add(listening);
    const end = this.ear.listen(channel, {
      subscribed: () => {
        listening.isUp = true;
        if (this.#cut === undefined) heard.subscribed();
      },
      lost: (reason) => {
        listening.isUp = false;
        if (this.#cut === undefined) heard.lost(reason);
      },
      message: (payload) => this.#message(payload, heard),
    });
    return () => {
      this.#all.delete(listening);
      end();
    };
  }

  renew(reason: string): void {
    this.ear.renew(reason);
  }

  /** From now on nothing is heard, and the process knows it; without a reason it hears again. */
  cut(reason: string | undefined): void {
    if ((reason === undefined) === (this.#cut === undefined)) return;
    this.#cut = reason;
    for (const { heard, isUp } of this.#all) {
      if (!isUp) continue;
      if (reason === undefined) heard.subscribed();
      else heard.lost(reason);
    }
  }

  #message(payload: Buffer, heard: ChannelListener): void {
    if (this.#cut !== undefined) return;
    const key = this.parts.toldOf(payload.toString('latin1'));
    if (key === undefined) return heard.message(payload);
    const { faults, clock } = this.parts;
    const damages = faults.strike({ on: 'read', keys: [key] }, 'delay', 'drop', 'corrupt');
    const last = damages.at(-1)?.kind;
    if (last === 'drop') return;
    // A part of it: what is left is no message.
    const bytes = last === 'corrupt' ? payload.subarray(0, payload.byteLength >> 1) : payload;
    const delay = damages.reduce((sum, damage) => sum + (damage.kind === 'delay' ? damage.ms : 0), 0);
    if (delay === 0) return heard.message(bytes);
    clock.after(delay, () => {
      if (this.#cut === undefined) heard.message(bytes);
    });
  }
}
