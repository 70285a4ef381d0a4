import { Controller, Get, Injectable, UseGuards, type CanActivate } from '@nestjs/common';
import { Query, Resolver } from '@nestjs/graphql';
import { MessagePattern } from '@nestjs/microservices';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { beforeEach, describe, expect, it } from 'vitest';
import { ReadThrough, RequestCached, type RequestSource } from '@datapunk/cache';
import { rootModule } from '../../support/boot.js';
import {
  adapters,
  created,
  gatewayClient,
  graphql,
  headerOf,
  listen,
  microservice,
  queried,
} from '../../support/transports.js';

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

const context = { tenant: (source: RequestSource | undefined) => headerOf(source?.request, 'x-tenant') };

describe.each(Object.entries(adapters))('a request over %s', (_name, adapter) => {
  const start = async (prefix?: string) => {
    const root = rootModule({ controllers: [Web], providers: [Session, SessionGuard] }, { context });
    const app = await created(root, adapter());
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
  const root = rootModule({ imports: [graphql()], providers: [Session, Numbers] }, { context });
  const url = await listen(await created(root));
  expect(await queried(url, '{ twice again: twice }')).toEqual({ data: { twice: [1, 1], again: [1, 1] } });
});

it('a microservice message has a context', async () => {
  const send = await microservice(rootModule({ controllers: [Web], providers: [Session, SessionGuard] }, { context }));
  expect(await send('twice')).toEqual([1, 1]);
  expect(await send('twice')).toEqual([2, 2]);
});

it('a WebSocket message has a context', async () => {
  const { ask } = await gatewayClient(rootModule({ providers: [Session, Gateway] }, { context }));
  expect((await ask('twice')).data).toEqual([1, 1]);
  expect((await ask('twice')).data).toEqual([2, 2]);
});
