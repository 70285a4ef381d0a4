import { Body, Controller, Get, Injectable, Param, Post, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiOkResponse, ApiOperation, ApiProperty, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { ClsPluginTransactional, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import { ClsModule } from 'nestjs-cls';
import { describe, expect, it } from 'vitest';
import { CacheService, Evict, ReadThrough, WriteThrough } from '@datapunk/cache';
import { full } from '../../support/backends.js';
import { boot, closeAfterwards, rootModule } from '../../support/boot.js';

const log: string[] = [];

/** A transaction that only says when it begins and ends. */
class LoggingAdapter {
  connectionToken = undefined as never;
  optionsFactory = () => ({
    wrapWithTransaction: async (
      _options: unknown,
      work: () => Promise<unknown>,
      setClient: (client: unknown) => void,
    ) => {
      log.push('begin');
      setClient({});
      try {
        const result = await work();
        log.push('commit');
        return result;
      } catch (error) {
        log.push('rollback');
        throw error;
      }
    },
    getFallbackInstance: () => ({}),
  });
}

@Injectable()
class Orders {
  @Evict('orders:all')
  @Transactional()
  @WriteThrough('order:{0}')
  async save(id: number): Promise<string> {
    log.push(`save ${id}`);
    return `order ${id}`;
  }

  @Transactional()
  @ReadThrough('read:{0}')
  @Transactional()
  async find(id: number): Promise<string> {
    log.push(`find ${id}`);
    return `order ${id}`;
  }
}

describe('@Transactional of nestjs-cls between ours', () => {
  const start = async () => {
    log.length = 0;
    const plugin = new ClsPluginTransactional({ adapter: new LoggingAdapter() as never });
    return boot([Orders], {}, { imports: [ClsModule.forRoot({ global: true, plugins: [plugin] })] });
  };

  it('runs ours below it inside the transaction and ours above it after the commit, each once', async () => {
    const app = await start();
    expect(app.get(TransactionHost)).toBeDefined();
    const cache = app.get(CacheService);
    await cache.set('orders:all', 'list');
    const remove = cache.delete.bind(cache);
    cache.delete = async (...keys) => {
      log.push(`evict ${keys.join()}`);
      await remove(...keys);
    };
    expect(await app.get(Orders).save(1)).toBe('order 1');
    expect(log).toEqual(['begin', 'save 1', 'commit', `evict ${full('orders:all')}`]);
    expect(await cache.get('order:1')).toBe('order 1');
    expect(await cache.get('orders:all')).toBeUndefined();
  });

  it('opens no transaction below a hit', async () => {
    const app = await start();
    await app.get(Orders).find(1);
    log.length = 0;
    expect(await app.get(Orders).find(1)).toBe('order 1');
    expect(log).toEqual(['begin', 'commit']);
  });
});

class Product {
  @ApiProperty() id = 0;
  @ApiProperty({ required: false }) name?: string;
}

/** The same controller, with and without our decorators, above and below Swagger's. */
function controllerOf(decorated: boolean): new () => object {
  const ours = (decorator: MethodDecorator): MethodDecorator => (decorated ? decorator : () => undefined);

  @Controller('products')
  class Products {
    @ours(ReadThrough('product:{0}') as MethodDecorator)
    @ApiOperation({ summary: 'One product' })
    @ApiOkResponse({ type: Product })
    @Get(':id')
    async find(@Param('id') id: string): Promise<Product> {
      return { id: Number(id) };
    }

    @ApiOperation({ summary: 'Saves' })
    @ApiOkResponse({ type: [Product] })
    @Post()
    @ours(Evict('products:{0.id}') as MethodDecorator)
    @ours(WriteThrough('saved:{0.id}') as MethodDecorator)
    async save(@Body() product: Product, @Query('dry') _dry?: string): Promise<Product> {
      return product;
    }
  }
  return Products;
}

it('leaves the Swagger document as it is without ours', async () => {
  const documentOf = async (decorated: boolean) => {
    const root = rootModule({ controllers: [controllerOf(decorated)] });
    const app = closeAfterwards(await NestFactory.create(root, { logger: false, abortOnError: false }));
    return SwaggerModule.createDocument(app, new DocumentBuilder().build());
  };
  const plain = await documentOf(false);
  expect(Object.keys(plain.paths)).toEqual(['/products/{id}', '/products']);
  expect(await documentOf(true)).toEqual(plain);
});

it('keeps name, length and foreign metadata of the method', () => {
  const mark: MethodDecorator = (_target, _key, descriptor) => {
    Reflect.defineMetadata('mark', 'mine', descriptor.value as object);
  };
  class Marked {
    @ReadThrough('marked:{0},{1}')
    @mark
    async find(a: string, b: string): Promise<string> {
      return a + b;
    }
  }
  const find = Reflect.get(Marked.prototype, 'find') as (...args: unknown[]) => unknown;
  expect([find.name, find.length]).toEqual(['find', 2]);
  expect(Reflect.getMetadata('mark', find)).toBe('mine');
});
