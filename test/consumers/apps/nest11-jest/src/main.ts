import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { exercise } from './exercise';
import { exerciseLimits, LimitedModule } from './limited';
import { productKey, Products, ShopModule } from './shop';

async function main(): Promise<void> {
  const app = await NestFactory.create(ShopModule, { logger: ['error', 'warn'] });
  await app.init();
  await exercise(app, { products: app.get(Products), key: productKey });
  await app.close();
  // Express under Nest 11 changes the content type of a refusal, and warns that it does.
  const limited = await NestFactory.create(LimitedModule, { logger: ['error'] });
  await exerciseLimits(limited, 'application/json');
  await limited.close();
  console.log(`works on ${process.versions.node}`);
}

void main();
