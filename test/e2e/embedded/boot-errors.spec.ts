import { Controller, Get, Injectable, Module, SetMetadata, applyDecorators } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import {
  CacheAside,
  CacheConfigError,
  Computed,
  DatapunkCacheModule,
  defineKey,
  Evict,
  ReadThrough,
  WriteThrough,
  type CacheModuleOptions,
} from '@datapunk/cache';
import { closeAfterwards, rootModule } from '../../support/boot.js';

type Parts = Parameters<typeof rootModule>[0];

async function bootError(parts: Parts, options: Partial<CacheModuleOptions> = {}): Promise<Error> {
  const root = rootModule(parts, options);
  const app = NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  return app.then(
    async (opened) => {
      closeAfterwards(opened);
      throw new Error('the boot did not fail');
    },
    (error: Error) => error,
  );
}

describe('a boot with wrong options', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['unknown option', { tll: 5 }, /forRoot\.tll: there is no option 'tll'\. Known options: .*service/],
    ['misspelt option', { local: { budgett: '1mb' } }, /forRoot\.local\.budgett: .*Did you mean 'budget'\?/],
    [
      'bad duration',
      { defaults: { ttl: '5 minutes' } },
      /forRoot\.defaults\.ttl: "5 minutes" is not valid: write milliseconds .*'10m'/,
    ],
    ['zero duration', { defaults: { ttl: 0 } }, /forRoot\.defaults\.ttl: 0 is not valid/],
    ['bad size', { local: { budget: '256 MB' } }, /forRoot\.local\.budget: "256 MB" is not valid: .*'256mb'/],
    [
      'bad count',
      { local: { hot: { maxEntries: 1.5 } } },
      /forRoot\.local\.hot\.maxEntries: 1\.5 is not valid: write a whole number/,
    ],
    ['bad service', { service: 'my service' }, /forRoot\.service: "my service" is not valid: write one word/],
    ['missing service', { service: undefined }, /forRoot\.service: undefined is not valid/],
    [
      'bad policy',
      { policies: { hot: { isolation: 'none' } } },
      /forRoot\.policies\.hot\.isolation: "none" is not valid: write 'frozen' or 'copy'/,
    ],
    ['bad hole', { context: { tenant: 'acme' } }, /forRoot\.context: .* is not valid: write an object of functions/],
    ['null group', { local: null }, /forRoot\.local: null is not valid: write an object/],
  ])('says path, value and remedy: %s', async (_name, options, message) => {
    const error = await bootError({}, options);
    expect(error).toBeInstanceOf(CacheConfigError);
    expect(error.message).toMatch(message);
  });

  it('names everything that is wrong at once', async () => {
    const { message } = await bootError({}, { service: '', defaults: { ttl: 'x' as never } });
    expect(message.split('\n')).toHaveLength(2);
  });

  it('refuses a second forRoot', async () => {
    const error = await bootError({ imports: [DatapunkCacheModule.forRoot({ service: 'lake' })] });
    expect(error).toBeInstanceOf(CacheConfigError);
    expect(error.message).toMatch(/forRoot\(\) is imported twice/);
  });

  it('refuses two owners of an entity, and a wrong feature', async () => {
    const two = [
      DatapunkCacheModule.forFeature('catalog', { entities: ['product'] }),
      DatapunkCacheModule.forFeature('shop', { entities: ['product'] }),
    ];
    expect((await bootError({ imports: two })).message).toMatch(
      /entity 'product' belongs to the cache 'catalog' already/,
    );
    const wrong = DatapunkCacheModule.forFeature('catalog', { ttl: 'soon' as never });
    expect((await bootError({ imports: [wrong] })).message).toMatch(/forFeature\('catalog'\)\.ttl: "soon"/);
  });

  it('names forRoot when a feature stands alone', async () => {
    @Module({ imports: [DatapunkCacheModule.forFeature('catalog')] })
    class Alone {}
    const error = await NestFactory.createApplicationContext(Alone, { logger: false, abortOnError: false }).catch(
      (e: Error) => e,
    );
    expect((error as Error).message).toContain('DatapunkCacheModule.forRoot() in the root module');
  });

  it('leaves nothing of a failed application behind for the next one', async () => {
    await bootError({ providers: [tenantReader('tenant:{0}:{9}')] }, { context: { tenant: () => 'dead' } });
    const root = rootModule({}, { context: { tenant: () => 'acme' } });
    closeAfterwards(await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false }));
    expect(defineKey('order:{@tenant},{id}')({ id: 1 })).toBe('order:acme,1');
  });

  it('leaves no handle open when it fails', async () => {
    const before = process.getActiveResourcesInfo().length;
    await bootError({}, { service: '' });
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before);
  });
});

function tenantReader(template: string): new () => object {
  class Reader {
    async read(id: string): Promise<string> {
      return id;
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Reader.prototype, 'read') ?? {};
  (ReadThrough(template as 'x:y') as MethodDecorator)(Reader.prototype, 'read', descriptor);
  Object.defineProperty(Reader.prototype, 'read', descriptor);
  return Reader;
}

const itemKey = defineKey('item:{id}').holds<string>();

describe('a boot with wrong decorators', () => {
  /** A provider whose only method carries these decorators, as a JavaScript user would put them there. */
  function providerOf(...decorators: unknown[]): new () => object {
    class Provider {
      async find(id: string): Promise<string> {
        return id;
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Provider.prototype, 'find') ?? {};
    Reflect.defineMetadata('design:paramtypes', [String], Provider.prototype, 'find');
    for (const decorate of decorators) (decorate as MethodDecorator)(Provider.prototype, 'find', descriptor);
    Object.defineProperty(Provider.prototype, 'find', descriptor);
    Injectable()(Provider);
    return Provider;
  }
  const read = (key: unknown, options?: unknown) => ReadThrough(key as 'x:y', options as never);

  it.each<[string, unknown[], RegExp]>([
    ['bad template', [read('us er:{0}')], /Provider\.find: .*us er/],
    ['template without id', [read('user')], /a template reads entity:\{id\}/],
    ['foreign service', [read('app:other:user:{0}')], /'other' is neither this service/],
    ['no such parameter', [read('user:{3}')], /the method has no parameter 3/],
    ['unknown context hole', [read('user:{@tenant},{0}')], /nobody gives \{@tenant\} a value.*\{@ip\}/],
    ['unknown policy', [read('user:{0}', { policy: 'hot' })], /there is no policy 'hot'/],
    [
      'bad ttl',
      [read('user:{0}', { ttl: 'soon' })],
      /@ReadThrough on Provider\.find\.ttl: "soon" is not valid: write milliseconds/,
    ],
    ['two patterns', [read('user:{0}'), WriteThrough('user:{0}')], /readThrough and writeThrough on one method/],
    ['pattern and computed', [read('user:{0}'), Computed()], /readThrough and computed on one method/],
    ['bad place', [WriteThrough('user:{0}', { value: 'body' } as never)], /"body" is no place in the call/],
    ['bad aside', [CacheAside('user:{0}', { ttl: -1 } as never)], /@CacheAside on Provider\.find\.ttl/],
    [
      'bad mode',
      [Evict('user:{0}', { mode: 'purge' as never })],
      /@Evict on Provider\.find\.mode: "purge" is not valid: write 'delete' or 'expire'/,
    ],
    [
      'unknown option',
      [read('user:{0}', { tll: '5m' })],
      /@ReadThrough on Provider\.find\.tll: .*Did you mean 'ttl'\?/,
    ],
    [
      'bad class',
      [read('user:{0}', { as: 'User' })],
      /@ReadThrough on Provider\.find\.as: "User" is not valid: write a class/,
    ],
    ['bad maxEntries', [Computed({ maxEntries: 0 })], /@Computed on Provider\.find\.maxEntries: 0 is not valid/],
    [
      'evict before its key is known',
      [Evict('user:{result.id}' as never, { when: 'before' })],
      /needs the result, which is not there yet/,
    ],
    ['bad evict', [Evict('user:{0}:' as never)], /a segment is empty/],
  ])('refuses %s', async (_name, decorators, message) => {
    const error = await bootError({ providers: [providerOf(...decorators)] });
    expect(error).toBeInstanceOf(CacheConfigError);
    expect(error.message).toMatch(message);
  });

  it('refuses two patterns with a foreign decorator between them', async () => {
    const foreign: MethodDecorator = (_target, _key, descriptor: PropertyDescriptor) => {
      descriptor.value = new Proxy(descriptor.value as object, {});
    };
    const error = await bootError({ providers: [providerOf(read('user:{0}'), foreign, WriteThrough('user:{0}'))] });
    expect(error.message).toMatch(/two caching patterns on one method/);
  });

  it('refuses templates of different shapes that can give one key', async () => {
    const error = await bootError({ providers: [providerOf(read('user:{0}')), providerOf(read('user:all'))] });
    expect(error.message).toMatch(/'user:\{0\}' and .*'user:all' can give one key, such as 'user:all'/);
  });

  it('refuses two readers of one shape that share no definition, and admits two that do', async () => {
    const error = await bootError({ providers: [providerOf(read('user:{0}')), providerOf(read('user:{0}'))] });
    expect(error.message).toMatch(/both read 'user:\{\}'.*defineKey/);
    const shared = rootModule({ providers: [providerOf(read(itemKey)), providerOf(read(itemKey.at({ id: '0' })))] });
    closeAfterwards(await NestFactory.createApplicationContext(shared, { logger: false, abortOnError: false }));
  });

  it('refuses a template without a required context hole', async () => {
    const catalog = DatapunkCacheModule.forFeature('catalog', { entities: ['product'], requires: ['tenant'] });
    const context = { tenant: () => 'acme' };
    const error = await bootError({ imports: [catalog], providers: [providerOf(read('product:{0}'))] }, { context });
    expect(error.message).toMatch(/lacks \{@tenant\}, which the cache 'catalog' requires/);
  });

  it('finds them in controllers and composed decorators too', async () => {
    @Controller()
    class Composed {
      @Get()
      @(applyDecorators(SetMetadata('a', 1), ReadThrough('user:{0}', { policy: 'nope' })) as MethodDecorator)
      async find(id: string): Promise<string> {
        return id;
      }
    }
    const root = rootModule({ controllers: [Composed] });
    const error = await NestFactory.create(root, { logger: false, abortOnError: false })
      .then((app) => closeAfterwards(app).init())
      .catch((e: Error) => e);
    expect((error as Error).message).toMatch(/no policy 'nope'/);
  });
});
