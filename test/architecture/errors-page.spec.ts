import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as door from '@datapunk/cache';
import { CacheError, CacheService, DatapunkCacheModule, ReadThrough } from '@datapunk/cache';
import { DatapunkCacheTestingModule } from '@datapunk/cache/testing';
import { Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cluster, Redis } from 'ioredis';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ROOT } from './support/tree.js';

const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| `'));
const cells = (at: number): string[] => rows.map((row) => row.split('|')[at]?.trim().replaceAll('`', '') ?? '');

describe('the table of errors', () => {
  it('holds every code, and no other', () => {
    expect(cells(1).toSorted()).toEqual(codes().toSorted());
  });

  it('holds every class of the door', () => {
    const classes = Object.entries(door).filter(([, value]) => Object.getPrototypeOf(value) === CacheError);
    expect(new Set(cells(2))).toEqual(new Set(classes.map(([name]) => name)));
  });
});

/** The members of `CacheErrorCode`, which is a type and therefore only in the source. */
function codes(): string[] {
  const path = join(ROOT, 'libs/cache/src/core/errors.ts');
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true);
  const alias = source.statements.filter(ts.isTypeAliasDeclaration).find(({ name }) => name.text === 'CacheErrorCode');
  const members = alias !== undefined && ts.isUnionTypeNode(alias.type) ? alias.type.types : [];
  return members.flatMap((one) =>
    ts.isLiteralTypeNode(one) && ts.isStringLiteral(one.literal) ? [one.literal.text] : [],
  );
}

const root = (options: object = {}): DynamicModule => DatapunkCacheModule.forRoot({ service: 'shop', ...options });

function boot(...imports: DynamicModule[]): Promise<INestApplicationContext> {
  class AppModule {}
  Module({ imports })(AppModule);
  return NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
}

const LAZY = { lazyConnect: true } as const;
const REPLICAS = { ...LAZY, scaleReads: 'slave' } as const;
const testingRoot = DatapunkCacheTestingModule.forRoot.bind(DatapunkCacheTestingModule);

/** Without the compiler's checks, as JavaScript has it. */
const read: (template: string) => MethodDecorator = (template) => Reflect.apply(ReadThrough, undefined, [template]);

class Products {
  [method: `find${number}`]: (id: number) => Promise<unknown>;
}

/** A provider that reads these templates. */
function reading(...templates: string[]): DynamicModule {
  class Found extends Products {}
  Object.defineProperty(Found, 'name', { value: 'Products' });
  for (const [at, template] of templates.entries()) {
    const descriptor: PropertyDescriptor = { value: async () => undefined, configurable: true, writable: true };
    read(template)(Found.prototype, `find${at}`, descriptor);
    Object.defineProperty(Found.prototype, `find${at}`, descriptor);
  }
  return { module: class ProductsModule {}, providers: [{ provide: Products, useClass: Found }] };
}

async function atCall(
  work: (cache: CacheService, products: Products) => Promise<unknown>,
  ...templates: string[]
): Promise<void> {
  const app = await boot(root({ context: { tenant: () => undefined } }), reading(...templates));
  try {
    await work(app.get(CacheService), app.get(Products));
  } finally {
    await app.close();
  }
}

describe('the messages of bad input', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['an unknown option', () => boot(root({ default: { ttl: '5m' } }))],
    ['a bad duration', () => boot(root({ defaults: { ttl: '5 minutes' } }))],
    ['a bad template', () => boot(root(), reading('my product:{0}'))],
    ['overlapping templates', () => boot(root(), reading('product:{0}', 'product:all'))],
    ['a second forRoot', () => boot(root(), { module: class Shop {}, imports: [root()] })],
    ['a value that cannot be kept', () => atCall((cache) => cache.set('product:7', { price: { of: () => 1 } }))],
    ['a class instance', () => atCall((cache) => cache.set('product:7', new URL('https://shop.example')))],
    ['a key that is too long', () => atCall((cache) => cache.get(`product:${'x'.repeat(600)}`))],
    ['an unset variable', () => boot(root({ redis: undefined }))],
    ['a redis that is none', () => boot(root({ redis: 6379 }))],
    ['an address of something else', () => boot(root({ redis: 'http://:hush@shop.example' }))],
    ['a text in the place of a list', () => boot(root({ redis: { nodes: 'a:7000,b:7000' } }))],
    ['sentinels without a name', () => boot(root({ redis: { sentinels: ['a:26379'] } }))],
    ['a misspelt option of redis', () => boot(root({ redis: { url: 'redis://a', requird: false } }))],
    ['a client with a prefix', () => boot(root({ redis: { client: new Redis({ ...LAZY, keyPrefix: 'shop:' }) } }))],
    ['a client that reads from replicas', () => boot(root({ redis: { client: new Cluster([], REPLICAS) } }))],
    ['a client of something else', () => boot(root({ redis: { client: {} } }))],
    ['redis in the testing module', async () => Reflect.apply(testingRoot, undefined, [{ redis: 'redis://a' }])],
    ['a missing context value', () => atCall(async (_cache, products) => products.find0?.(7), 'price:{@tenant},{0}')],
  ])('stand in the page as they are thrown: %s', async (_name, work) => {
    const error = await work().then(
      () => new Error('nothing was thrown'),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(CacheError);
    expect(page.split('\n'), String(error)).toContain(String(error));
  });
});
