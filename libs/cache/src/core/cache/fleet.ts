import type { BusListener, Notice } from '../coherence/bus.js';
import type { LoadNews } from '../coherence/fence.js';
import type { LoadWaits } from '../coherence/load-waits.js';
import type { CacheParts } from './parts.js';

/** Keeps this process's memory in step with what other processes change. */
export class Fleet implements BusListener {
  constructor(
    private readonly parts: Pick<CacheParts, 'keys' | 'notices' | 'flights' | 'intents' | 'versions' | 'events'> & {
      readonly hot: CacheParts['store']['hot'];
      readonly waits: LoadWaits;
    },
  ) {}

  heard({ kind, key, assigned }: Notice): void {
    const { notices, flights, intents, hot } = this.parts;
    this.parts.versions.saw(assigned);
    const id = this.#idOf(key);
    if (id === undefined) return;
    notices.note(id);
    flights.void(id);
    this.parts.waits.changed(id);
    // Without a value no version tells where it stands among the writes under way here.
    if (kind !== 'set') intents.disturb(id);
    if (kind === 'expire') hot.expire(id);
    else hot.forget(id);
  }

  loaded(key: string, news: LoadNews): void {
    const id = this.#idOf(key);
    if (id !== undefined) this.parts.waits.tell(id, news);
  }

  hears(): void {
    this.parts.notices.hear();
    this.parts.waits.anyChanged();
    this.parts.flights.voidAll();
    this.parts.events.emit({ type: 'bus-ready' });
  }

  deaf(reason: string): void {
    this.parts.notices.deafen();
    this.parts.flights.voidAll();
    this.parts.waits.anyChanged();
    this.parts.hot.forget();
    this.parts.events.emit({ type: 'bus-lost', reason });
  }

  /** The channel is open to whoever may publish on it: a message may name anything. */
  #idOf(key: string): string | undefined {
    try {
      return this.parts.keys.normalize(key);
    } catch {
      return undefined;
    }
  }
}
