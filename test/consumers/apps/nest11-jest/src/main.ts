import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { exercise } from './exercise';
import { productKey, Products, ShopModule } from './shop';

async function main(): Promise<void> {
  const app = await NestFactory.create(ShopModule, { logger: ['error', 'warn'] });
  await app.init();
  await exercise(app, { products: app.get(Products), key: productKey });
  await app.close();
  console.log(`works on ${process.versions.node}`);
}

void main();
