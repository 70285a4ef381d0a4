import { AsyncLocalStorage } from 'node:async_hooks';
import { CacheEvents } from '@datapunk/cache';
import { Injectable } from '@nestjs/common';
import type { Answer, Source } from './answer.js';

interface Call {
  readonly subject: string;
  queries: number;
  askedRedis: boolean;
  waited: boolean;
}

/**
 * Says where an answer came from. That the database was not asked is not taken on the cache's word: the database port
 * reports each statement that has run, and the statement counts for the call in whose asynchronous context it ran. Which
 * layer of the cache it was instead, memory or Redis, only the cache can tell; its events come in the same context.
 */
@Injectable()
export class AnswersService {
  private readonly current = new AsyncLocalStorage<Call>();
  private readonly open = new Map<string, Set<Call>>();

  constructor(events: CacheEvents) {
    events.on('hit', ({ layer }) => {
      if (layer === 'shared') this.count((call) => (call.askedRedis = true));
    });
  }

  /** @param subject what is asked for; calls with one subject may wait for one another */
  async answer<Data>(subject: string, work: () => Promise<Data>): Promise<Answer<Data>> {
    const call: Call = { subject, queries: 0, askedRedis: false, waited: false };
    const started = performance.now();
    this.enter(call);
    try {
      const data = await this.current.run(call, work);
      const ms = Math.round((performance.now() - started) * 1000) / 1000;
      return { source: sourceOf(call), ms, queries: call.queries, data };
    } finally {
      this.leave(call);
    }
  }

  /** a statement has run, in the context of the call that needed it */
  queryRan(): void {
    this.count((call) => (call.queries += 1));
  }

  private count(one: (call: Call) => void): void {
    const call = this.current.getStore();
    if (!call) return;
    one(call);
    for (const other of this.open.get(call.subject) ?? []) {
      if (other !== call) other.waited = true;
    }
  }

  private enter(call: Call): void {
    const calls = this.open.get(call.subject);
    if (calls) calls.add(call);
    else this.open.set(call.subject, new Set([call]));
  }

  private leave(call: Call): void {
    const calls = this.open.get(call.subject);
    calls?.delete(call);
    if (calls?.size === 0) this.open.delete(call.subject);
  }
}

function sourceOf(call: Call): Source {
  if (call.queries > 0) return 'database';
  if (call.askedRedis) return 'redis';
  return call.waited ? 'joined' : 'memory';
}
