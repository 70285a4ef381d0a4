import { describe, expect, it } from 'vitest';
import type { CacheEvent } from './cache-event.js';
import { EVENT_TYPES } from './cache-event.js';
import { EventHub } from './event-hub.js';

const MISS: CacheEvent = { type: 'miss', key: 'app:lake:town:1' };
const HIT: CacheEvent = { type: 'hit', key: 'app:lake:town:1', layer: 'hot' };

describe('the event hub', () => {
  it('calls the listeners of a type at once, in the order they came', () => {
    const hub = new EventHub();
    const heard: unknown[] = [];
    hub.on('miss', (event) => heard.push(['first', event]));
    hub.on('miss', (event) => heard.push(['second', event]));
    hub.on('hit', (event) => heard.push(['other', event]));
    hub.emit(MISS);
    expect(heard).toEqual([
      ['first', MISS],
      ['second', MISS],
    ]);
  });

  it('says nothing to nobody', () => {
    expect(() => new EventHub().emit(MISS)).not.toThrow();
  });

  it('drops what a listener throws and goes on', () => {
    const hub = new EventHub();
    const heard: string[] = [];
    hub.on('miss', () => {
      throw new Error('broken listener');
    });
    hub.on('miss', () => heard.push('second'));
    expect(() => hub.emit(MISS)).not.toThrow();
    expect(heard).toEqual(['second']);
  });

  it('stops calling who unsubscribed, and only them', () => {
    const hub = new EventHub();
    const heard: string[] = [];
    const listener = () => heard.push('twice');
    const unsubscribe = hub.on('miss', listener);
    hub.on('miss', listener);
    unsubscribe();
    unsubscribe();
    hub.emit(MISS);
    expect(heard).toEqual(['twice']);
  });

  it('lets a listener unsubscribe itself while it is told', () => {
    const hub = new EventHub();
    const heard: string[] = [];
    const unsubscribe = hub.on('miss', () => {
      heard.push('once');
      unsubscribe();
    });
    hub.on('miss', () => heard.push('always'));
    hub.emit(MISS);
    hub.emit(MISS);
    expect(heard).toEqual(['once', 'always', 'always']);
  });

  it('knows what is wanted, and of hits in a plain field', () => {
    const hub = new EventHub();
    expect([hub.wants('hit'), hub.hits]).toEqual([false, false]);
    const [misses, first, second] = [
      hub.on('miss', () => undefined),
      hub.on('hit', () => undefined),
      hub.on('hit', () => undefined),
    ];
    expect([hub.wants('miss'), hub.wants('hit'), hub.hits]).toEqual([true, true, true]);
    first();
    expect(hub.hits).toBe(true);
    second();
    expect([hub.wants('miss'), hub.wants('hit'), hub.hits]).toEqual([true, false, false]);
    misses();
    expect(hub.wants('miss')).toBe(false);
    hub.emit(HIT);
  });

  it('knows every type there is', () => {
    const told: Record<CacheEvent['type'], true> = {
      hit: true,
      miss: true,
      joined: true,
      'load-started': true,
      loaded: true,
      'load-failed': true,
      'stale-served': true,
      'refresh-started': true,
      'refresh-ended': true,
      'refresh-skipped': true,
      stored: true,
      'not-stored': true,
      deleted: true,
      expired: true,
      'tags-invalidated': true,
      cleared: true,
      evicted: true,
      'hit-compared': true,
      'stale-hit': true,
      uncached: true,
      'write-uncached': true,
      'layer-failed': true,
      deferred: true,
      'invalidation-lost': true,
      recovered: true,
      unreadable: true,
      overloaded: true,
      'redis-ready': true,
      'redis-lost': true,
      resent: true,
      'shared-breaker-opened': true,
      'shared-breaker-closed': true,
      limited: true,
      'limit-shadowed': true,
      'limit-store-lost': true,
      'limit-store-ready': true,
      retried: true,
      'retry-refused': true,
      'breaker-opened': true,
      'breaker-closed': true,
      locked: true,
      'lock-timeout': true,
      unlocked: true,
      'alert-raised': true,
      'alert-cleared': true,
      'bus-delay': true,
      'lock-lost': true,
      'leader-failed': true,
      'bus-ready': true,
      'bus-lost': true,
      'bus-blind': true,
      gap: true,
    };
    expect(EVENT_TYPES.toSorted()).toEqual(Object.keys(told).toSorted());
  });
});
