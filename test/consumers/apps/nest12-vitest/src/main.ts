import 'reflect-metadata';
import { strictEqual } from 'node:assert';
import { createRequire } from 'node:module';
import { CacheService } from '@datapunk/cache';
import { NestFactory } from '@nestjs/core';
import { exercise } from './exercise.js';
import { exerciseLimits, LimitedModule } from './limited.js';
import { productKey, Products, ShopModule } from './shop.js';

const app = await NestFactory.create(ShopModule, { logger: ['error', 'warn'] });
await app.init();
await exercise(app, { products: app.get(Products), key: productKey });
const required = createRequire(import.meta.url)('@datapunk/cache') as { CacheService: unknown };
strictEqual(required.CacheService, CacheService, 'import and require give the same class');
await app.close();
const limited = await NestFactory.create(LimitedModule, { logger: ['error', 'warn'] });
await exerciseLimits(limited, 'application/problem+json');
await limited.close();
console.log(`works on ${process.versions.node}`);
