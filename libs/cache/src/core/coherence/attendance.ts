import type { Cancel, Clock } from '../shared/clock.js';
import { BEAT_MS, BEATS_MISSED, GRACE_MS, type Beat, type Gap, type GapCause } from './bus.js';
import { PublisherStream } from './publisher-stream.js';

export interface AttendanceParts {
  readonly clock: Clock;
  /** As `BusListener.doubts`. */
  readonly doubts: (gap?: Gap) => void;
  /** Publishers remembered at most. Default 1,024. */
  readonly limit?: number | undefined;
}

const TICK_MS = 50;

/** A beat is on its way for a while, and read later still where this process stalls. */
const SPARE_MS = 5_000;

/** One more than their share: the tick under way has begun before. */
const GRACE = GRACE_MS / TICK_MS + 1;
const SILENCE = (BEATS_MISSED * BEAT_MS + GRACE_MS) / TICK_MS + 1;

/**
 * Notices what got lost on one channel. Per publisher it knows which numbers came; one that a beat counts as out and that
 * is still missing after the grace was lost. A mere jump means nothing, for the nodes of a cluster deliver in no common
 * order.
 *
 * Time is counted in ticks of a timer of this process: after a stall the timer fires once, and what waited in the socket
 * is read before it fires again, so that a stall of its own never looks like a loss. The timer runs only while somebody
 * has something to tell.
 *
 * Where a publisher starts. Nothing that was kept here is older than the subscription: whatever was told before cannot be
 * missed. Numbers of a time of activity that began after it are all owed, from the first. Of one that began before, any
 * number that was given before its first beat may be older than the subscription, so only those after are owed; and what
 * was kept until all of the others are settled is doubted once, for they may have been lost.
 */
export class Attendance {
  readonly #streams = new Map<string, PublisherStream>();
  readonly #limit: number;
  #ticks = 0;
  #cancel: Cancel | undefined;
  /** Nothing that was told since is forgotten. `undefined`: not heard at all. */
  #since: number | undefined;
  #isUnsure = false;

  constructor(private readonly parts: AttendanceParts) {
    this.#limit = parts.limit ?? 1_024;
  }

  /** From now on every message arrives. */
  hears(): void {
    this.deaf();
    this.#since = this.parts.clock.now();
  }

  /** Messages may be missed until `hears`: nobody is missed meanwhile. */
  deaf(): void {
    this.#since = undefined;
    this.#isUnsure = false;
    this.#streams.clear();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** A notice of a publisher came. */
  heard(publisher: string, number: number): void {
    if (this.#since === undefined) return;
    const stream = this.#streamOf(publisher, number);
    const came = stream.came(number);
    if (came === 'known') return;
    if (came === 'overrun') this.#gap('lost', publisher);
    // What a beat has counted already, and is only late, needs no other.
    if (stream.silentAt === undefined && number > stream.settled) this.#awaitBeat(stream);
  }

  /** A beat of a publisher came. */
  beat(beat: Beat): void {
    if (this.#since === undefined) return;
    const { publisher, settled } = beat;
    const stream = this.#streamOf(publisher, settled + 1);
    const isKept = (stream.isPlaced || this.#place(stream, beat)) && stream.reaches(settled);
    if (!isKept) this.#gap('lost', publisher);
    if (stream.unsureUpTo !== undefined && settled >= stream.unsureUpTo) {
      stream.unsureUpTo = undefined;
      this.#unsure();
    }
    if (stream.owes) this.#check(stream);
    this.#expectNext(stream, beat);
  }

  /** Beats of one publisher may overtake one another on the nodes of a cluster: one from before its last word means nothing. */
  #expectNext(stream: PublisherStream, { taken, isLast }: Beat): void {
    if (!isLast) {
      if (taken > stream.ended) this.#awaitBeat(stream);
      return;
    }
    stream.ended = Math.max(stream.ended, taken);
    if (stream.highest <= taken) stream.silentAt = undefined;
  }

  /** `false`: more is missing than can be waited for. */
  #place(stream: PublisherStream, { from, age, taken }: Beat): boolean {
    const began = this.parts.clock.now() - age - SPARE_MS;
    if (began > (this.#since ?? Infinity)) return stream.startsAfter(from);
    stream.startsAnywhereUpTo(taken);
    return true;
  }

  #streamOf(publisher: string, next: number): PublisherStream {
    const known = this.#streams.get(publisher);
    if (known !== undefined) return known;
    if (this.#streams.size >= this.#limit) this.#forgetOne();
    const stream = new PublisherStream(next);
    this.#streams.set(publisher, stream);
    return stream;
  }

  /** One that has nothing to tell, if there is one: it is placed anew when it has. */
  #forgetOne(): void {
    let chosen: string | undefined;
    for (const [publisher, { silentAt, due }] of this.#streams) {
      chosen ??= publisher;
      if (silentAt !== undefined || due !== undefined) continue;
      this.#streams.delete(publisher);
      return;
    }
    if (chosen !== undefined) this.#streams.delete(chosen);
    this.#since = this.parts.clock.now();
    this.#unsure();
  }

  /** Together with others that come now. */
  #unsure(): void {
    this.#isUnsure = true;
    this.#run();
  }

  #awaitBeat(stream: PublisherStream): void {
    stream.silentAt = this.#ticks + SILENCE;
    this.#run();
  }

  #check(stream: PublisherStream): void {
    if (stream.due !== undefined) return;
    stream.due = this.#ticks + GRACE;
    stream.checked = stream.settled;
    this.#run();
  }

  #run(): void {
    this.#cancel ??= this.parts.clock.after(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    this.#cancel = undefined;
    this.#ticks += 1;
    let isWaiting = false;
    for (const [publisher, stream] of this.#streams) {
      this.#look(publisher, stream);
      isWaiting ||= stream.silentAt !== undefined || stream.due !== undefined;
    }
    if (this.#isUnsure) {
      this.#isUnsure = false;
      this.parts.doubts();
    }
    if (isWaiting) this.#run();
  }

  #look(publisher: string, stream: PublisherStream): void {
    if (stream.due !== undefined && this.#ticks >= stream.due) {
      stream.due = undefined;
      if (stream.writeOff(stream.checked)) this.#gap('lost', publisher);
      if (stream.owes) this.#check(stream);
    }
    if (stream.silentAt !== undefined && this.#ticks >= stream.silentAt) {
      // Whatever it owes: nothing that was kept until now is believed any more.
      stream.writeOff(Infinity);
      stream.silentAt = stream.due = undefined;
      this.#gap('silent', publisher);
    }
  }

  #gap(cause: GapCause, publisher: string): void {
    this.parts.doubts({ cause, publisher });
  }
}
