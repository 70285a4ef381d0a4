import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import type { RedisNode } from './redis-client.js';
import { SilenceGuard } from './silence-guard.js';

class FakeStream {
  bytesRead = 0;
  readonly errors: (Error | undefined)[] = [];
  destroy(error?: Error): void {
    this.errors.push(error);
  }
}

let clock: FakeClock;
let stream: FakeStream;
let node: { stream: FakeStream | undefined; commandQueue: { length: number } };
let guard: SilenceGuard;
beforeEach(() => {
  clock = new FakeClock();
  stream = new FakeStream();
  node = { stream, commandQueue: { length: 1 } };
  guard = new SilenceGuard(clock, () => [node as unknown as RedisNode]);
  guard.start();
});

describe('the silence guard', () => {
  it('ends a connection on which nothing came for three seconds while commands wait', () => {
    clock.advance(3_000);
    expect(stream.errors).toEqual([]);
    clock.advance(500);
    expect(stream.errors).toMatchObject([{ code: 'SILENT', message: 'no answer for 3000 ms' }]);
  });

  it.each<[string, () => void]>([
    ['bytes come', () => (stream.bytesRead += 1)],
    ['nothing waits', () => (node.commandQueue.length = 0)],
    ['it is not connected', () => (node.stream = undefined)],
    ['it is a new connection', () => (node.stream = new FakeStream())],
  ])('leaves it alone when %s', (_case, change) => {
    clock.advance(2_500);
    change();
    clock.advance(500);
    node = { stream, commandQueue: { length: 1 } };
    clock.advance(2_500);
    expect(stream.errors).toEqual([]);
  });

  it('rests when stopped', () => {
    guard.stop();
    clock.advance(60_000);
    expect(stream.errors).toEqual([]);
  });
});
