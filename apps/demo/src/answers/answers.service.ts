import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import type { Answer, Source } from './answer.js';

interface Call {
  readonly subject: string;
  queries: number;
  waited: boolean;
}

/**
 * Says where an answer came from, and does not take the cache's word for it: the database port reports each statement
 * that has run, and the statement counts for the call in whose asynchronous context it ran.
 */
@Injectable()
export class AnswersService {
  private readonly current = new AsyncLocalStorage<Call>();
  private readonly open = new Map<string, Set<Call>>();

  /** @param subject what is asked for; calls with one subject may wait for one another */
  async answer<Data>(subject: string, work: () => Promise<Data>): Promise<Answer<Data>> {
    const call: Call = { subject, queries: 0, waited: false };
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
    const call = this.current.getStore();
    if (!call) return;
    call.queries += 1;
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
  return call.waited ? 'joined' : 'memory';
}
