import { Controller, Get } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Query, Resolver } from '@nestjs/graphql';
import { MessagePattern } from '@nestjs/microservices';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { request, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { parseList } from 'structured-headers';
import { describe, expect, it } from 'vitest';
import { RateLimited, RateLimitGuard, SkipRateLimit, type CacheModuleOptions } from '@datapunk/cache';
import { rootModule } from '../../support/boot.js';
import { eventually } from '../../support/redis/wait.js';
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

const BURST = { name: 'burst', scope: 'web', limit: 3, per: '1h', key: '{@user}' } as const;
const DAILY = { name: 'daily', scope: 'web', limit: 3, per: '1d', key: '{@user}' } as const;
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

  @Get('burst')
  @RateLimited(BURST)
  burst(): string {
    return 'burst';
  }

  @Get('both')
  @RateLimited(BURST, DAILY)
  both(): string {
    return 'both';
  }

  @Get('daily')
  @RateLimited(BURST, DAILY)
  @SkipRateLimit('burst')
  daily(): string {
    return 'daily';
  }

  @MessagePattern('mine')
  @RateLimited({ name: 'messages', limit: 2, per: '1h' })
  remote(): string {
    return 'mine';
  }

  @MessagePattern('slow')
  @RateLimited({ name: 'slow-messages', concurrent: 1 })
  async slowRemote(): Promise<string> {
    await pass();
    return 'slow';
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

  @Query(() => Number)
  @RateLimited({ name: 'slow-queries', concurrent: 1 })
  async slow(): Promise<number> {
    await pass();
    return 1;
  }
}

const limits = { rules: { all: { limit: 3, per: '1h' } }, global: ['all'] } as const;

const options: Partial<CacheModuleOptions> = {
  context: { user: (source) => headerOf(source?.request, 'x-user') },
};

describe.each(Object.entries(adapters))('over %s', (_name, adapter) => {
  const start = async (global: boolean) => {
    const guard = global ? [{ provide: APP_GUARD, useClass: RateLimitGuard }] : [];
    const root = rootModule({ controllers: [Web, Whole], providers: guard }, global ? { ...options, limits } : options);
    return listen(await created(root, adapter()));
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

  it('a global limit on requests at a time is that of all routes together, but the skipped', async () => {
    const rules = { together: { concurrent: 1 } } as const;
    const guard = { provide: APP_GUARD, useClass: RateLimitGuard };
    const parts = { controllers: [Web, Whole], providers: [guard] };
    const root = rootModule(parts, { ...options, limits: { rules, global: ['together'] } });
    const url = await listen(await created(root, adapter()));
    const open = shut();
    const slow = oneRequest(`${url}/slow`);
    await eventually('it is under way', () => gate.entered === 1, 5_000);
    expect((await oneRequest(`${url}/open`)).status).toBe(429);
    expect((await oneRequest(`${url}/health`)).status).toBe(200);
    open();
    expect((await slow).status).toBe(200);
    await eventually('there is room', async () => (await oneRequest(`${url}/open`)).status === 200, 5_000);
  });

  it('a route that asks for some limits of a scope leaves what the others have counted', async () => {
    const url = await start(false);
    const statuses: number[] = [];
    for (const path of ['both', 'both', 'burst', 'burst', 'daily', 'daily', 'both']) {
      statuses.push((await get(`${url}/${path}`, 'ann')).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 200, 429, 429]);
  });

  it('a limit on a class is that of all its routes but the skipped', async () => {
    const url = await start(false);
    const statuses: number[] = [];
    for (const path of ['a', 'b', 'c']) statuses.push((await get(`${url}/class/${path}`)).status);
    expect(statuses).toEqual([200, 429, 200]);
  });
});

it('a resolver answers with a code', async () => {
  const url = await listen(await created(rootModule({ imports: [graphql()], providers: [Numbers] })));
  const { errors = [] } = await queried(url, '{ a: one b: one c: one }');
  expect(errors.map(({ path }) => path)).toHaveLength(1);
  expect(errors[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', violated: ['queries'] });
});

it('a resolver has room again when it has ended', async () => {
  const url = await listen(await created(rootModule({ imports: [graphql()], providers: [Numbers] })));
  const open = shut();
  const both = queried(url, '{ a: slow b: slow }');
  await eventually('one is under way', () => gate.entered === 1, 5_000);
  const { errors: refused } = await queried(url, '{ slow }');
  expect(refused?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', violated: ['slow-queries'] });
  open();
  expect((await both).errors).toHaveLength(1);
  await eventually('there is room', async () => (await queried(url, '{ slow }')).errors === undefined, 5_000);
});

it('a message handler answers with an RpcException', async () => {
  const send = await microservice(rootModule({ controllers: [Web] }, options));
  expect([await send('mine'), await send('mine')]).toEqual(['mine', 'mine']);
  await expect(send('mine')).rejects.toMatchObject({ code: 'RATE_LIMITED', violated: ['messages'] });
});

it('a message handler has room again when it has ended', async () => {
  const send = await microservice(rootModule({ controllers: [Web] }, options));
  const open = shut();
  const first = send('slow');
  await eventually('it is under way', () => gate.entered === 1, 5_000);
  await expect(send('slow')).rejects.toMatchObject({ code: 'RATE_LIMITED', violated: ['slow-messages'] });
  open();
  expect(await first).toBe('slow');
  const isRoom = () =>
    send('slow').then(
      () => true,
      () => false,
    );
  await eventually('there is room', isRoom, 5_000);
});

it('the global limits are not those of message handlers', async () => {
  const guard = { provide: APP_GUARD, useClass: RateLimitGuard };
  const rules = { all: { limit: 1, per: '1h' } } as const;
  const send = await microservice(
    rootModule({ controllers: [Web], providers: [guard] }, { ...options, limits: { rules, global: ['all'] } }),
  );
  expect([await send('mine'), await send('mine')]).toEqual(['mine', 'mine']);
});

it('a gateway answers with a WsException', async () => {
  const { ask } = await gatewayClient(rootModule({ providers: [Gateway] }));
  expect([(await ask('mine')).data, (await ask('mine')).data]).toEqual(['mine', 'mine']);
  const refused = await ask('mine');
  expect(refused).toMatchObject({ event: 'exception', data: { code: 'RATE_LIMITED', violated: ['sockets'] } });
});

it('a gateway has room again when its handler has ended', async () => {
  const { heard, send } = await gatewayClient(rootModule({ providers: [Gateway] }));
  const open = shut();
  send('slow');
  send('slow');
  await eventually('the second is refused', () => heard.length === 1, 5_000);
  expect(heard).toMatchObject([{ event: 'exception', data: { code: 'RATE_LIMITED', violated: ['slow-sockets'] } }]);
  open();
  await eventually('the first has ended', () => heard.length === 2, 5_000);
  await eventually(
    'there is room',
    () => {
      send('slow');
      return heard.filter(({ data }) => data === 'slow').length >= 2;
    },
    5_000,
  );
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
