import 'reflect-metadata';
import { CacheError } from '@datapunk/cache';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { servePage } from './page/serve-page.js';
import { placeOf, readSettings } from './settings.js';

async function start(): Promise<void> {
  const settings = readSettings(process.env);
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { abortOnError: false });
  app.enableShutdownHooks([], { useProcessExit: true });
  servePage(app);
  try {
    await app.listen(settings.port, settings.host);
  } catch (error) {
    await app.close();
    throw error;
  }
  new Logger('Lake').log(`answers are kept ${placeOf(settings)}`);
  console.log(`The lake is open: ${await app.getUrl()}`);
}

function explain(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `${error.message}: something else listens there; choose another port, such as PORT=3001`;
  }
  // Its message says what to do; where it was thrown from, Nest has told already.
  if (error instanceof CacheError) return String(error);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

start().catch((error: unknown) => {
  new Logger('Lake').error(explain(error));
  // What was opened in the meantime, such as the database, would keep a process without a purpose alive.
  process.exit(1);
});
