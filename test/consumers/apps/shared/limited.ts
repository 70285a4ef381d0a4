import { deepStrictEqual, match, strictEqual } from 'node:assert';
import { DatapunkCacheModule, RateLimited } from '@datapunk/cache';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';

let open: () => void = () => undefined;

@Controller()
export class LimitedRoutes {
  @Get('limited')
  @RateLimited({ name: 'two', limit: 2, per: '1h', key: '{@ip}' })
  limited(): string {
    return 'limited';
  }

  @Get('slow')
  @RateLimited({ name: 'alone', concurrent: 1 })
  async slow(): Promise<string> {
    await new Promise<void>((resolve) => (open = resolve));
    return 'slow';
  }
}

@Module({ imports: [DatapunkCacheModule.forRoot({ service: 'shop' })], controllers: [LimitedRoutes] })
export class LimitedModule {}

/**
 * Asks more of the routes than their limits allow, and throws where they do not answer as they should.
 * @param type the content type of a refusal
 */
export async function exerciseLimits(app: INestApplication, type: string): Promise<void> {
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const statuses: number[] = [];
  for (let n = 0; n < 3; n += 1) statuses.push((await fetch(`${url}/limited`)).status);
  deepStrictEqual(statuses, [200, 200, 429]);
  const refused = await fetch(`${url}/limited`);
  strictEqual(refused.headers.get('ratelimit-policy'), '"two";q=2;w=3600');
  match(refused.headers.get('ratelimit') ?? '', /^"two";r=0;t=\d+$/);
  match(refused.headers.get('retry-after') ?? '', /^\d+$/);
  strictEqual(refused.headers.get('content-type')?.split(';')[0], type);
  deepStrictEqual(((await refused.json()) as Record<string, unknown>)['violated-policies'], ['two']);

  const both = [fetch(`${url}/slow`), fetch(`${url}/slow`)];
  const alone = await Promise.race(both);
  strictEqual(alone.status, 429, 'one at a time');
  strictEqual(alone.headers.get('ratelimit-policy'), '"alone";q=1;qu="concurrent-requests"');
  open();
  const codes = (await Promise.all(both)).map(({ status }) => status);
  deepStrictEqual(codes.sort(), [200, 429]);
}
