import type { BusListener, Gap, Notice, NoticeKind } from '../coherence/bus.js';
import type { LoadWord } from '../coherence/lease.js';
import type { LoadWaits } from '../coherence/load-waits.js';
import type { Cancel, Clock } from '../shared/clock.js';
import type { CacheParts } from './parts.js';

type Shared = Pick<
  CacheParts,
  'tags' | 'rules' | 'keys' | 'notices' | 'remembered' | 'flights' | 'versions' | 'counts' | 'events'
>;

export interface FleetListenerParts extends Shared {
  readonly hot: CacheParts['store']['hot'];
  readonly waits: LoadWaits;
  /** This process's time. */
  readonly clock: Clock;
  /** How long memory is served while nothing is heard, ms. */
  readonly maxBlind: number;
}

/** Keeps this process's memory in step with what other processes change. */
export class Fleet implements BusListener {
  /**
   * What was told, by key, since this process last did anything else: in this moment nothing can have been asked for or
   * kept, so many writes of one key are heard as one.
   */
  readonly #justTold = new Map<string, { readonly kind: NoticeKind; readonly id: string }>();
  #blindSince: number | undefined;
  #cancel: Cancel | undefined;

  constructor(private readonly parts: FleetListenerParts) {}

  heard(notice: Notice): void {
    const { kind, key, assigned } = notice;
    if (this.parts.tags.heard(notice)) return;
    const { notices, flights, hot } = this.parts;
    this.parts.versions.saw(assigned);
    const told = this.#justTold.get(key);
    const id = told?.id ?? this.#idOf(key);
    if (id === undefined) return;
    this.parts.remembered.note(id, assigned);
    if (told?.kind === kind) return;
    this.#nowTold(key, { kind, id });
    notices.note(id);
    flights.void(id);
    this.parts.waits.changed(id);
    if (kind === 'expire') hot.expire(id);
    else hot.forget(id);
    if (kind === 'expire' || kind === 'delete') this.#invalidated(id, kind === 'expire' ? 'expired' : 'deleted');
  }

  #invalidated(id: string, type: 'deleted' | 'expired'): void {
    const { events, keys, counts } = this.parts;
    counts.of(id).heard += 1;
    if (events.wants(type)) events.emit({ type, key: keys.full(id), cause: 'notice' });
  }

  loaded(key: string, news: LoadWord): void {
    const id = this.#idOf(key);
    if (id !== undefined) this.parts.waits.tell(id, news);
  }

  doubts(gap?: Gap): void {
    this.#doubtAll();
    this.parts.notices.noteAll();
    if (gap !== undefined) this.parts.events.emit({ type: 'gap', ...gap });
  }

  hears(): void {
    const { clock, notices, events } = this.parts;
    this.#cancel?.();
    const since = this.#blindSince;
    this.#blindSince = undefined;
    notices.hear();
    this.#doubtAll();
    void this.parts.tags.learn(this.parts.rules.caches);
    events.emit({ type: 'bus-ready', ...(since === undefined ? {} : { blind: clock.now() - since }) });
  }

  /** What is in memory is served for a while, for it may well be true; nothing is kept any more. */
  deaf(reason: string): void {
    const { clock, notices, flights, waits, events, maxBlind } = this.parts;
    notices.deafen();
    flights.voidAll();
    waits.anyChanged();
    this.#blindSince = clock.now();
    this.#cancel = clock.after(maxBlind, () => this.#blindTooLong());
    events.emit({ type: 'bus-lost', reason });
  }

  delayed(ms: number): void {
    const { events } = this.parts;
    if (events.wants('bus-delay')) events.emit({ type: 'bus-delay', ms });
  }

  #blindTooLong(): void {
    this.parts.hot.suspend();
    this.parts.events.emit({ type: 'bus-blind', ms: this.parts.maxBlind });
  }

  #doubtAll(): void {
    this.parts.hot.doubt();
    this.parts.tags.forget();
    this.parts.flights.voidAll();
    this.parts.waits.anyChanged();
  }

  #nowTold(key: string, told: { readonly kind: NoticeKind; readonly id: string }): void {
    if (this.#justTold.size === 0) queueMicrotask(() => this.#justTold.clear());
    this.#justTold.set(key, told);
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
