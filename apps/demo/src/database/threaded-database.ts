import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Database } from './database.js';
import type { Reply, Request } from './thread-messages.js';

interface Waiting {
  resolve(rows: object[]): void;
  reject(error: Error): void;
}

/**
 * The embedded PostgreSQL on a thread of its own. On the main thread a query of 100 ms would stop every other request
 * for 100 ms, cache hits included, and no two requests could ever wait for the same load.
 */
export class ThreadedDatabase implements Database {
  private readonly worker = new Worker(join(__dirname, 'pglite-thread.js'));
  private readonly waiting = new Map<number, Waiting>();
  private sent = 0;
  private fault: Error | undefined;

  constructor() {
    this.worker.on('message', (reply: Reply) => this.settle(reply));
    this.worker.on('error', (error) => this.fail(error instanceof Error ? error : new Error(String(error))));
    this.worker.on('exit', () => this.fail(new Error('the database thread has ended')));
  }

  async query<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return (await this.ask({ id: ++this.sent, sql, parameters })) as Row[];
  }

  async close(): Promise<void> {
    if (this.fault) return;
    await this.ask({ id: ++this.sent, close: true });
    await this.worker.terminate();
  }

  private ask(request: Request): Promise<object[]> {
    if (this.fault) return Promise.reject(this.fault);
    return new Promise((resolve, reject) => {
      this.waiting.set(request.id, { resolve, reject });
      this.worker.postMessage(request);
    });
  }

  private settle(reply: Reply): void {
    const caller = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('error' in reply) caller?.reject(new Error(reply.error));
    else caller?.resolve(reply.rows);
  }

  private fail(fault: Error): void {
    this.fault ??= fault;
    for (const caller of this.waiting.values()) caller.reject(this.fault);
    this.waiting.clear();
  }
}
