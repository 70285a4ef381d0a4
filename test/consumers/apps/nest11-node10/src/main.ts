import 'reflect-metadata';
import { strictEqual } from 'node:assert';
import { duration } from '@datapunk/cache';
import { DatapunkCacheTestingModule, FakeClock } from '@datapunk/cache/testing';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { exercise } from './exercise';
import { productKey, Products, ShopModule } from './shop';

@Module({ imports: [DatapunkCacheTestingModule.forRoot()], providers: [Products] })
class TestedModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(ShopModule, { logger: ['error', 'warn'] });
  await exercise(app, { products: app.get(Products), key: productKey });
  await app.close();

  const tested = await NestFactory.createApplicationContext(TestedModule, { logger: ['error', 'warn'] });
  const products = tested.get(Products);
  await products.find(7);
  tested.get(FakeClock).advance(duration('11m'));
  await products.find(7);
  strictEqual(products.reads, 2);
  await tested.close();
  console.log(`works on ${process.versions.node}`);
}

void main();
