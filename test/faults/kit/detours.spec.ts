import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startStandalone } from '../../support/redis/standalone.js';
import { AppProcess } from './app-process.js';
import { Proxy } from './proxy.js';

it('leads all connections of a process past a proxy, and those to other ports where they were to lead', async () => {
  const [one, other] = await Promise.all([startStandalone(), startStandalone()]);
  onTestFinished(async () => void (await Promise.all([one.stop(), other.stop()])));
  const proxy = await Proxy.start(one, { seed: 1 });
  onTestFinished(() => proxy.close());
  const app = await AppProcess.start(join(__dirname, 'apps/caller.app.ts'), { detours: { [one.port]: proxy.port } });
  onTestFinished(() => app.kill());
  expect(await app.call('ports', one.port, one.host)).toEqual([proxy.port, proxy.port, proxy.port]);
  expect(await app.call('ports', other.port, other.host)).toEqual([other.port, other.port, other.port]);
});
