import { Controller, Get, Injectable, UseGuards, type CanActivate, type INestApplication } from '@nestjs/common';
import { ApolloDriver } from '@nestjs/apollo';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { createServer } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { ReadThrough, RequestCached, type RequestSource } from '@datapunk/cache';
import { closeAfterwards, rootModule } from '../../support/boot.js';

let runs = 0;
beforeEach(() => {
  runs = 0;
});

@Injectable()
class Session {
  @RequestCached()
  async user(): Promise<number> {
    return ++runs;
  }

  @ReadThrough('greeting:{@tenant}')
  async greeting(): Promise<string> {
    return `greeting ${++runs}`;
  }

  @ReadThrough('visitor:{@ip},{@user}')
  async visitor(): Promise<string> {
    return `visitor ${++runs}`;
  }

  async twice(): Promise<number[]> {
    return [await this.user(), await this.user()];
  }
}

@Injectable()
class SessionGuard implements CanActivate {
  constructor(private readonly session: Session) {}

  async canActivate(): Promise<boolean> {
    await this.session.user();
    return true;
  }
}
Reflect.defineMetadata('design:paramtypes', [Session], SessionGuard);

@Controller()
class Web {
  constructor(private readonly session: Session) {}

  @Get('twice')
  @UseGuards(SessionGuard)
  twice(): Promise<number[]> {
    return this.session.twice();
  }

  @Get('greeting')
  greeting(): Promise<string> {
    return this.session.greeting();
  }

  @Get('visitor')
  visitor(): Promise<string> {
    return this.session.visitor();
  }

  @MessagePattern('twice')
  remote(): Promise<number[]> {
    return this.session.twice();
  }
}

@WebSocketGateway()
class Gateway {
  constructor(private readonly session: Session) {}

  @SubscribeMessage('twice')
  async twice(): Promise<{ event: string; data: number[] }> {
    return { event: 'twice', data: await this.session.twice() };
  }
}

@Resolver()
class Numbers {
  constructor(private readonly session: Session) {}

  @Query(() => [Number])
  twice(): Promise<number[]> {
    return this.session.twice();
  }
}

const context = { tenant: (source: RequestSource | undefined) => tenantOf(source?.request) };

function tenantOf(request: unknown): string | undefined {
  const { headers } = (request ?? {}) as { headers?: Record<string, string> };
  return headers?.['x-tenant'];
}

async function listen(app: INestApplication): Promise<string> {
  await closeAfterwards(app).listen(0, '127.0.0.1');
  return app.getUrl();
}

const adapters = { express: () => undefined, fastify: () => new FastifyAdapter() };

describe.each(Object.entries(adapters))('a request over %s', (_name, adapter) => {
  const start = async (prefix?: string) => {
    const root = rootModule({ controllers: [Web], providers: [Session, SessionGuard] }, { context });
    const made = adapter();
    const options = { logger: false as const, abortOnError: false };
    const app = await (made === undefined
      ? NestFactory.create(root, options)
      : NestFactory.create(root, made, options));
    if (prefix !== undefined) app.setGlobalPrefix(prefix);
    return listen(app);
  };
  const json = async (url: string, headers = {}) => (await fetch(url, { headers })).json();

  it('has one context from guard to handler, and its own', async () => {
    const url = await start();
    expect(await json(`${url}/twice`)).toEqual([1, 1]);
    expect(await json(`${url}/twice`)).toEqual([2, 2]);
  });

  it('has one under a global prefix too', async () => {
    const url = await start('api/v1');
    expect(await json(`${url}/api/v1/twice`)).toEqual([1, 1]);
  });

  it('fills context holes from the request, and never shares a key without them', async () => {
    const url = await start();
    const greet = async (tenant: string) =>
      (await fetch(`${url}/greeting`, { headers: { 'x-tenant': tenant } })).text();
    expect([await greet('a'), await greet('b'), await greet('a')]).toEqual(['greeting 1', 'greeting 2', 'greeting 1']);
    expect((await fetch(`${url}/greeting`)).status).toBe(500);
  });

  it('never takes an unknown user for everybody', async () => {
    const url = await start();
    expect((await fetch(`${url}/visitor`)).status).toBe(500);
    expect(runs).toBe(0);
  });
});

it('a GraphQL operation has a context', async () => {
  const graphql = GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true });
  const root = rootModule({ imports: [graphql], providers: [Session, Numbers] }, { context });
  const url = await listen(await NestFactory.create(root, { logger: false, abortOnError: false }));
  const body = JSON.stringify({ query: '{ twice again: twice }' });
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(await answer.json()).toEqual({ data: { twice: [1, 1], again: [1, 1] } });
});

it('a microservice message has a context', async () => {
  const port = await freePort();
  const options = { host: '127.0.0.1', port };
  const root = rootModule({ controllers: [Web], providers: [Session, SessionGuard] }, { context });
  const app = await NestFactory.createMicroservice(root, {
    transport: Transport.TCP,
    options,
    logger: false,
    abortOnError: false,
  });
  await closeAfterwards(app).listen();
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options });
  expect(await firstValueFrom(client.send('twice', {}))).toEqual([1, 1]);
  expect(await firstValueFrom(client.send('twice', {}))).toEqual([2, 2]);
  client.close();
});

it('a WebSocket message has a context', async () => {
  const root = rootModule({ providers: [Session, Gateway] }, { context });
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  const url = (await listen(app)).replace('http', 'ws');
  const socket = new WebSocket(url);
  await new Promise((resolve) => socket.once('open', resolve));
  const ask = () =>
    new Promise<unknown>((resolve) => {
      socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString('utf8')).data));
      socket.send(JSON.stringify({ event: 'twice', data: null }));
    });
  expect(await ask()).toEqual([1, 1]);
  expect(await ask()).toEqual([2, 2]);
  socket.close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
