import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { servePage } from './page/serve-page.js';
import { readSettings } from './settings.js';

async function start(): Promise<void> {
  const { host, port } = readSettings(process.env);
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { abortOnError: false });
  app.enableShutdownHooks([], { useProcessExit: true });
  servePage(app);
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw error;
  }
  console.log(`The lake is open: ${await app.getUrl()}`);
}

function explain(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `${error.message}: something else listens there; choose another port, such as PORT=3001`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

start().catch((error: unknown) => {
  new Logger('Lake').error(explain(error));
  process.exitCode = 1;
});
