import { ApolloDriver } from '@nestjs/apollo';
import { Controller, Get, type INestApplication } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { request, type IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { firstValueFrom } from 'rxjs';
import { parseList } from 'structured-headers';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { RateLimited, RateLimitGuard, SkipRateLimit, type CacheModuleOptions } from '@datapunk/cache';
import { closeAfterwards, rootModule } from '../../support/boot.js';
import { eventually } from '../../support/redis/wait.js';

const MINE = { name: 'mine', limit: 2, per: '1h', key: '{@user}' } as const;

/** What slow handlers wait for, and how many came since it was shut. */
const gate = { opened: Promise.resolve(), entered: 0 };

/** @returns what lets those on who have come meanwhile */
function shut(): () => void {
  let open: () => void = () => undefined;
  gate.opened = new Promise((resolve) => (open = resolve));
  gate.entered = 0;
  return () => open();
}

async function pass(): Promise<void> {
  gate.entered += 1;
  await gate.opened;
}

@Controller()
class Web {
  @Get('mine')
  @RateLimited(MINE)
  mine(): string {
    return 'mine';
  }

  @Get('slow')
  @RateLimited({ name: 'slow', concurrent: 1 })
  async slow(): Promise<string> {
    await pass();
    return 'slow';
  }

  @Get('open')
  open(): string {
    return 'open';
  }

  @Get('health')
  @SkipRateLimit()
  health(): string {
    return 'well';
  }

  @MessagePattern('mine')
  @RateLimited({ name: 'messages', limit: 2, per: '1h' })
  remote(): string {
    return 'mine';
  }
}

@Controller('class')
@RateLimited({ name: 'class', limit: 1, per: '1h', key: '{@ip}' })
class Whole {
  @Get('a')
  a(): string {
    return 'a';
  }

  @Get('b')
  b(): string {
    return 'b';
  }

  @Get('c')
  @SkipRateLimit('class')
  c(): string {
    return 'c';
  }
}

@WebSocketGateway()
class Gateway {
  @SubscribeMessage('slow')
  @RateLimited({ name: 'slow-sockets', concurrent: 1 })
  async slow(): Promise<{ event: string; data: string }> {
    await pass();
    return { event: 'slow', data: 'slow' };
  }

  @SubscribeMessage('mine')
  @RateLimited({ name: 'sockets', limit: 2, per: '1h' })
  mine(): { event: string; data: string } {
    return { event: 'mine', data: 'mine' };
  }
}

@Resolver()
class Numbers {
  @Query(() => Number)
  @RateLimited({ name: 'queries', limit: 2, per: '1h' })
  one(): number {
    return 1;
  }
}

const limits = { rules: { all: { limit: 3, per: '1h' } }, global: ['all'] } as const;

const options: Partial<CacheModuleOptions> = {
  context: { user: (source) => userOf(source?.request) },
};

function userOf(request: unknown): string | undefined {
  const { headers } = (request ?? {}) as { headers?: Record<string, string> };
  return headers?.['x-user'];
}

async function listen(app: INestApplication): Promise<string> {
  await closeAfterwards(app).listen(0, '127.0.0.1');
  return app.getUrl();
}

const adapters = { express: () => undefined, fastify: () => new FastifyAdapter() };

describe.each(Object.entries(adapters))('over %s', (_name, adapter) => {
  const start = async (global: boolean) => {
    const guard = global ? [{ provide: APP_GUARD, useClass: RateLimitGuard }] : [];
    const root = rootModule({ controllers: [Web, Whole], providers: guard }, global ? { ...options, limits } : options);
    const made = adapter();
    const silent = { logger: false as const, abortOnError: false };
    return listen(
      await (made === undefined ? NestFactory.create(root, silent) : NestFactory.create(root, made, silent)),
    );
  };
  const get = (url: string, user?: string) => fetch(url, { headers: user === undefined ? {} : { 'x-user': user } });

  it('a route with a limit answers 429 when it is reached, for each user by himself', async () => {
    const url = `${await start(false)}/mine`;
    const statuses: number[] = [];
    for (const user of ['ann', 'ann', 'ann', 'bob', undefined]) statuses.push((await get(url, user)).status);
    expect(statuses).toEqual([200, 200, 429, 200, 200]);
  });

  it('tells the limits as Structured Fields, and when to come again', async () => {
    const url = `${await start(false)}/mine`;
    const first = await get(url, 'ann');
    expect(parseList(first.headers.get('ratelimit-policy') ?? '')).toEqual([
      ['mine', new Map(Object.entries({ q: 2, w: 3_600 }))],
    ]);
    expect(parseList(first.headers.get('ratelimit') ?? '')).toEqual([
      ['mine', new Map(Object.entries({ r: 1, t: 1_800 }))],
    ]);
    expect(first.headers.get('retry-after')).toBeNull();
    await get(url, 'ann');
    const refused = await get(url, 'ann');
    const [[, told] = []] = parseList(refused.headers.get('ratelimit') ?? '');
    expect(told?.get('r')).toBe(0);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(Number(told?.get('t')));
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(await refused.json()).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      'violated-policies': ['mine'],
    });
  });

  it('a global guard holds every route to the global limits, counts once, and lets pass what is skipped', async () => {
    const url = await start(true);
    const statuses: number[] = [];
    for (const path of ['mine', 'open', 'health', 'health', 'open', 'open', 'health']) {
      statuses.push((await get(`${url}/${path}`, 'ann')).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 200]);
  });

  it('a route with a limit on requests at a time has room again when it has answered, or its client has gone', async () => {
    const url = `${await start(false)}/slow`;
    const ask = (signal?: AbortSignal) => oneRequest(url, signal);
    const isRoom = async () => (await ask()).status === 200;
    const open = shut();
    const first = ask();
    await eventually('it is under way', () => gate.entered === 1, 5_000);
    const { status, headers, body } = await ask();
    expect(status).toBe(429);
    expect(parseList(String(headers['ratelimit-policy']))).toEqual([
      ['slow', new Map<string, unknown>(Object.entries({ q: 1, qu: 'concurrent-requests' }))],
    ]);
    expect(parseList(String(headers['ratelimit']))).toEqual([['slow', new Map([['r', 0]])]]);
    expect(headers['retry-after']).toBe('1');
    expect(JSON.parse(body)).toMatchObject({ status: 429, 'violated-policies': ['slow'] });
    open();
    expect((await first).body).toBe('slow');
    await eventually('there is room', isRoom, 5_000);

    const openLater = shut();
    const leaving = new AbortController();
    const left = ask(leaving.signal);
    await eventually('it is under way', () => gate.entered === 1, 5_000);
    gate.opened = Promise.resolve();
    expect(await isRoom()).toBe(false);
    leaving.abort();
    await expect(left).rejects.toThrow('abort');
    await eventually('there is room though the handler goes on', isRoom, 5_000);
    openLater();
  });

  it('a limit on a class is that of all its routes but the skipped', async () => {
    const url = await start(false);
    const statuses: number[] = [];
    for (const path of ['a', 'b', 'c']) statuses.push((await get(`${url}/class/${path}`)).status);
    expect(statuses).toEqual([200, 429, 200]);
  });
});

it('a resolver answers with a code', async () => {
  const graphql = GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true });
  const root = rootModule({ imports: [graphql], providers: [Numbers] });
  const url = await listen(await NestFactory.create(root, { logger: false, abortOnError: false }));
  const body = JSON.stringify({ query: '{ a: one b: one c: one }' });
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { errors } = (await answer.json()) as { errors: { path: string[]; extensions: object }[] };
  expect(errors.map(({ path }) => path)).toHaveLength(1);
  expect(errors[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', violated: ['queries'] });
});

it('a message handler answers with an RpcException', async () => {
  const connection = { host: '127.0.0.1', port: await freePort() };
  const app = await NestFactory.createMicroservice(rootModule({ controllers: [Web] }, options), {
    transport: Transport.TCP,
    options: connection,
    logger: false,
    abortOnError: false,
  });
  await closeAfterwards(app).listen();
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options: connection });
  const ask = () => firstValueFrom(client.send<string>('mine', {}));
  expect([await ask(), await ask()]).toEqual(['mine', 'mine']);
  await expect(ask()).rejects.toMatchObject({ code: 'RATE_LIMITED', violated: ['messages'] });
  client.close();
});

it('a gateway answers with a WsException', async () => {
  const root = rootModule({ providers: [Gateway] });
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  const socket = new WebSocket((await listen(app)).replace('http', 'ws'));
  await new Promise((resolve) => socket.once('open', resolve));
  const ask = () =>
    new Promise<{ event: string; data: unknown }>((resolve) => {
      socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString('utf8'))));
      socket.send(JSON.stringify({ event: 'mine', data: null }));
    });
  expect([(await ask()).data, (await ask()).data]).toEqual(['mine', 'mine']);
  expect(await ask()).toMatchObject({ event: 'exception', data: { code: 'RATE_LIMITED', violated: ['sockets'] } });
  socket.close();
});

it('a gateway has room again when its handler has ended', async () => {
  const root = rootModule({ providers: [Gateway] });
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  const socket = new WebSocket((await listen(app)).replace('http', 'ws'));
  await new Promise((resolve) => socket.once('open', resolve));
  const heard: unknown[] = [];
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString('utf8'))));
  const ask = () => socket.send(JSON.stringify({ event: 'slow', data: null }));
  const open = shut();
  ask();
  ask();
  await eventually('the second is refused', () => heard.length === 1, 5_000);
  expect(heard).toMatchObject([{ event: 'exception', data: { code: 'RATE_LIMITED', violated: ['slow-sockets'] } }]);
  open();
  await eventually('the first has ended', () => heard.length === 2, 5_000);
  await eventually(
    'there is room',
    () => {
      ask();
      return heard.filter((one) => (one as { data: unknown }).data === 'slow').length >= 2;
    },
    5_000,
  );
  socket.close();
});

/** On a connection of its own, so that none is left open by a client that goes away. */
function oneRequest(url: string, signal?: AbortSignal) {
  return new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const asked = request(url, { agent: false, ...(signal === undefined ? {} : { signal }) }, (answer) => {
      const { statusCode: status, headers } = answer;
      text(answer).then((body) => resolve({ status, headers, body }), reject);
    });
    asked.on('error', reject).end();
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
