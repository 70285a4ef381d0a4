import { Inject, Injectable, Logger } from '@nestjs/common';
import { CacheEvents } from '../../core/events/event-hub.js';

/** Writes what an operator should know, and each thing once: a warning per call would hide the others. */
@Injectable()
export class EventLogger {
  readonly #logger = new Logger('DatapunkCache');
  readonly #told = new Set<string>();

  constructor(@Inject(CacheEvents) events: CacheEvents) {
    events.on('uncached', ({ method, error }) => {
      this.#once(`${method} ${error.code}`, `${method} ran uncached: ${error.message}`);
    });
    events.on('write-uncached', ({ key, error }) => {
      this.#once(
        `${entityOf(key)} ${error.code}`,
        `'${key}' was saved, but its cached value was dropped: ${error.message}`,
      );
    });
    events.on('not-stored', ({ key, reason }) => {
      if (reason !== 'too-large') return;
      this.#once(
        `${entityOf(key)} too-large`,
        `'${key}' is larger than the whole memory layer and is not kept. Raise local.budget.`,
      );
    });
  }

  #once(topic: string, message: string): void {
    if (this.#told.has(topic)) return;
    this.#told.add(topic);
    this.#logger.warn(message);
  }
}

/** `app:lake:product` of `app:lake:product:7`: bounds the memory of what was told. */
function entityOf(key: string): string {
  return key.split(':', 3).join(':');
}
