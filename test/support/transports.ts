import { ApolloDriver } from '@nestjs/apollo';
import type { DynamicModule, INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { firstValueFrom } from 'rxjs';
import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { closeAfterwards } from './boot.js';
import { freePort, HOST } from './redis/ports.js';

type Root = new () => object;

const SILENT = { logger: false, abortOnError: false } as const;

/** What Nest serves HTTP with. */
export const adapters: Readonly<Record<'express' | 'fastify', () => FastifyAdapter | undefined>> = {
  express: () => undefined,
  fastify: () => new FastifyAdapter(),
};

export function created(root: Root, adapter?: FastifyAdapter): Promise<INestApplication> {
  return adapter === undefined ? NestFactory.create(root, SILENT) : NestFactory.create(root, adapter, SILENT);
}

/** @returns the URL of the application, which is closed at the end of the test */
export async function listen(app: INestApplication): Promise<string> {
  await closeAfterwards(app).listen(0, HOST);
  return app.getUrl();
}

/** What a request says in a header. */
export function headerOf(request: unknown, name: string): string | undefined {
  const { headers } = (request ?? {}) as { headers?: Record<string, string> };
  return headers?.[name];
}

export function graphql(): DynamicModule {
  return GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true });
}

export interface Answered {
  readonly data?: unknown;
  readonly errors?: readonly { readonly path: readonly string[]; readonly extensions: object }[];
}

/** Asks the GraphQL of an application. */
export async function queried(url: string, query: string): Promise<Answered> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await answer.json()) as Answered;
}

/** A microservice of these parts. @returns what sends it a message without content */
export async function microservice(root: Root): Promise<(pattern: string) => Promise<unknown>> {
  const connection = { host: HOST, port: await freePort() };
  const app = await NestFactory.createMicroservice(root, { transport: Transport.TCP, options: connection, ...SILENT });
  await closeAfterwards(app).listen();
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options: connection });
  onTestFinished(() => client.close());
  return (pattern) => firstValueFrom(client.send<unknown>(pattern, {}));
}

export interface Message {
  readonly event: string;
  readonly data: unknown;
}

/** A client of the gateways of these parts. */
export async function gatewayClient(root: Root) {
  const app = await created(root);
  app.useWebSocketAdapter(new WsAdapter(app));
  const socket = new WebSocket((await listen(app)).replace('http', 'ws'));
  onTestFinished(() => socket.close());
  await new Promise((resolve) => socket.once('open', resolve));
  const heard: Message[] = [];
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString('utf8')) as Message));
  const send = (event: string): void => socket.send(JSON.stringify({ event, data: null }));
  /** Its answer is the next message. */
  const ask = (event: string): Promise<Message> =>
    new Promise((resolve) => {
      socket.once('message', () => resolve(heard.at(-1) ?? { event: 'nothing', data: undefined }));
      send(event);
    });
  return { heard, send, ask };
}
