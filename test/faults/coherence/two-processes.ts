import { onTestFinished } from 'vitest';
import { CacheEvents, CacheService, type LayerName } from '@datapunk/cache';
import { startStandalone } from '../../support/redis/standalone.js';
import type { RedisServer } from '../../support/redis/server.js';
import { Proxy } from '../kit/proxy.js';
import type { Link } from '../kit/link.js';
import { Fleet } from '../storm/fleet.js';

/** A process that changes keys, and one that reads them through a proxy: what reaches it, and when, is for the test to say. */
export interface TwoProcesses {
  readonly server: RedisServer;
  readonly proxy: Proxy;
  readonly writer: CacheService;
  readonly reader: CacheService;
  /** Ends the writer in good order. */
  readonly stopWriter: () => Promise<void>;
  /** Of the reader: what carries its commands, and its notices. */
  readonly data: Link;
  readonly bus: Link;
  /** What the reader tells. */
  readonly events: CacheEvents;
  /** How often the reader has heard the bus, and lost it. */
  readonly bused: readonly ('bus-ready' | 'bus-lost')[];
  /** Reads, and says where the value was; `undefined`: nowhere. */
  readonly read: (key: string) => Promise<readonly [value: unknown, layer: LayerName | undefined]>;
}

export async function twoProcesses(): Promise<TwoProcesses> {
  const server = await startStandalone();
  const proxy = await Proxy.start(server);
  const near = await Fleet.start(1, `redis://${server.address}`, 'pair');
  const far = await Fleet.start(1, `redis://${proxy.address}`, 'pair');
  onTestFinished(async () => {
    proxy.clear();
    await Promise.all([near.stop(), far.stop()]);
    await proxy.close();
    await server.stop();
  });
  const [data, bus] = [...proxy.links];
  if (data === undefined || bus === undefined) throw new Error('the reader has no two connections');
  const reader = far.get(0).get(CacheService);
  const events = far.get(0).get(CacheEvents);
  const bused: ('bus-ready' | 'bus-lost')[] = [];
  events.on('bus-ready', ({ type }) => bused.push(type));
  events.on('bus-lost', ({ type }) => bused.push(type));
  const read = async (key: string) => {
    let layer: LayerName | undefined;
    const forget = events.on('hit', (hit) => (layer = hit.layer));
    const value = await reader.get<unknown>(key);
    forget();
    return [value, layer] as const;
  };
  const stopWriter = () => near.stop();
  return { server, proxy, writer: near.get(0).get(CacheService), stopWriter, reader, data, bus, events, bused, read };
}
