import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const require = createRequire(import.meta.url);
export const library = require('../../dist/index.js');

/** A Nest application with the built package and these providers. */
export async function applicationOf(providers = [], options = {}) {
  class App {}
  Module({ imports: [library.DatapunkCacheModule.forRoot({ service: 'bench', ...options })], providers })(App);
  return NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
}
