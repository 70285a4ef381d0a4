import { randomBytes } from 'node:crypto';
import type { Lease, LoadWord, SharedIntent } from '../../../core/coherence/lease.js';
import type { Claim, Ended, Ending, Fence } from '../../../core/layers/fence.js';
import type { ValueEntry } from '../../../core/entry/entry.js';
import { INTENT_OWNER_BYTES, LEASE_OWNER_BYTES } from '../../../core/entry/layout.js';
import type { Codecs } from '../../../core/entry/codec.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { Letters } from '../calls/courier.js';
import { NotReady } from '../calls/not-ready.js';
import { isRefusal } from '../calls/refusal.js';
import { Unconfirmed } from '../confirmed/unconfirmed.js';
import { newsText } from '../bus/notice.js';
import { noneOfOurs } from '../calls/script-reply.js';
import { BEGIN } from '../scripts/begin.script.js';
import { CLAIM_LEASE, CLAIMED } from '../scripts/claim.script.js';
import { END, ENDED } from '../scripts/end.script.js';
import { FILL } from '../scripts/fill.script.js';
import { REMOVE } from '../scripts/remove.script.js';
import { RENEW_LEASE } from '../scripts/renew.script.js';
import { REVOKE } from '../scripts/revoke.script.js';
import { YIELD } from '../scripts/yield.script.js';
import type { Changes } from './changes.js';
import { entryBytes } from './entry-bytes.js';
import type { EntryReader } from './entry-reader.js';
import { readFailure, writeFailure } from './failures.js';
import { LeaseReturns, type Returned } from './lease-returns.js';
import type { Sightings } from './sightings.js';

export interface RedisFenceParts {
  readonly courier: Letters;
  readonly changes: Changes;
  readonly reader: EntryReader;
  readonly sightings: Sightings;
  readonly codecs: Codecs;
  readonly fullKey: (id: string) => string;
  readonly channel: (id: string) => string;
  /** The highest assigned version that this process has given or seen. */
  readonly highest: () => number;
  /** This process's time. */
  readonly local: Clock;
}

const NAMES: Readonly<Record<number, Ended | undefined>> = {
  [ENDED.removed]: 'removed',
  [ENDED.stored]: 'stored',
  [ENDED.older]: 'older',
};

/** Leases and intents in the headers of the entries in Redis. */
export class RedisFence implements Fence {
  readonly #leases = new Names(LEASE_OWNER_BYTES);
  readonly #intents = new Names(INTENT_OWNER_BYTES);

  readonly #returns: LeaseReturns;

  constructor(private readonly parts: RedisFenceParts) {
    this.#returns = new LeaseReturns({ clock: parts.local, give: (lease, news) => this.#give(lease, news) });
  }

  /**
   * @throws {CacheReadError} when Redis is away or refuses.
   * @throws {CacheTimeoutError} when it does not answer in time.
   */
  async claim(id: string, overUpTo = 0): Promise<Claim> {
    const first = await this.#claim(id, overUpTo);
    if (first !== 'unreadable') return first;
    // Bytes of ours that nobody here can read would stay until they end.
    const { changes, highest } = this.parts;
    await changes.run(REMOVE, id, (notice) => [highest(), notice('delete')]);
    const second = await this.#claim(id, overUpTo);
    return second === 'unreadable' ? { kind: 'closed' } : second;
  }

  async renew({ key, id }: Lease): Promise<boolean> {
    const { status } = await this.parts.changes.run(RENEW_LEASE, key, () => [id as Buffer]);
    return status === 1;
  }

  async fill({ key, id }: Lease, entry: ValueEntry): Promise<boolean> {
    const bytes = this.#seal(key, entry);
    const { status } = await this.parts.changes.run(FILL, key, () => [id as Buffer, bytes]);
    return status === 1;
  }

  async yield(lease: Lease, news: LoadWord): Promise<void> {
    try {
      await this.#give(lease, news);
    } catch (error) {
      if (!isRefusal(error)) this.#returns.later(lease, news);
      throw error;
    }
  }

  #give({ key, id }: Returned, news: LoadWord): Promise<unknown> {
    return this.parts.changes.run(YIELD, key, () => [id as Buffer, newsText(news)]);
  }

  async begin(key: string): Promise<SharedIntent> {
    const { changes, highest } = this.parts;
    const id = this.#intents.next();
    try {
      const { status } = await changes.run(BEGIN, key, (notice) => [id, highest(), notice('expire')]);
      return { id, until: status };
    } catch (error) {
      this.#takeBack(key, id, error as Error);
      throw error;
    }
  }

  /** What begun without being confirmed is not followed by a save: nobody need wait until it lapses. */
  #takeBack(key: string, id: Buffer, { cause }: { cause?: unknown }): void {
    if (!(cause instanceof Unconfirmed)) return;
    const intent = { id, until: Number(cause.said[0]) };
    this.end(key, { intent, entry: undefined, isAlone: true }).catch(() => undefined);
  }

  async end(key: string, { intent, entry, isAlone }: Ending): Promise<Ended> {
    const { changes, highest } = this.parts;
    const bytes = entry === undefined ? '' : this.#seal(key, entry);
    const { status } = await changes.run(END, key, (notice) => [
      (intent?.id as Buffer | undefined) ?? '',
      intent?.until ?? 0,
      bytes,
      isAlone ? 1 : 0,
      highest(),
      notice('set'),
    ]);
    const ended = NAMES[status];
    if (ended === undefined) throw writeFailure(this.parts.fullKey(key), noneOfOurs());
    return ended;
  }

  async revoke(id: string, assigned: number): Promise<boolean> {
    const { changes, highest } = this.parts;
    const { status } = await changes.run(REVOKE, id, (notice) => [assigned, highest(), notice('delete')]);
    return status === 1;
  }

  #claim(id: string, overUpTo: number): Promise<Claim | 'unreadable'> {
    return new Promise((resolve, reject) => {
      const { courier, fullKey, channel, highest } = this.parts;
      const key = fullKey(id);
      const away = courier.away(key);
      if (away !== undefined) throw readFailure(key, away);
      let isGivenUp = false;
      const lease = this.#leases.next();
      const fail = (error: unknown): void => {
        isGivenUp = true;
        // It may have been given, and the answer lost.
        if (!(error instanceof NotReady) && !isRefusal(error)) this.#returns.later({ key: id, id: lease }, 'unfilled');
        reject(readFailure(key, error));
      };
      let isTaken = false;
      const take = (said: readonly unknown[]): void => {
        isTaken = true;
        const claim = this.#claimed(id, lease, said);
        if (claim === undefined) fail(noneOfOurs());
        else if (isGivenUp) this.#giveBack(claim);
        else resolve(claim);
      };
      const isOver = (): boolean => isTaken || isGivenUp;
      const args = [lease, highest(), overUpTo];
      courier.call({ key, script: CLAIM_LEASE, common: channel(id), args, isBrief: true, isOver, take, fail });
    });
  }

  /** Nobody waits for this lease any more, and no other process need wait until it ends. */
  #giveBack(claim: Claim | 'unreadable'): void {
    if (claim === 'unreadable' || claim.kind !== 'mine') return;
    this.yield(claim.lease, 'unfilled').catch(() => undefined);
  }

  #claimed(key: string, id: Buffer, [kind, about, assigned]: readonly unknown[]): Claim | 'unreadable' | undefined {
    const { reader, sightings, fullKey } = this.parts;
    const version = Number(assigned);
    if (!Number.isSafeInteger(version)) return undefined;
    switch (kind) {
      case CLAIMED.mine:
        sightings.note(version);
        return { kind: 'mine', lease: { key, id, assigned: version } };
      case CLAIMED.found: {
        const entry = reader.read(fullKey(key), about);
        return entry?.kind === 'value' ? { kind: 'found', entry } : 'unreadable';
      }
      case CLAIMED.busy:
        return { kind: 'busy', freeIn: Number(about) };
      case CLAIMED.closed:
        return { kind: 'closed' };
      default:
        return undefined;
    }
  }

  #seal(id: string, entry: ValueEntry): Buffer {
    const { fullKey, codecs } = this.parts;
    return entryBytes(entry, { key: fullKey(id), codecs });
  }
}

/** Names that no other process has: random bytes, then a count. */
class Names {
  readonly #bytes: Buffer;
  #count = 0;

  constructor(length: number) {
    this.#bytes = randomBytes(length);
  }

  next(): Buffer {
    const name = Buffer.from(this.#bytes);
    this.#count = (this.#count + 1) % 2 ** 32;
    name.writeUInt32BE(this.#count, name.length - 4);
    return name;
  }
}
