import { Injectable, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  CacheAside,
  CacheEvents,
  CacheService,
  DatapunkCacheModule,
  defineKey,
  Evict,
  ReadThrough,
  WriteThrough,
  type ProtectionOptions,
  type RedisOption,
} from '@datapunk/cache';

const pageKey = defineKey('page:{id}').holds<string>();

/** What users write; its sources answer at once. */
@Injectable()
export class Pages {
  @ReadThrough(pageKey)
  async find(id: string): Promise<string> {
    return `found ${id}`;
  }

  @WriteThrough(pageKey.at({ id: '0' }))
  async save(id: string): Promise<string> {
    return `saved ${id}`;
  }

  @CacheAside(pageKey.at({ id: '0' }))
  async update(id: string): Promise<string> {
    return `updated ${id}`;
  }

  @Evict(pageKey.at({ id: '0' }))
  async remove(_id: string): Promise<string> {
    return 'removed';
  }
}

export interface PagesApp {
  readonly app: INestApplicationContext;
  readonly cache: CacheService;
  readonly pages: Pages;
  readonly events: CacheEvents;
}

/** An application over Redis, protected as it says. */
export async function pagesApp(service: string, redis: RedisOption, protection: ProtectionOptions): Promise<PagesApp> {
  class App {}
  // Nothing in the background may ask what is counted here.
  const cache = DatapunkCacheModule.forRoot({ service, redis, protection, staleness: false });
  Module({ imports: [cache], providers: [Pages] })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  return { app, cache: app.get(CacheService), pages: app.get(Pages), events: app.get(CacheEvents) };
}

/** Every kind of call there is, on a key of its own. */
export const CALLS: Readonly<Record<string, (app: PagesApp, id: string) => Promise<unknown>>> = {
  get: ({ cache }, id) => cache.get(`page:${id}`),
  set: ({ cache }, id) => cache.set(`page:${id}`, 'set'),
  delete: ({ cache }, id) => cache.delete(`page:${id}`),
  expire: ({ cache }, id) => cache.expire(`page:${id}`),
  readThrough: ({ cache }, id) => cache.readThrough(`page:${id}`, async () => 'loaded'),
  writeThrough: ({ cache }, id) => cache.writeThrough(`page:${id}`, 'value', async () => 'written'),
  cacheAside: ({ cache }, id) => cache.cacheAside(`page:${id}`, async () => 'updated'),
  '@ReadThrough': ({ pages }, id) => pages.find(id),
  '@WriteThrough': ({ pages }, id) => pages.save(id),
  '@CacheAside': ({ pages }, id) => pages.update(id),
  '@Evict': ({ pages }, id) => pages.remove(id),
};
